/** While somebody types: look for similar questions, and never be in the way. Joins field, socket, state and view. */
import { cards, likely, outdated, saysSomething } from '../state/similar.js';
import { isOpen } from '../state/room.js';
import { SimilarRow } from '../view/similar.js';

/** @typedef {import("../state/room.js").RoomState} RoomState */

/** Fast fingers, and syllables that become characters, are waited for; with the answer it stays under 150 ms. */
const PAUSE = 100;
const REST = 10_000;

/**
 * @param {{field: HTMLTextAreaElement, room: () => RoomState, second: (id: string) => void, link: () => string,
 *   wish: (wish: {type: string, text: string}) => Promise<{[name: string]: any}>}} how
 * @returns {{redraw: () => void}}
 */
export function suggestSimilar(how) {
  const row = new SimilarRow(how.field.closest('.field') ?? how.field, how.second);
  /** @type {import("../state/similar.js").Found[]} */
  let found = [];
  /** @type {"looking" | "looked" | "offline"} */
  let progress = 'looking';
  let asked = '';
  let asking = false;
  let composing = false;
  let restUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;

  function draw() {
    if (saysSomething(how.field.value)) row.show(cards(found, how.room(), isOpen(how.room().session)), progress);
    else if (!row.busy) close();
  }

  function close() {
    clearTimeout(pause);
    found = [];
    asked = '';
    progress = 'looking';
    row.close();
  }

  function typed() {
    if (composing) return;
    row.touched = false;
    later();
    draw();
  }

  function later() {
    clearTimeout(pause);
    if (saysSomething(how.field.value)) pause = setTimeout(look, PAUSE);
  }

  async function look() {
    const text = how.field.value.trim();
    if (text === asked || !saysSomething(text)) return;
    // One at a time: on a weak link the words of now are asked for when the answer to those before is there.
    if (asking) return;
    if (how.link() === 'offline' || Date.now() < restUntil) {
      lookHere(text);
      return;
    }
    asked = text;
    asking = true;
    try {
      const answer = await how.wish({ type: 'similar', text });
      take(answer.found, 'looked');
    } catch {
      restUntil = Date.now() + REST;
      lookHere(text);
    } finally {
      asking = false;
      later();
    }
  }

  /** @param {string} text */
  function lookHere(text) {
    take(likely(text, how.room().questions.values(), how.room().session?.id ?? ''), 'offline');
  }

  /** @param {import("../state/similar.js").Found[]} likest @param {"looked" | "offline"} after */
  function take(likest, after) {
    if (row.busy) return;
    found = likest;
    progress = after;
    draw();
  }

  how.field.addEventListener('compositionstart', () => {
    composing = true;
  });
  how.field.addEventListener('compositionend', () => {
    composing = false;
    typed();
  });
  how.field.addEventListener('input', typed);

  function redraw() {
    if (found.length === 0) return;
    draw();
    if (row.busy || !outdated(found, how.room())) return;
    asked = ''; // the same words lead to another question now
    later();
  }
  return { redraw };
}
