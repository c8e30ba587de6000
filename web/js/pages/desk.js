/** The desk: columns, cards, selection. Joins state, socket and views. */
import { byId, el, say, sync, toast } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';
import { keepClaims } from '../net/claims.js';
import { openSocket } from '../net/socket.js';
import { COLUMNS, column, movesForMany, neighbour } from '../state/desk.js';
import { apply, empty, inState } from '../state/room.js';
import { bulkBar } from '../view/bulk.js';
import { clusterLine } from '../view/clusters.js';
import { deskCard } from '../view/desk_card.js';
import { askForMove } from '../view/desk_dialogs.js';
import { listenToKeys } from '../view/desk_keys.js';
import { tellNote } from '../view/desk_notes.js';
import { drawLink } from '../view/link.js';
import { LEAVING, MOVES } from '../view/moves.js';
import { tellRefusal } from '../view/refusal.js';
import { sessionBadge } from '../view/session_badge.js';
import { shieldButton } from '../view/shield.js';
import { tellSignedOut } from '../view/signed_out.js';
import { suggestedLine } from '../view/suggested.js';
import { undoOffer } from '../view/undo.js';
import { sessionButtons } from '../view/whole.js';

/** Cards that a column draws at once; thousands would make every key wait. */
const DRAWN = 60;
/** Where a dialog opens, a colleague should see that somebody works on the question. */
const TAKES_TIME = ['refuse', 'edit', 'merge', 'tag', 'assign', 'reject_appeal'];

let state = empty();
let selected = '';
/** The frame in which everything is drawn anew, 0 while nothing has changed. */
let due = 0;
/** @type {Set<string>} */
let picked = new Set();
/** @type {import("../state/desk.js").Column} */
let tab = 'pending';
const search = byId('search', HTMLInputElement);
/** @type {Record<string, number>} */
const drawn = Object.fromEntries(COLUMNS.map((name) => [name, DRAWN]));
/** @type {Map<string, {list: HTMLElement, count: HTMLElement, more: HTMLElement}>} */
const columns = new Map();
const columnWords = { pending: t('等待审核'), published: t('已公开'), queued: t('排队与正在回答'), done: t('已处理') };

for (const name of COLUMNS) {
  const list = el('ul', { class: 'list' });
  const count = el('span', { class: 'figure' }, '0');
  const more = el('button', { class: 'button quiet', hidden: true, onclick: () => showMore(name) });
  columns.set(name, { list, count, more });
  const head = el('h2', {}, columnWords[name], count);
  const section = el('section', { class: 'column', 'data-column': name, 'aria-label': columnWords[name] }, head);
  if (name === 'pending') section.append(byId('clusters', HTMLElement));
  if (name === 'published') section.append(byId('suggested', HTMLElement));
  section.append(list, more);
  byId('columns', HTMLElement).append(section);
  byId('tabs', HTMLElement).append(
    el(
      'button',
      { 'data-tab': name, onclick: () => show(name) },
      columnWords[name],
      el('span', { class: 'figure', 'data-count': name }, '0'),
    ),
  );
}

const socket = openSocket({
  url: page.socket,
  view: 'desk',
  where: () => ({ epoch: state.epoch, seq: state.seq }),
  onMessage(message) {
    state = apply(state, message);
    clusters.take(message);
    if (state.gap) socket.resync();
    for (const note of message.notes ?? []) tellNote(note, state.you.name);
    redraw();
  },
  onLink: drawLink,
  onTurnedAway: tellSignedOut,
});

const claims = keepClaims((wish) => socket.wish(wish), tellRefusal);
const undo = undoOffer((first, last) => {
  socket
    .wish({ type: 'undo', first, last })
    .then(() => toast(t('已撤销')))
    .catch(tellRefusal);
});
const shield = shieldButton((wish) => void socket.wish(wish).catch(tellRefusal));
const drawButtons = sessionButtons((wish) => socket.wish(wish));
const drawBulk = bulkBar({ act: (move) => void actOnPicked(move), clear: () => pickOnly([]) });
const drawSuggested = suggestedLine(select);
const clusters = clusterLine(pickOnly);
const drawBadge = sessionBadge();

/** Draw with the next frame, however much has happened until then. */
function redraw() {
  if (!due) due = requestAnimationFrame(draw);
}

/** Draw now what is to be drawn: a card is about to be looked for. */
function settle() {
  if (due) draw();
}

function draw() {
  cancelAnimationFrame(due);
  due = 0;
  const held = document.activeElement?.closest('.desk-card')?.getAttribute('data-id');
  for (const id of picked) if (!state.questions.has(id)) picked.delete(id);
  for (const name of COLUMNS) drawColumn(name);
  markSelected();
  // A card that went to another column takes the focus along.
  if (held && document.activeElement === document.body) cardOf(held)?.focus({ preventScroll: true });
  for (const node of document.querySelectorAll('[data-column]'))
    node.setAttribute('data-shown', String(node.getAttribute('data-column') === tab));
  for (const node of document.querySelectorAll('[data-tab]'))
    node.setAttribute('aria-pressed', String(node.getAttribute('data-tab') === tab));
  say(byId('viewers', HTMLElement), String(state.viewers));
  drawBadge(state.session);
  drawButtons(state.session, state.you.may);
  drawBulk(picked.size, movesForMany(pickedQuestions(), state.you.may, isCut()));
  drawSuggested(state);
  clusters.draw(state);
  drawCut();
  drawShield();
}

const isCut = () => state.session?.state === 'cut';

function drawCut() {
  const note = byId('cut-note', HTMLElement);
  note.hidden = !isCut();
  if (!isCut()) return;
  const reason = state.session?.cut_reason ?? '';
  say(note, t('直播已被中止（{reason}）。解除之前什么都不会公开，仍可不公开、并入、打标签。', { reason }));
}

function drawShield() {
  const held = inState(state, 'held').filter((question) => question.held_because === 'shield').length;
  shield.draw(state.session, state.you.may, held);
}
setInterval(drawShield, 1000);

/** @param {import("../state/desk.js").Column} name */
function drawColumn(name) {
  const { list, count, more } = /** @type {{list: HTMLElement, count: HTMLElement, more: HTMLElement}} */ (
    columns.get(name)
  );
  const questions = column(state, name, search.value);
  sync(list, questions.slice(0, drawn[name]), card, printOf);
  say(count, String(questions.length));
  say(/** @type {HTMLElement} */ (document.querySelector(`[data-count="${name}"]`)), String(questions.length));
  const hidden = questions.length - drawn[name];
  more.hidden = hidden <= 0;
  say(more, t('再显示 {n} 个，共 {all} 个', { n: Math.min(DRAWN, hidden), all: questions.length }));
}

/** @param {import("../state/room.js").Question} q */
function printOf(q) {
  const into = q.merged_into ? state.questions.get(q.merged_into) : undefined;
  const claim = state.claims.get(q.id);
  return JSON.stringify([q, state.you.may.length, isCut(), picked.has(q.id), claim?.by, into?.label, into?.text]);
}

/** @param {import("../state/room.js").Question} q */
function card(q) {
  const claim = state.claims.get(q.id);
  return deskCard(q, {
    may: state.you.may,
    cut: isCut(),
    claim,
    own: claim?.by === page.account,
    picked: picked.has(q.id),
    into: q.merged_into ? state.questions.get(q.merged_into) : undefined,
    act: (move, question) => void act(move, question),
    choose,
    pick,
    takeOver: (question) => void claims.claim(question.id, true),
    lists: page.word_lists,
  });
}

/** @param {import("../state/desk.js").Column} name */
function showMore(name) {
  drawn[name] += DRAWN;
  redraw();
}

/** @param {string} id */
function choose(id) {
  if (selected !== id) claims.leave(id);
  selected = id;
  markSelected();
}

function markSelected() {
  for (const node of document.querySelectorAll('.desk-card')) {
    const current = String(node.getAttribute('data-id') === selected);
    if (node.getAttribute('aria-current') !== current) node.setAttribute('aria-current', current);
  }
}

/** @param {string} id */
function pick(id) {
  if (!picked.delete(id)) picked.add(id);
  redraw();
}

/** @param {string[]} ids */
function pickOnly(ids) {
  picked = new Set(ids);
  redraw();
}

function pickedQuestions() {
  return /** @type {import("../state/room.js").Question[]} */ (
    [...picked].map((id) => state.questions.get(id)).filter(Boolean)
  );
}

/** @param {string} id @returns {HTMLElement | null} */
function cardOf(id) {
  return document.querySelector(`.desk-card[data-id="${CSS.escape(id)}"]`);
}

/** @param {import("../state/desk.js").Column} name */
function show(name) {
  tab = name;
  redraw();
}

/** @param {string} move @param {import("../state/room.js").Question} q */
async function act(move, q) {
  if (TAKES_TIME.includes(move) && !(await claims.claim(q.id))) return;
  const wish = move === 'up' || move === 'down' ? orderWish(q.id, move) : await askForMove(move, [q], state);
  const after = LEAVING.includes(move) && following(q);
  if (wish) {
    try {
      const answer = await socket.wish({ question: q.id, ...wish });
      const what = `#${q.label} ${MOVES[move][2]}`;
      say(byId('summary', HTMLElement), what);
      undo.offer(what, answer);
      if (after && selected === q.id) select(after);
    } catch (error) {
      tellRefusal(error);
    }
  }
  claims.release(q.id);
  // The claim has made the card anew while the dialog was open: the browser gives the focus back to one that is gone.
  setTimeout(() => {
    settle();
    const lost = document.activeElement === document.body && !document.querySelector('dialog[open]');
    if (lost && selected === q.id) cardOf(q.id)?.focus({ preventScroll: true });
  });
}

/** @param {string} id @param {"up" | "down"} way */
function orderWish(id, way) {
  const before = neighbour(state, id, way);
  return before === undefined ? null : { type: 'order', before };
}

/** @param {string} move */
async function actOnPicked(move) {
  const questions = pickedQuestions();
  const wish = await askForMove(move, questions, state);
  if (!wish) return;
  try {
    const answer = await socket.wish({ type: 'bulk', questions: questions.map((q) => q.id), move: wish });
    const skipped = answer.skipped ?? [];
    const done = t('{n} 个：{what}', { n: questions.length - skipped.length, what: MOVES[move][2] });
    say(byId('summary', HTMLElement), done);
    undo.offer(done, answer);
    if (skipped.length > 0) toast(skippedWords(skipped), true);
    pickOnly([]);
  } catch (error) {
    tellRefusal(error);
  }
}

/** @param {{label: string, message: string}[]} skipped */
function skippedWords(skipped) {
  const labels = skipped.slice(0, 5).map(({ label }) => `#${label}`);
  return `${t('{n} 个没有改动：', { n: skipped.length })}${labels.join(' ')} ${skipped[0].message}`;
}

/** The next question of the same column, where the work goes on. @param {import("../state/room.js").Question} q */
function following(q) {
  const name = COLUMNS.find((c) => column(state, c, search.value).some((other) => other.id === q.id));
  const all = name ? column(state, name, search.value) : [];
  const at = all.findIndex((other) => other.id === q.id);
  return (all[at + 1] ?? all[at - 1])?.id ?? '';
}

/** @param {string} id */
function select(id) {
  settle();
  choose(id);
  cardOf(id)?.focus();
}

/** @param {number} step @param {boolean} sideways */
function walk(step, sideways) {
  const shown = COLUMNS.map((name) => column(state, name, search.value).slice(0, drawn[name]));
  const at = shown.findIndex((questions) => questions.some((q) => q.id === selected));
  if (at < 0) {
    select(shown.find((questions) => questions.length > 0)?.[0].id ?? '');
  } else if (sideways) {
    for (let to = at + step; to >= 0 && to < shown.length; to += step)
      if (shown[to].length) return select(shown[to][0].id);
  } else {
    const place = shown[at].findIndex((q) => q.id === selected);
    select((shown[at][place + step] ?? shown[at][place]).id);
  }
}

listenToKeys({
  walk,
  search,
  question: () => state.questions.get(selected),
  may: () => state.you.may,
  picked: pickedQuestions,
  act: (move, question) => void act(move, question),
  actOnPicked: (move) => void actOnPicked(move),
  pick: () => selected && pick(selected),
  clear: () => pickOnly([]),
  claim: (question) => void claims.claim(question.id),
  undo: undo.take,
  shield: () => state.you.may.includes('shield') && shield.toggle(),
});
search.addEventListener('input', redraw);
