/** Cards of one's own questions that are not committed: waiting, or come back. Knows no store: what a button does is given. */
import { el, say } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { EDITING, isFree, isOver } from '../state/outbox.js';

/** @typedef {import("../state/outbox.js").Entry} Entry */

/**
 * @param {Entry} entry
 * @param {{first: boolean, held: boolean, edit: (key: string) => void, discard: (key: string) => void}} how
 */
export function waitingCard(entry, { first, held, edit, discard }) {
  /** @type {HTMLElement} */
  let words;
  if (held && first) words = el('strong', { 'aria-hidden': 'true', 'data-countdown': true });
  else if (held) words = el('strong', {}, t('排在前一个之后，自动发送'));
  else words = el('strong', {}, t('正在发送；没有网络时，联网后会自动发送'));
  return el(
    'li',
    { class: 'card' },
    el('p', {}, entry.text),
    el('p', { class: 'small' }, words),
    isFree(entry) &&
      el(
        'div',
        { class: 'small row' },
        button(t('修改'), 'edit', () => edit(entry.key)),
        button(t('撤回'), 'discard', () => discard(entry.key)),
      ),
  );
}

/** Tell every countdown of the page how long it is. @param {number} milliseconds */
export function tick(milliseconds) {
  const n = Math.max(1, Math.ceil(milliseconds / 1000));
  // The figure keeps its width: what stands after it must not tremble.
  const [before = '', after = ''] = t('还有 {n} 秒自动发送', { n: '\n' }).split('\n');
  for (const place of document.querySelectorAll('[data-countdown]')) {
    if (!place.firstElementChild) place.replaceChildren(before, el('span', { class: 'figure' }), after);
    say(/** @type {Element} */ (place.firstElementChild), String(n));
  }
}

/**
 * @param {Entry} entry
 * @param {{limit: number, next: string | null, reword: (key: string, text: string) => void,
 *   again: (key: string, text: string) => void, discard: (key: string) => void}} how `next`: the topic of the session
 *   that takes questions now, null when none does
 */
export function returnedCard(entry, { limit, next, reword, again, discard }) {
  const over = isOver(entry);
  const field = /** @type {HTMLTextAreaElement} */ (el('textarea', { rows: '3', 'aria-label': t('您写的提问') }));
  field.value = entry.text;
  const left = el('p', { class: 'hint figure' });
  const count = () => {
    const n = limit - [...field.value.trim()].length;
    say(left, n < 0 ? t('超出 {n} 字', { n: -n }) : t('还可写 {n} 字', { n }));
    return n;
  };
  count();
  field.addEventListener('input', count);
  field.addEventListener('change', () => reword(entry.key, field.value));
  const send = () => {
    const text = field.value.trim();
    if (text && count() >= 0) again(entry.key, text);
    else field.focus();
  };
  return el(
    'li',
    { class: 'card stack returned' },
    el('p', { class: 'small' }, el('strong', {}, reason(entry))),
    over && el('p', { class: 'small' }, wayOn(next)),
    el('div', { class: 'field' }, field, left),
    el(
      'div',
      { class: 'row' },
      (!over || next !== null) &&
        el('button', { class: 'button main', 'data-act': 'again', onclick: send }, sendWords(over, entry)),
      button(t('不要了'), 'discard', () => discard(entry.key)),
    ),
  );
}

/** @param {Entry} entry */
function reason(entry) {
  if (entry.back?.code === EDITING) return t('正在修改，还没有发送');
  if (isOver(entry)) return t('这一场结束了，这个提问没有来得及提交，内容还在这里。');
  return `${t('没有提交成功：')}${entry.back?.message ?? ''}`;
}

/** @param {string | null} next */
function wayOn(next) {
  if (next !== null) return t('可以提给现在这一场：{topic}', { topic: next });
  return el('span', {}, t('下一场开始接受提问后，可以在这里提交；也可以到代表联络站留言。'), ' ', home());
}

const home = () => el('a', { href: '/' }, t('看看接下来的场次'));

/** @param {boolean} over @param {Entry} entry */
function sendWords(over, entry) {
  if (over) return t('提给这一场');
  return entry.back?.code === EDITING ? t('改好了，发送') : t('再次提交');
}

/** @param {string} words @param {string} act @param {() => void} onclick */
function button(words, act, onclick) {
  return el('button', { class: 'button quiet', 'data-act': act, onclick }, words);
}
