/** What reads like the words in the field, and what can be done about it: pure. Knows no socket and no DOM. */

/**
 * @typedef {{kind: "question" | "answered" | "suggestion", id: string, text: string, state: string, link: string,
 *   label: string, number: string, session: string, votes: number, mark_start: number | null,
 *   asked_at: string | null}} Found
 * @typedef {"second" | "seconded" | "own" | "read"} Way what a card offers
 * @typedef {Found & {way: Way, here: boolean}} Card
 */

/** Characters from which on a text says anything, and how many cards are shown. */
const SHORTEST = 2;
const MOST = 3;
/** The share of what was typed that a question must have, where this page looks by itself. */
const FLOOR = 0.35;
const SECONDABLE = ['published', 'queued', 'on_air'];

/** Whether it makes sense to look for it. @param {string} text */
export function saysSomething(text) {
  return pairs(text).size > 0;
}

/**
 * What this page finds by itself among the questions it knows, while the server cannot be asked: by pairs of characters.
 * @param {string} text
 * @param {Iterable<import("./room.js").Question>} questions
 * @param {string} session
 * @returns {Found[]}
 */
export function likely(text, questions, session) {
  const typed = pairs(text);
  if (typed.size === 0) return [];
  return [...questions]
    .map((question) => ({ question, score: share(typed, pairs(question.text)) }))
    .filter(({ score }) => score >= FLOOR)
    .sort((a, b) => b.score - a.score || a.question.label.localeCompare(b.question.label))
    .slice(0, MOST)
    .map(({ question }) => ({
      kind: question.state === 'answered' ? 'answered' : 'question',
      id: question.id,
      text: question.text,
      state: question.state,
      link: '',
      label: question.label,
      number: '',
      session,
      votes: question.votes,
      mark_start: question.mark_start,
      asked_at: question.asked_at,
    }));
}

/**
 * The cards for what was found, with what this page knows better: states and votes of its own session as they are now.
 * @param {Found[]} found
 * @param {import("./room.js").RoomState} room
 * @param {boolean} open whether questions can be seconded now
 * @returns {Card[]}
 */
export function cards(found, room, open) {
  const own = new Set(standing(room.mine).flatMap((mine) => [mine.id, mine.merged_into?.id ?? mine.id]));
  return found.slice(0, MOST).map((one) => {
    const here = one.session !== '' && one.session === room.session?.id;
    const now = here ? room.questions.get(one.id) : undefined;
    const known = now ? { ...one, state: now.state, votes: now.votes, mark_start: now.mark_start } : one;
    const kind = now ? (now.state === 'answered' ? 'answered' : 'question') : one.kind;
    return { ...known, kind, here, way: wayOf(known, here && open && now !== undefined, own, room.seconded) };
  });
}

/** Questions of one's own that were not taken back. @param {import("./room.js").Mine[]} mine */
function standing(mine) {
  return mine.filter((question) => question.state !== 'withdrawn');
}

/**
 * Whether something found in this session has left the page since: merged, most likely, and another speaks for it now.
 * @param {Found[]} found @param {import("./room.js").RoomState} room
 */
export function outdated(found, room) {
  return found.some((one) => one.session !== '' && one.session === room.session?.id && !room.questions.has(one.id));
}

/** @param {Found} one @param {boolean} open @param {Set<string>} own @param {Set<string>} seconded @returns {Way} */
function wayOf(one, open, own, seconded) {
  if (own.has(one.id)) return 'own';
  if (!open || !SECONDABLE.includes(one.state)) return 'read';
  return seconded.has(one.id) ? 'seconded' : 'second';
}

/** Two characters in a row, of letters and digits alone. @param {string} text */
function pairs(text) {
  const letters = [...text.normalize('NFKC').toLowerCase()].filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  const found = new Set();
  for (let at = 0; at + SHORTEST <= letters.length; at++) found.add(letters.slice(at, at + SHORTEST).join(''));
  return found;
}

/** How much of the typed pairs is there, weighed against a text that is longer. @param {Set<string>} typed @param {Set<string>} there */
function share(typed, there) {
  let both = 0;
  for (const pair of typed) if (there.has(pair)) both++;
  return both / (0.7 * typed.size + 0.3 * there.size || 1);
}
