/** What word lists and detectors found in a question, in order of urgency and of place: pure. Knows no DOM. */

/**
 * @typedef {{list: string, version: number, action: "mask" | "flag" | "hold" | "escalate", found: string,
 *   field: string, start: number, end: number, by_sound: boolean}} Hit
 */

/** The name under which detectors stand beside the lists. */
export const DETECTORS = 'detectors';

const SEVERITY = ['mask', 'flag', 'hold', 'escalate'];

/**
 * Whether somebody must look at once: what a list escalates, until somebody has decided.
 * @param {{state: string, hits?: Hit[]}} question
 */
export function urgent(question) {
  return question.state === 'held' && (question.hits ?? []).some((hit) => hit.action === 'escalate');
}

/**
 * Each finding once, the most severe first.
 * @param {Hit[]} hits
 */
export function reasons(hits) {
  /** @type {Map<string, Hit>} */
  const found = new Map();
  for (const hit of hits) {
    const name = `${hit.list} ${hit.found} ${hit.field}`;
    if (!found.has(name)) found.set(name, hit);
  }
  return [...found.values()].sort((a, b) => SEVERITY.indexOf(b.action) - SEVERITY.indexOf(a.action));
}

/**
 * A text in pieces, those that were found with their most severe hit. Places count characters, as the server does,
 * not UTF-16 units.
 * @param {string} text @param {Hit[]} hits the hits of this text
 * @returns {{text: string, hit: Hit | null}[]}
 */
export function pieces(text, hits) {
  const characters = [...text];
  /** @type {(Hit | null)[]} */
  const at = characters.map(() => null);
  for (const hit of mildestFirst(hits)) at.fill(hit, hit.start, hit.end);
  /** @type {{text: string, hit: Hit | null}[]} */
  const found = [];
  characters.forEach((character, place) => {
    const last = found.at(-1);
    if (last && last.hit === at[place]) last.text += character;
    else found.push({ text: character, hit: at[place] });
  });
  return found;
}

/** @param {Hit[]} hits the most severe last, so that it stays */
function mildestFirst(hits) {
  return [...hits].sort((a, b) => SEVERITY.indexOf(a.action) - SEVERITY.indexOf(b.action));
}
