/** What a move needs to be told before it is made: a reason, a text, a target. Knows no socket. */
import { reasonWords } from '../lib/codes.js';
import { ask as confirm, byId, el, say } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';
import { mergeTargets } from '../state/desk.js';

/** @typedef {import("../state/room.js").Question} Question @typedef {import("../state/room.js").RoomState} RoomState */
/** @typedef {{type: string, [name: string]: any}} Move */

const TARGETS = 8;
const OFF_TOPIC = 3;

/** @param {string} name @param {string} [words] */
function dialogOf(name, words) {
  const dialog = byId(`${name}-dialog`, HTMLDialogElement);
  const about = dialog.querySelector('[data-question]');
  if (about && words !== undefined) say(about, words);
  return dialog;
}

/** @param {Question[]} questions */
function aboutWords(questions) {
  return questions.length === 1 ? questions[0].text : t('选中的 {n} 个提问', { n: questions.length });
}

/**
 * The move without the question, or null when the person thought better of it.
 * @param {string} move @param {Question[]} questions @param {RoomState} state
 * @returns {Promise<Move | null>}
 */
export async function askForMove(move, questions, state) {
  switch (move) {
    case 'refuse':
      return askRefusal(questions);
    case 'edit':
      return askText('edit', 'edit-text', questions[0].text, questions, (text) => ({ type: 'edit', text }));
    case 'reject_appeal':
      return askText('reject', 'reject-note', '', questions, (note) => ({ type: 'reject_appeal', note }));
    case 'tag':
      return askTags(questions, state);
    case 'assign':
      return askAssign(questions);
    case 'merge':
      return askMerge(questions, state);
    case 'commitment':
      return { type: 'answered', commitment: true };
    default:
      return { type: move };
  }
}

/**
 * @param {string} name @param {string} fieldId @param {string} before @param {Question[]} questions
 * @param {(text: string) => Move} made
 */
async function askText(name, fieldId, before, questions, made) {
  const field = /** @type {HTMLTextAreaElement} */ (byId(fieldId, HTMLElement));
  field.value = before;
  return (await confirm(dialogOf(name, aboutWords(questions)))) ? made(field.value) : null;
}

/** @param {Question[]} questions */
async function askRefusal(questions) {
  const dialog = dialogOf('refuse', aboutWords(questions));
  const note = byId('refuse-note', HTMLInputElement);
  note.value = '';
  byId('reasons', HTMLElement).replaceChildren(
    ...page.reasons.map((/** @type {string} */ reason, /** @type {number} */ n) =>
      choice('reason', reason, n === OFF_TOPIC, el('kbd', {}, String(n + 1)), ' ', reasonWords(reason)),
    ),
  );
  if (!(await confirm(dialog))) return null;
  const reason = chosen(dialog, 'reason');
  return reason ? { type: 'refuse', reason, note: note.value } : null;
}

/** @param {Question[]} questions @param {RoomState} state */
async function askTags(questions, state) {
  const field = byId('tag-tags', HTMLInputElement);
  field.value = questions.length === 1 ? questions[0].tags.join(' ') : '';
  const used = new Set([...state.questions.values()].flatMap((question) => question.tags));
  byId('known-tags', HTMLElement).replaceChildren(
    ...[...used].map((tag) =>
      el(
        'button',
        { class: 'button quiet', type: 'button', onclick: () => (field.value = `${field.value} ${tag}`.trim()) },
        tag,
      ),
    ),
  );
  if (!(await confirm(dialogOf('tag', aboutWords(questions))))) return null;
  return { type: 'tag', tags: field.value.split(/[\s,，、;；]+/).filter(Boolean) };
}

/** @param {Question[]} questions */
async function askAssign(questions) {
  const select = byId('assign-to', HTMLSelectElement);
  select.replaceChildren(
    el('option', { value: '' }, t('不指定')),
    ...page.colleagues.map((/** @type {{id: string, name: string}} */ person) =>
      el('option', { value: person.id, selected: person.id === questions[0].assigned_to }, person.name),
    ),
  );
  return (await confirm(dialogOf('assign', aboutWords(questions)))) ? { type: 'assign', to: select.value } : null;
}

/** @param {Question[]} questions @param {RoomState} state */
async function askMerge(questions, state) {
  const dialog = dialogOf('merge', aboutWords(questions));
  const search = byId('merge-search', HTMLInputElement);
  const list = byId('merge-targets', HTMLElement);
  search.value = '';
  const draw = () => {
    const found = mergeTargets(state, questions, search.value).slice(0, TARGETS);
    list.replaceChildren(
      ...found.map((question, n) =>
        choice('into', question.id, n === 0, `#${question.label} `, question.text, seconders(question)),
      ),
    );
    if (found.length === 0) list.append(el('p', { class: 'soft' }, t('没有可以并入的提问。')));
  };
  search.oninput = draw;
  draw();
  if (!(await confirm(dialog))) return null;
  const into = chosen(dialog, 'into');
  return into ? { type: 'merge', into } : null;
}

/** @param {Question} question */
function seconders(question) {
  return question.votes > 0
    ? el('span', { class: 'soft' }, ` ${t('{votes} 人附议', { votes: question.votes })}`)
    : null;
}

/** @param {string} name @param {string} value @param {boolean} checked @param {...(Node | string | null)} words */
function choice(name, value, checked, ...words) {
  return el(
    'label',
    { class: 'check' },
    el('input', { type: 'radio', name, value, required: true, checked }),
    el('span', {}, ...words),
  );
}

/** @param {HTMLDialogElement} dialog @param {string} name */
function chosen(dialog, name) {
  const input = dialog.querySelector(`input[name=${name}]:checked`);
  return input instanceof HTMLInputElement ? input.value : '';
}
