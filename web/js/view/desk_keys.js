/** The keyboard of the desk. Knows no socket: what a key does is given. */
import { byId, el } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { KEYS, moveOf, movesForMany } from '../state/desk.js';
import { MOVES } from './moves.js';

/** @typedef {import("../state/room.js").Question} Question */

/**
 * @param {{walk: (step: number, sideways: boolean) => void, search: HTMLInputElement,
 *   question: () => Question | undefined, may: () => string[], picked: () => Question[],
 *   act: (move: string, question: Question) => void, actOnPicked: (move: string) => void, pick: () => void,
 *   clear: () => void, claim: (question: Question) => void, undo: () => void, shield: () => void}} desk
 */
export function listenToKeys(desk) {
  const help = byId('keys-dialog', HTMLDialogElement);
  /** @type {Record<string, () => void>} */
  const steps = {
    j: () => desk.walk(1, false),
    ArrowDown: () => desk.walk(1, false),
    k: () => desk.walk(-1, false),
    ArrowUp: () => desk.walk(-1, false),
    l: () => desk.walk(1, true),
    ArrowRight: () => desk.walk(1, true),
    h: () => desk.walk(-1, true),
    ArrowLeft: () => desk.walk(-1, true),
    x: desk.pick,
    z: desk.undo,
    s: desk.shield,
    Escape: desk.clear,
    '/': () => desk.search.focus(),
    '?': () => help.showModal(),
  };

  addEventListener('keydown', (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const open = document.querySelector('dialog[open]');
    if (open) return chooseReason(open, event);
    const typing = target.matches('input:not([type=checkbox]), textarea, select');
    if (event.ctrlKey || event.metaKey || event.altKey || typing) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    const question = desk.question();
    if (event.shiftKey && question && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      desk.act(event.key === 'ArrowUp' ? 'up' : 'down', question);
    } else if (event.key === ' ' && question && target.matches('.desk-card')) {
      event.preventDefault();
      desk.claim(question);
    } else if (event.key in steps) {
      event.preventDefault();
      steps[event.key]();
    } else if (press(event.key.toLowerCase(), question)) event.preventDefault();
  });

  /** @param {string} key @param {Question | undefined} question @returns {boolean} whether the key meant something */
  function press(key, question) {
    const picked = desk.picked();
    if (picked.length > 0) {
      const named = /** @type {Record<string, readonly string[]>} */ (KEYS)[key] ?? [];
      const move = named.find((one) => movesForMany(picked, desk.may()).includes(one));
      if (move) desk.actOnPicked(move);
      return Boolean(move);
    }
    const move = question && moveOf(key, question, desk.may());
    if (question && move) desk.act(move, question);
    return Boolean(move);
  }

  byId('show-keys', HTMLButtonElement).addEventListener('click', () => help.showModal());
  byId('keys', HTMLElement).append(
    ...lines().flatMap(([key, words]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, words)]),
  );
}

/** In the dialog of reasons a digit chooses one. @param {Element} open @param {KeyboardEvent} event */
function chooseReason(open, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const n = Number(event.key);
  if (open.id !== 'refuse-dialog' || target.id === 'refuse-note' || !n) return;
  const radio = open.querySelectorAll('input[name=reason]')[n - 1];
  if (radio instanceof HTMLInputElement) radio.checked = true;
}

/** @returns {[string, string][]} */
function lines() {
  return [
    ['J K ↑ ↓', t('上一个、下一个')],
    ['H L ← →', t('换一栏')],
    [t('空格'), t('认领，别人会看到')],
    ['X', t('选中，再按其他键一起处理')],
    ['Z', t('撤销刚才一步（10 秒内）')],
    ...Object.values(MOVES).map(([words, key]) => /** @type {[string, string]} */ ([key, words])),
    ['S', t('开启或关闭防刷')],
    ['/', t('查找')],
    ['Esc', t('关闭，取消选中')],
  ];
}
