/** The offer to take the last move back, for as long as it can be. Knows no move. */
import { byId, say } from '../lib/dom.js';
import { t } from '../lib/words.js';

const SECONDS = 10;

/** @param {(first: number, last: number) => void} undo */
export function undoOffer(undo) {
  const bar = byId('undo', HTMLElement);
  const words = byId('undo-words', HTMLElement);
  const left = byId('undo-left', HTMLElement);
  /** @type {{first: number, last: number} | null} */
  let last = null;
  let until = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;

  function tick() {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    say(left, String(Math.max(0, seconds)));
    if (seconds <= 0) forget();
  }

  function forget() {
    clearInterval(ticking);
    last = null;
    bar.hidden = true;
  }

  function take() {
    if (!last) return;
    const { first, last: end } = last;
    forget();
    undo(first, end);
  }

  byId('undo-button', HTMLButtonElement).addEventListener('click', take);
  return {
    take,
    forget,
    /** @param {string} what @param {{[name: string]: any}} answer as the server gave it */
    offer(what, answer) {
      if (answer.first === undefined || answer.last === undefined) return forget();
      last = { first: answer.first, last: answer.last };
      until = Date.now() + SECONDS * 1000;
      say(words, `${what} ${t('可以撤销')}`);
      bar.hidden = false;
      clearInterval(ticking);
      ticking = setInterval(tick, 250);
      tick();
    },
  };
}
