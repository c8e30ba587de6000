/** What is answered now, for how long, and what comes next: for whoever speaks. Knows no socket. */
import { byId, el, say, setHidden, sync } from '../lib/dom.js';
import { clock } from '../lib/time.js';
import { t } from '../lib/words.js';
import { onAir, queue } from '../state/room.js';
import { codesOf } from './by.js';

const NEXT = 5;

/** @typedef {import("../state/room.js").RoomState} RoomState */

/**
 * @param {(wish: {type: string, [name: string]: any}) => void} send
 * @returns {(state: RoomState) => void} draws the state; the clocks go on by themselves
 */
export function prompter(send) {
  const text = byId('now-text', HTMLElement);
  const putNext = byId('put-next', HTMLButtonElement);
  /** @type {RoomState | null} */
  let state = null;

  for (const [id, commitment] of /** @type {const} */ ([
    ['answered', false],
    ['commitment', true],
  ])) {
    byId(id, HTMLButtonElement).addEventListener('click', () => {
      const now = state && onAir(state);
      if (now) send({ type: 'answered', question: now.id, commitment });
    });
  }
  putNext.addEventListener('click', () => {
    const next = state && queue(state)[0];
    if (next) send({ type: 'put_on_air', question: next.id });
  });

  setInterval(() => {
    const started = Date.parse(state?.session?.started_at ?? '');
    if (!started) return;
    say(byId('elapsed', HTMLElement), clock(Date.now() - started));
    const mark = state && onAir(state)?.mark_start;
    say(byId('now-elapsed', HTMLElement), typeof mark === 'number' ? clock(Date.now() - started - mark).slice(3) : '');
  }, 500);

  return (drawn) => {
    state = drawn;
    const { session, you } = drawn;
    const over = ['ended', 'disposition', 'archived', 'cancelled'].includes(session?.state ?? '');
    byId('elapsed', HTMLElement).hidden = !session?.started_at || over;
    const now = onAir(drawn);
    say(text, now ? now.text : t('还没有选出提问'));
    byId('now-by', HTMLElement).replaceChildren(
      ...(now
        ? [...codesOf(now, { state: false }), el('span', {}, ` ${t('{votes} 人附议', { votes: now.votes })}`)]
        : []),
    );
    setHidden(byId('now-buttons', HTMLElement), !now || !you.may.includes('answered'), text);
    const next = queue(drawn).slice(0, NEXT);
    byId('next-empty', HTMLElement).hidden = next.length > 0;
    sync(
      byId('next', HTMLElement),
      next,
      (question) => el('li', {}, question.text),
      (question) => question.text,
    );
    const takesOne = ['live', 'interrupted'].includes(session?.state ?? '');
    setHidden(putNext, Boolean(now) || next.length === 0 || !takesOne || !you.may.includes('on_air'), text);
  };
}
