/** The desk: columns, cards, keys. Joins state, socket and views. */
import { linkWords, reasonWords } from '../lib/codes.js';
import { ask as confirm, byId, el, say, setHidden, sync, toast } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';
import { openSocket, Refused } from '../net/socket.js';
import { COLUMNS, column, moveOf, moves, neighbour } from '../state/desk.js';
import { apply, empty } from '../state/room.js';
import { codesOf } from '../view/by.js';
import { tellSignedOut } from '../view/signed_out.js';
import { sessionButtons } from '../view/whole.js';

let state = empty();
let selected = '';
/** @type {import("../state/desk.js").Column} */
let tab = 'pending';
const search = byId('search', HTMLInputElement);
/** @type {Map<string, HTMLElement>} */
const lists = new Map();
/** @type {Map<string, HTMLElement>} */
const counts = new Map();

const columnWords = { pending: t('等待审核'), published: t('已公开'), queued: t('排队与正在回答'), done: t('已处理') };
/** @type {Record<string, [string, string]>} */
const moveWords = {
  publish: [t('公开'), 'P'],
  refuse: [t('不公开'), 'R'],
  edit: [t('修改'), 'E'],
  enqueue: [t('排队'), 'Q'],
  put_on_air: [t('上屏回答'), 'O'],
  answered: [t('回答完毕'), 'A'],
  commitment: [t('记为承诺'), 'C'],
  dequeue: [t('移出队列'), 'U'],
  take_off_air: [t('先不回答'), 'U'],
  up: [t('前移'), '⇧↑'],
  down: [t('后移'), '⇧↓'],
};
/** After these the work goes on with the next question of the column; otherwise it stays with this one. */
const LEAVING = ['publish', 'refuse', 'enqueue', 'dequeue', 'answered', 'commitment'];

for (const name of COLUMNS) {
  const list = el('ul', { class: 'list' });
  const count = el('span', { class: 'figure' }, '0');
  lists.set(name, list);
  counts.set(name, count);
  byId('columns', HTMLElement).append(
    el(
      'section',
      { class: 'column', 'data-column': name, 'aria-label': columnWords[name] },
      el('h2', {}, columnWords[name], count),
      list,
    ),
  );
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
    if (state.gap) socket.resync();
    for (const note of message.notes ?? []) tellNote(note);
    draw();
  },
  onLink(link) {
    const element = byId('link', HTMLElement);
    element.dataset.link = link;
    say(element, linkWords(link));
  },
  onTurnedAway: turnAway,
});

function turnAway() {
  tellSignedOut();
  say(byId('link', HTMLElement), t('登录已结束'));
}

const drawButtons = sessionButtons((wish) => socket.wish(wish));

function draw() {
  const held = document.activeElement?.closest('.desk-card')?.getAttribute('data-id');
  for (const name of COLUMNS) {
    const questions = column(state, name, search.value);
    sync(/** @type {HTMLElement} */ (lists.get(name)), questions, card, (q) =>
      JSON.stringify([q, state.you.may.length]),
    );
    say(/** @type {HTMLElement} */ (counts.get(name)), String(questions.length));
    say(/** @type {HTMLElement} */ (document.querySelector(`[data-count="${name}"]`)), String(questions.length));
  }
  markSelected();
  // A card that went to another column takes the focus along.
  if (held && document.activeElement === document.body) cardOf(held)?.focus({ preventScroll: true });
  for (const node of document.querySelectorAll('[data-column]'))
    node.setAttribute('data-shown', String(node.getAttribute('data-column') === tab));
  for (const node of document.querySelectorAll('[data-tab]'))
    node.setAttribute('aria-pressed', String(node.getAttribute('data-tab') === tab));
  say(byId('viewers', HTMLElement), String(state.viewers));
  const badge = byId('session-state', HTMLElement).firstElementChild;
  if (badge) {
    badge.className = `badge ${sessionColour()}`;
    say(badge, sessionWords());
  }
  drawButtons(state.session, state.you.may);
}

/** As _parts.html colours it. */
function sessionColour() {
  const colours = { live: 'live', interrupted: 'wait', cut: 'alarm', cancelled: 'alarm', archived: 'solved' };
  return colours[/** @type {keyof typeof colours} */ (state.session?.state ?? '')] ?? '';
}

function sessionWords() {
  const words = {
    draft: t('即将开始'),
    scheduled: t('即将开始'),
    rehearsal: t('即将开始'),
    live: t('直播中'),
    interrupted: t('连接中断'),
    cut: t('已中止'),
    cancelled: t('已取消'),
    archived: t('已归档'),
  };
  return words[/** @type {keyof typeof words} */ (state.session?.state ?? '')] ?? t('已结束');
}

/** @param {import("../state/room.js").Question} q */
function card(q) {
  const buttons = moves(q, state.you.may).map((move) => {
    const [words, key] = moveWords[move];
    return el(
      'button',
      {
        class: move === 'publish' || move === 'put_on_air' || move === 'answered' ? 'button main' : 'button',
        'data-act': move,
        onclick: (event) => {
          event.stopPropagation();
          void act(move, q);
        },
      },
      words,
      el('span', { class: 'key', 'aria-hidden': 'true' }, key),
    );
  });
  return el(
    'li',
    {
      class: q.state === 'on_air' ? 'card desk-card now' : 'card desk-card',
      tabindex: '0',
      onclick: () => choose(q.id),
      onfocusin: () => choose(q.id),
    },
    el('p', {}, q.text),
    q.original_text ? el('p', { class: 'original' }, `${t('原文：')}${q.original_text}`) : null,
    el(
      'p',
      { class: 'small soft row' },
      ...codesOf(q),
      q.votes > 0 && el('span', {}, t('{votes} 人附议', { votes: q.votes })),
    ),
    q.refusal ? el('p', { class: 'small' }, reasonWords(q.refusal), q.note ? ` ${q.note}` : null) : null,
    buttons.length > 0 && el('div', { class: 'actions' }, ...buttons),
  );
}

/** @param {string} id */
function choose(id) {
  selected = id;
  markSelected();
}

function markSelected() {
  for (const node of document.querySelectorAll('.desk-card'))
    node.setAttribute('aria-current', String(node.getAttribute('data-id') === selected));
}

/** @param {string} id @returns {HTMLElement | null} */
function cardOf(id) {
  return document.querySelector(`.desk-card[data-id="${CSS.escape(id)}"]`);
}

/** @param {import("../state/desk.js").Column} name */
function show(name) {
  tab = name;
  draw();
}

/** @param {string} move @param {import("../state/room.js").Question} q */
async function act(move, q) {
  const wish = await wishFor(move, q);
  if (!wish) return;
  const after = LEAVING.includes(move) && following(q);
  try {
    await socket.wish({ question: q.id, ...wish });
    say(byId('summary', HTMLElement), `#${q.label} ${moveWords[move][0]}`);
    if (after && selected === q.id) select(after);
  } catch (error) {
    toast(error instanceof Refused ? error.message : t('没有连上服务器，请稍后再试。'), true);
  }
}

/** @param {string} move @param {import("../state/room.js").Question} q @returns {Promise<{type: string, [name: string]: any} | null>} */
async function wishFor(move, q) {
  switch (move) {
    case 'refuse':
      return askRefusal(q);
    case 'edit':
      return askEdit(q);
    case 'commitment':
      return { type: 'answered', commitment: true };
    case 'up':
    case 'down': {
      const before = neighbour(state, q.id, move);
      return before === undefined ? null : { type: 'order', before };
    }
    default:
      return { type: move };
  }
}

/** @param {import("../state/room.js").Question} q */
async function askRefusal(q) {
  const dialog = byId('refuse-dialog', HTMLDialogElement);
  say(/** @type {HTMLElement} */ (dialog.querySelector('[data-question]')), q.text);
  const note = byId('refuse-note', HTMLInputElement);
  note.value = '';
  byId('reasons', HTMLElement).replaceChildren(
    ...page.reasons.map((/** @type {string} */ reason, /** @type {number} */ n) =>
      el(
        'label',
        { class: 'check' },
        el('input', { type: 'radio', name: 'reason', value: reason, required: true, checked: n === 3 }),
        el('span', {}, el('kbd', {}, String(n + 1)), ' ', reasonWords(reason)),
      ),
    ),
  );
  if (!(await confirm(dialog))) return null;
  const chosen = dialog.querySelector('input[name=reason]:checked');
  return chosen instanceof HTMLInputElement ? { type: 'refuse', reason: chosen.value, note: note.value } : null;
}

/** @param {import("../state/room.js").Question} q */
async function askEdit(q) {
  const text = byId('edit-text', HTMLTextAreaElement);
  text.value = q.text;
  if (!(await confirm(byId('edit-dialog', HTMLDialogElement)))) return null;
  return { type: 'edit', text: text.value };
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
  choose(id);
  cardOf(id)?.focus();
}

/** @param {{what: string, label: string, by: string}} note */
function tellNote(note) {
  if (!note.by || note.by === state.you.name) return;
  const words = {
    published: t('公开了'),
    refused: t('没有公开'),
    edited: t('修改了'),
    queued: t('排好了'),
    dequeued: t('移出了队列'),
    moved: t('调整了顺序'),
    on_air: t('上屏了'),
    off_air: t('先放回队列'),
    answered: t('标为已回答'),
  };
  const what = words[/** @type {keyof typeof words} */ (note.what)];
  if (what) toast(`${note.by} ${what} #${note.label}`);
}

/** @param {number} step @param {boolean} sideways */
function walk(step, sideways) {
  const shown = COLUMNS.map((name) => column(state, name, search.value));
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

addEventListener('keydown', (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const open = document.querySelector('dialog[open]');
  if (open) {
    const n = Number(event.key);
    const radio =
      open.id === 'refuse-dialog' && target.id !== 'refuse-note' && n
        ? open.querySelectorAll('input[name=reason]')[n - 1]
        : null;
    if (radio instanceof HTMLInputElement) radio.checked = true;
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, textarea, select')) {
    if (event.key === 'Escape') target.blur();
    return;
  }
  const question = state.questions.get(selected);
  /** @type {Record<string, () => void>} */
  const steps = {
    j: () => walk(1, false),
    ArrowDown: () => walk(1, false),
    k: () => walk(-1, false),
    ArrowUp: () => walk(-1, false),
    l: () => walk(1, true),
    ArrowRight: () => walk(1, true),
    h: () => walk(-1, true),
    ArrowLeft: () => walk(-1, true),
    '/': () => search.focus(),
    '?': () => byId('keys-dialog', HTMLDialogElement).showModal(),
  };
  if (event.shiftKey && question && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    event.preventDefault();
    void act(event.key === 'ArrowUp' ? 'up' : 'down', question);
  } else if (event.key in steps) {
    event.preventDefault();
    steps[event.key]();
  } else if (question) {
    const move = moveOf(event.key.toLowerCase(), question, state.you.may);
    if (move) {
      event.preventDefault();
      void act(move, question);
    }
  }
});

search.addEventListener('input', draw);
byId('show-keys', HTMLButtonElement).addEventListener('click', () =>
  byId('keys-dialog', HTMLDialogElement).showModal(),
);
/** @type {[string, string][]} */
const help = [
  ['J K ↑ ↓', t('上一个、下一个')],
  ['H L ← →', t('换一栏')],
  ...Object.values(moveWords).map(([words, key]) => /** @type {[string, string]} */ ([key, words])),
  ['/', t('查找')],
  ['Esc', t('关闭')],
];
byId('keys', HTMLElement).append(
  ...help.flatMap(([key, words]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, words)]),
);
