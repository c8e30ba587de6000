/** What word lists found, on a card of the desk: marked in the text, and named under it. Knows no socket. */
import { el } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { DETECTORS, pieces, reasons, urgent } from '../state/hits.js';

/** @typedef {import("../state/hits.js").Hit} Hit */

/**
 * The text as it was sent, with what was found in it marked.
 * @param {string} text @param {Hit[]} hits
 */
export function markedText(text, hits) {
  const here = hits.filter((hit) => hit.field === 'text');
  return pieces(text, here).map(({ text: part, hit }) => (hit ? el('mark', { class: hit.action }, part) : part));
}

/**
 * What was found, the most severe first; null when nothing was.
 * @param {{state: string, hits?: Hit[]}} question @param {Record<string, string>} names of the lists
 */
export function hitsOf(question, names) {
  const hits = reasons(question.hits ?? []);
  if (hits.length === 0) return null;
  return el(
    'div',
    { class: 'hits small' },
    urgent(question) && el('p', { class: 'note bad' }, el('strong', {}, t('请审核组长马上处理'))),
    el('ul', { 'aria-label': t('词表命中') }, ...hits.map((hit) => el('li', {}, badge(hit), ` ${words(hit, names)}`))),
  );
}

/** @param {Hit} hit */
function badge(hit) {
  const [colour, name] = {
    escalate: ['badge alarm', t('紧急')],
    hold: ['badge wait', t('拦下')],
    mask: ['badge', t('遮盖')],
    flag: ['badge', t('提醒')],
  }[hit.action];
  return el('span', { class: colour }, name);
}

/** @param {Hit} hit @param {Record<string, string>} names */
function words(hit, names) {
  const found = hit.list === DETECTORS ? kind(hit.found) : hit.found;
  const list = hit.list === DETECTORS ? t('个人信息') : (names[hit.list] ?? hit.list);
  const sound = hit.by_sound ? t('（谐音）') : '';
  return `${found}${sound} · ${list} · ${t('第 {n} 版', { n: hit.version })}`;
}

/** As data_kind in _parts.html. @param {string} found */
function kind(found) {
  const words = {
    identity: t('身份证号'),
    mobile: t('手机号'),
    landline: t('座机号'),
    bank_card: t('银行卡号'),
    plate: t('车牌号'),
    email: t('邮箱'),
    account: t('微信号或 QQ 号'),
    address: t('可能是住址'),
    number: t('一长串数字'),
  };
  return words[/** @type {keyof typeof words} */ (found)] ?? found;
}
