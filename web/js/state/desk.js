/** What the desk shows and which moves make sense: pure. Knows no DOM and no socket. */
import { urgent } from './hits.js';
import { inState, queue } from './room.js';

/** @typedef {import("./room.js").RoomState} RoomState @typedef {import("./room.js").Question} Question */
/** @typedef {"pending" | "published" | "queued" | "done"} Column */

/** @type {Column[]} */
export const COLUMNS = ['pending', 'published', 'queued', 'done'];

/** @param {Question} a @param {Question} b */
const earlier = (a, b) => (a.asked_at < b.asked_at ? -1 : a.asked_at > b.asked_at ? 1 : 0);

/** What needs a decision most: a cry for help, an appeal, what was held, then the others. @param {Question} question */
function urgency(question) {
  if (urgent(question)) return 0;
  return { appealed: 1, held: 2 }[question.state] ?? 3;
}

/** @type {WeakMap<Map<string, Question>, {all: Record<Column, Question[]>, search: string, found: Record<Column, Question[]>}>} */
const known = new WeakMap();

/**
 * The questions of a column, in the order in which they are worked on. Of thousands a key asks several times: they are
 * put in order once for each state, and searched once for each word.
 * @param {RoomState} state @param {Column} column @param {string} [search]
 * @returns {Question[]}
 */
export function column(state, column, search = '') {
  const wanted = search.trim().toLowerCase();
  let kept = known.get(state.questions);
  if (!kept) {
    const all = ordered(state);
    kept = { all, search: '', found: all };
    known.set(state.questions, kept);
  }
  if (kept.search !== wanted) {
    kept.search = wanted;
    kept.found = wanted ? searched(kept.all, wanted) : kept.all;
  }
  return kept.found[column];
}

/** @param {RoomState} state @returns {Record<Column, Question[]>} */
function ordered(state) {
  const pending = inState(state, 'held', 'pending', 'appealed').map((q) => ({ q, urgency: urgency(q) }));
  return {
    pending: pending.sort((a, b) => a.urgency - b.urgency || earlier(a.q, b.q)).map(({ q }) => q),
    published: inState(state, 'published').sort((a, b) => b.votes - a.votes || earlier(a, b)),
    queued: [...inState(state, 'on_air'), ...queue(state)],
    done: inState(state, 'answered', 'refused', 'withdrawn', 'deferred', 'merged').sort((a, b) => earlier(b, a)),
  };
}

/** @param {Record<Column, Question[]>} all @param {string} wanted @returns {Record<Column, Question[]>} */
function searched(all, wanted) {
  /** @param {Question[]} questions */
  const having = (questions) =>
    questions.filter((q) =>
      `${q.label} ${q.text} ${q.nickname} ${q.island} ${q.tags.join(' ')} ${q.assigned_name}`
        .toLowerCase()
        .includes(wanted),
    );
  const { pending, published, queued, done } = all;
  return { pending: having(pending), published: having(published), queued: having(queued), done: having(done) };
}

const DECIDE = ['merge', 'defer', 'tag', 'assign'];
/** @type {Record<string, string[]>} The first ones are shown as buttons of every card, all of them of the chosen one. */
const BY_STATE = {
  held: ['publish', 'refuse', 'edit', 'release', ...DECIDE],
  pending: ['publish', 'refuse', 'edit', ...DECIDE],
  published: ['enqueue', 'put_on_air', 'refuse', 'edit', ...DECIDE],
  queued: ['put_on_air', 'up', 'down', 'dequeue', 'edit', 'refuse', ...DECIDE],
  on_air: ['answered', 'commitment', 'take_off_air'],
  answered: ['tag'],
  refused: ['publish'],
  deferred: ['publish'],
  merged: ['unmerge'],
  appealed: ['accept_appeal', 'reject_appeal', 'assign'],
};
/** @type {Record<string, string>} */
const NEEDS = {
  enqueue: 'order',
  dequeue: 'order',
  up: 'order',
  down: 'order',
  put_on_air: 'on_air',
  take_off_air: 'on_air',
  answered: 'answered',
  commitment: 'answered',
  unmerge: 'unmerge',
  accept_appeal: 'appeals',
  reject_appeal: 'appeals',
};

/** Whether it shows more than before, or other words: nobody does that while the broadcast is cut off. @param {string} move @param {Question} question */
function shows(move, question) {
  if (move === 'edit') return ['published', 'queued'].includes(question.state);
  return ['publish', 'enqueue', 'put_on_air'].includes(move);
}

/**
 * The moves that make sense for a question, by the permissions of the person.
 * @param {Question} question @param {string[]} may @param {boolean} [cut] whether the broadcast is cut off
 * @returns {string[]}
 */
export function moves(question, may, cut = false) {
  return (BY_STATE[question.state] ?? []).filter(
    (move) => may.includes(NEEDS[move] ?? 'triage') && !(cut && shows(move, question)),
  );
}

/** Moves that make sense for many at once. */
const FOR_MANY = ['publish', 'release', 'refuse', 'merge', 'defer', 'tag', 'assign', 'enqueue'];

/**
 * The moves that at least one of several questions takes.
 * @param {Question[]} questions @param {string[]} may @param {boolean} [cut] whether the broadcast is cut off
 */
export function movesForMany(questions, may, cut = false) {
  return FOR_MANY.filter((move) => questions.some((question) => moves(question, may, cut).includes(move)));
}

/** The keyboard: key → moves, of which the first that makes sense is meant. */
export const KEYS = Object.freeze({
  p: ['publish', 'accept_appeal'],
  r: ['refuse', 'reject_appeal'],
  n: ['release'],
  e: ['edit'],
  m: ['merge'],
  d: ['defer'],
  t: ['tag'],
  g: ['assign'],
  q: ['enqueue'],
  o: ['put_on_air'],
  a: ['answered'],
  c: ['commitment'],
  u: ['take_off_air', 'dequeue', 'unmerge'],
});

/**
 * The move that a key means for a question; `u` takes back what can be taken back.
 * @param {string} key @param {Question} question @param {string[]} may
 * @returns {string | null}
 */
export function moveOf(key, question, may) {
  const possible = moves(question, may);
  const named = /** @type {Record<string, readonly string[]>} */ (KEYS)[key] ?? [];
  return named.find((move) => possible.includes(move)) ?? null;
}

/**
 * The `before` of an order wish that moves a queued question one place up or down; undefined when it stands at that end.
 * @param {RoomState} state @param {string} id @param {"up" | "down"} way
 * @returns {string | null | undefined}
 */
export function neighbour(state, id, way) {
  const waiting = queue(state);
  const at = waiting.findIndex((question) => question.id === id);
  if (way === 'up') return at > 0 ? waiting[at - 1].id : undefined;
  return at >= 0 && at < waiting.length - 1 ? (waiting[at + 2]?.id ?? null) : undefined;
}

/** Neighbouring characters of a text, which short Chinese texts have in common when they are alike. @param {string} text */
function pairs(text) {
  const characters = [...text.toLowerCase().replace(/[\s\p{P}]/gu, '')];
  return new Set(characters.slice(1).map((character, at) => characters[at] + character));
}

/**
 * What questions can be merged into, the most alike first.
 * @param {RoomState} state @param {Question[]} questions @param {string} [search]
 * @returns {Question[]}
 */
export function mergeTargets(state, questions, search = '') {
  const own = new Set(questions.map((question) => question.id));
  const wanted = pairs(questions.map((question) => question.text).join(' '));
  const narrowed = search.trim().toLowerCase();
  return inState(state, 'pending', 'published', 'queued', 'on_air', 'answered')
    .filter((q) => !own.has(q.id) && `${q.label} ${q.text}`.toLowerCase().includes(narrowed))
    .map((question) => {
      const found = pairs(question.text);
      const shared = [...found].filter((pair) => wanted.has(pair)).length;
      return { question, alike: shared / Math.max(1, found.size + wanted.size - shared) };
    })
    .sort((a, b) => b.alike - a.alike || b.question.votes - a.question.votes)
    .map(({ question }) => question);
}
