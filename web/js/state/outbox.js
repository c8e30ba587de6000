/**
 * What becomes of a question between the typing and the commit. Pure: no storage, no link, no clock.
 *
 * `unsettled` counts the sendings whose end nobody knows: while there is one, the question may be committed already,
 * and its words must stay as they were sent. `back` says why it needs the person before it is sent again.
 *
 * @typedef {{code: string, message: string}} Back
 * @typedef {{
 *   key: string, room: string, session: string, text: string, nickname: string, island: string, verified: boolean,
 *   at: number, unsettled: number, back: Back | null,
 * }} Entry
 */

/** Why a question waits for the person who is changing it; nobody refused it. */
export const EDITING = 'editing';

/** Refusals after which a question has to go to another session or nowhere. */
const OVER = new Set(['session_closed', 'session_over', 'no_session', 'not_found']);

/** @param {Omit<Entry, "at" | "unsettled" | "back">} words @param {Entry[]} others @param {number} now @returns {Entry} */
export function written(words, others, now) {
  // A clock that is set back must not let a later question overtake.
  const at = Math.max(now, ...others.map((entry) => entry.at + 1));
  return { ...words, at, unsettled: 0, back: null };
}

/** @param {Entry[]} entries @returns {Entry[]} */
const inOrder = (entries) => [...entries].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));

/** @param {Entry[]} entries what is to be sent, first things first */
export const waiting = (entries) => inOrder(entries.filter((entry) => !entry.back));

/** @param {Entry[]} entries what needs its person */
export const returned = (entries) => inOrder(entries.filter((entry) => entry.back));

/** @param {Entry} entry whether its words may still be changed or taken back */
export const isFree = (entry) => entry.unsettled === 0;

/** @param {Entry} entry whether its session takes it no more */
export const isOver = (entry) => OVER.has(entry.back?.code ?? '');

/** @param {Entry | undefined} entry it goes out now; null when it must not any more */
export const sent = (entry) => (entry && !entry.back ? { ...entry, unsettled: entry.unsettled + 1 } : (entry ?? null));

/** @param {Entry | undefined} entry the server said of this sending that it changed nothing */
export const notNow = (entry) => (entry ? { ...entry, unsettled: Math.max(0, entry.unsettled - 1) } : null);

/** @param {Entry | undefined} entry @param {Back} back the server never takes it like this: it is not committed */
export const cameBack = (entry, back) => (entry ? { ...entry, unsettled: 0, back } : null);

/** @param {Entry | undefined} entry */
export const setAside = (entry) =>
  entry && isFree(entry) && !entry.back ? { ...entry, back: { code: EDITING, message: '' } } : (entry ?? null);

/** @param {Entry | undefined} entry @param {string} text kept while it is being changed */
export const reworded = (entry, text) => (entry?.back ? { ...entry, text } : (entry ?? null));

/** @param {Entry | undefined} entry @param {string} text @param {string} session once more, to this session */
export const again = (entry, text, session) =>
  entry?.back ? { ...entry, text, session: isOver(entry) ? session : entry.session, back: null } : (entry ?? null);

/** @param {Entry | undefined} entry gone for good, where that is still for us to say */
export const discarded = (entry) => (entry && !isFree(entry) ? entry : null);

/**
 * What the outbox of earlier versions kept, as text.
 * @param {string | null} kept @param {string} room @returns {Entry[]}
 */
export function takenOver(kept, room) {
  try {
    const read = JSON.parse(kept ?? '[]');
    return (Array.isArray(read) ? read : [])
      .filter((entry) => typeof entry?.key === 'string' && typeof entry?.text === 'string')
      .map(({ key, text, nickname = '', island = '' }, at) => ({
        ...{ key, room, session: '', text, nickname: String(nickname), island: String(island), verified: false },
        // It may have been sent: earlier versions did not say.
        ...{ at, unsettled: 1, back: null },
      }));
  } catch {
    return [];
  }
}
