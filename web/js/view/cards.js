/** Cards of questions for the public page, as room.html makes them. Knows no socket: what a button does is given. */
import { codesOf } from './by.js';
import { mineWords } from '../lib/codes.js';
import { el } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { CHINA } from '../lib/time.js';
import { t } from '../lib/words.js';

/**
 * @param {import("../state/room.js").Question} question
 * @param {{open: boolean, seconded: boolean, own: boolean, wait: number, second: (id: string) => void}} how
 */
export function questionCard(question, how) {
  const votable = how.open && !how.own && ['published', 'queued', 'on_air'].includes(question.state);
  const vote = votable
    ? el(
        'button',
        {
          class: 'button vote',
          'aria-pressed': String(how.seconded),
          'data-act': 'second',
          'aria-disabled': how.wait > 0 && 'true',
          onclick: () => how.wait > 0 || how.second(question.id),
        },
        el('span', { class: 'figure' }, String(question.votes)),
        el('span', { class: 'word' }, voteWords(how)),
      )
    : el('span', { class: 'vote small soft' }, t('{votes} 人附议', { votes: question.votes }));
  return el(
    'li',
    { class: 'card question' },
    el('p', { class: 'text' }, question.text),
    el('p', { class: 'by' }, ...codesOf(question)),
    vote,
  );
}

/** @param {{seconded: boolean, wait: number}} how */
function voteWords(how) {
  if (how.wait > 0) return t('{n} 秒后再试', { n: how.wait });
  return how.seconded ? t('已附议') : t('附议');
}

/**
 * @param {import("../state/room.js").Mine} question
 * @param {{open: boolean, withdraw: (id: string) => void, appeal: (question: import("../state/room.js").Mine) => void}} how
 */
export function mineCard(question, how) {
  const withdrawable = how.open && ['held', 'pending', 'published', 'queued', 'merged'].includes(question.state);
  const appealable = question.appeal_until !== null && Date.parse(question.appeal_until) > Date.now();
  return el(
    'li',
    { class: 'card' },
    el('p', {}, question.text),
    question.masked ? el('p', { class: 'small soft' }, t('其中有些内容（如号码）已遮盖，不会公开。')) : null,
    el('p', { class: 'small' }, el('strong', {}, mineWords(question)), ` ${noteOf(question)}`),
    appealable && el('p', { class: 'small soft' }, appealWords(question)),
    question.merged_into?.text ? el('p', { class: 'small quote' }, question.merged_into.text) : null,
    el(
      'div',
      { class: 'small row' },
      el('a', { href: `/track/${question.code}` }, `${t('查进度')} #${question.label}`),
      withdrawable &&
        el(
          'button',
          { class: 'button quiet', 'data-act': 'withdraw', onclick: () => how.withdraw(question.id) },
          t('撤回'),
        ),
      appealable &&
        el('button', { class: 'button quiet', 'data-act': 'appeal', onclick: () => how.appeal(question) }, t('申诉')),
    ),
  );
}

/** What was said of the refusal is no answer to the appeal. @param {import("../state/room.js").Mine} question */
function noteOf({ state, note }) {
  return state === 'appealed' ? '' : note;
}

/** @param {import("../state/room.js").Mine} question */
function appealWords({ appeal_until: until }) {
  const when = new Date(until ?? '').toLocaleString(page.lang === 'en' ? 'en' : 'zh-CN', {
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: CHINA,
  });
  return t('不同意的话，{when}之前可以申诉一次。', { when });
}
