/** Which published question could be next, and why: pure. Only ever a suggestion: people put the queue in order. */
import { inState } from './room.js';

/** @typedef {import("./room.js").RoomState} RoomState @typedef {import("./room.js").Question} Question */
/** @typedef {{what: "votes" | "waiting" | "island", n: number}} Reason */

const MINUTE = 60_000;
/** What an island that was not heard yet, and ten minutes of waiting, are worth in doublings of votes. */
const ISLAND = 1.5;
const TEN_MINUTES = 0.5;

/**
 * The best few, each with what speaks for it. Votes count by doublings: the hundredth says less than the second.
 * @param {RoomState} state @param {number} now milliseconds @param {number} [most]
 * @returns {{question: Question, reasons: Reason[]}[]}
 */
export function suggested(state, now, most = 3) {
  const heard = new Set(inState(state, 'on_air', 'answered', 'queued').map((question) => question.island));
  return inState(state, 'published')
    .map((question) => {
      const minutes = Math.max(0, Math.floor((now - Date.parse(question.asked_at)) / MINUTE));
      const fresh = question.island !== '' && !heard.has(question.island);
      const score =
        Math.log2(1 + question.votes + question.merged) + (fresh ? ISLAND : 0) + (TEN_MINUTES * minutes) / 10;
      /** @type {Reason[]} */
      const reasons = [];
      if (question.votes > 0) reasons.push({ what: 'votes', n: question.votes });
      if (minutes > 0) reasons.push({ what: 'waiting', n: minutes });
      if (fresh) reasons.push({ what: 'island', n: 0 });
      return { question, reasons, score };
    })
    .sort((a, b) => b.score - a.score || (a.question.asked_at < b.question.asked_at ? -1 : 1))
    .slice(0, most)
    .map(({ question, reasons }) => ({ question, reasons }));
}
