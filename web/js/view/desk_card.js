/** A question on the desk. Knows no socket: what a button does is given. */
import { reasonWords, sourceWords } from '../lib/codes.js';
import { el } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { moves } from '../state/desk.js';
import { urgent } from '../state/hits.js';
import { codesOf } from './by.js';
import { hitsOf, markedText } from './hits.js';
import { MAIN, MOVES } from './moves.js';

const ALWAYS = 3;
/** How many buttons a card shows before it is chosen. */

/** @typedef {import("../state/room.js").Question} Question */

/**
 * @param {Question} q
 * @param {{may: string[], cut: boolean, claim: import("../state/room.js").Claim | undefined, own: boolean, picked: boolean,
 *   into: Question | undefined, act: (move: string, q: Question) => void, choose: (id: string) => void,
 *   pick: (id: string) => void, takeOver: (q: Question) => void, lists: Record<string, string>}} how
 */
export function deskCard(q, how) {
  const buttons = moves(q, how.may, how.cut).map((move, at) => button(move, at, () => how.act(move, q)));
  return el(
    'li',
    {
      class: q.state === 'on_air' ? 'card desk-card now' : 'card desk-card',
      tabindex: '0',
      'data-picked': String(how.picked),
      'data-urgent': String(urgent(q)),
      onclick: () => how.choose(q.id),
      onfocusin: () => how.choose(q.id),
    },
    el(
      'div',
      { class: 'desk-text' },
      el('input', {
        type: 'checkbox',
        'data-act': 'pick',
        'aria-label': t('选中 #{label}', { label: q.label }),
        checked: how.picked,
        onchange: () => how.pick(q.id),
      }),
      el('p', {}, ...(q.original_text ? [q.text] : markedText(q.text, q.hits ?? []))),
    ),
    q.original_text ? el('p', { class: 'original' }, t('原文：'), ...markedText(q.original_text, q.hits ?? [])) : null,
    hitsOf(q, how.lists),
    el('p', { class: 'small soft row' }, ...codesOf(q), ...facts(q)),
    badges(q),
    how.claim ? claimLine(how.claim, how.own, () => how.takeOver(q)) : null,
    q.refusal ? el('p', { class: 'small' }, reasonWords(q.refusal), q.note ? ` ${q.note}` : null) : null,
    q.state === 'deferred' && q.note ? el('p', { class: 'small' }, q.note) : null,
    q.appeal ? el('p', { class: 'original' }, `${t('申诉：')}${q.appeal}`) : null,
    how.into ? el('p', { class: 'small' }, `→ #${how.into.label} ${how.into.text}`) : null,
    buttons.length > 0 && el('div', { class: 'actions' }, ...buttons),
  );
}

/** @param {string} move @param {number} at @param {() => void} act */
function button(move, at, act) {
  const [words, key] = MOVES[move];
  return el(
    'button',
    {
      class: `button${MAIN.includes(move) ? ' main' : ''}${at >= ALWAYS ? ' more' : ''}`,
      'data-act': move,
      onclick: (event) => {
        event.stopPropagation();
        act();
      },
    },
    words,
    el('span', { class: 'key', 'aria-hidden': 'true' }, key),
  );
}

/** @param {Question} q */
function facts(q) {
  return [
    q.votes > 0 ? t('{votes} 人附议', { votes: q.votes }) : '',
    q.merged > 0 ? t('含 {n} 个相同提问', { n: q.merged }) : '',
    sourceWords(q.source ?? 'web'),
    q.verified ? t('已验证') : '',
  ]
    .filter(Boolean)
    .map((words) => el('span', {}, words));
}

/** @param {Question} q */
function badges(q) {
  const held = { list: t('词表拦下'), shield: t('防刷拦下') }[q.state === 'held' ? (q.held_because ?? '') : ''];
  const words = [
    held && el('span', { class: 'badge wait' }, held),
    ...q.tags.map((tag) => el('span', { class: 'badge' }, tag)),
    q.assigned_name ? el('span', { class: 'badge' }, t('交给 {name}', { name: q.assigned_name })) : null,
  ].filter(Boolean);
  return words.length > 0 ? el('p', { class: 'row' }, .../** @type {HTMLElement[]} */ (words)) : null;
}

/** @param {import("../state/room.js").Claim} claim @param {boolean} own @param {() => void} takeOver */
function claimLine(claim, own, takeOver) {
  if (own) return el('p', { class: 'small claim' }, t('您正在处理'));
  return el(
    'p',
    { class: 'small claim other row' },
    el('span', {}, t('{name} 正在处理', { name: claim.by_name })),
    el('button', { class: 'button quiet', 'data-act': 'take-over', onclick: takeOver }, t('接手')),
  );
}
