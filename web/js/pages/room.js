/** The viewer's room: picture, question on air, asking, seconding. Joins state, views, socket and media. */
import { linkWords } from '../lib/codes.js';
import { ask as confirm, byId, el, say, setHidden, sync, toast } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { CHINA } from '../lib/time.js';
import { t } from '../lib/words.js';
import { openOutbox } from '../net/outbox.js';
import { openSocket, Refused } from '../net/socket.js';
import { watch } from '../rtc/watch.js';
import { apply, empty, isOpen, onAir, publicOrder } from '../state/room.js';
import { codesOf } from '../view/by.js';
import { mineCard, questionCard, waitingCard } from '../view/cards.js';
import { suggestSimilar } from './room_similar.js';

let state = empty();
/** @type {ReturnType<typeof watch> | null} */
let player = null;
/** @type {import("../rtc/watch.js").WatchState} */
let media = 'waiting';
/** @type {Set<string>} Questions that are in the list already; new ones wait behind a button. */
let shown = new Set();
let atTop = true;
const SHOW_WAITING_AFTER = 300;

const video = byId('video', HTMLVideoElement);
const holding = byId('holding', HTMLElement);
const over = byId('over', HTMLElement);
const sound = byId('sound', HTMLButtonElement);
const audioOnly = byId('audio-only', HTMLButtonElement);
const showNew = byId('show-new', HTMLButtonElement);
const form = document.getElementById('ask');

const socket = openSocket({
  url: page.socket,
  view: 'room',
  where: () => ({ epoch: state.epoch, seq: state.seq }),
  onMessage(message) {
    const before = state;
    state = apply(state, message);
    if (state.gap) socket.resync();
    if (state.session?.id !== before.session?.id) shown = new Set(state.questions.keys());
    if (state.session?.state !== before.session?.state) player?.hurry();
    draw();
  },
  onLink(link) {
    const element = byId('link', HTMLElement);
    element.hidden = false;
    element.dataset.link = link;
    say(element, linkWords(link));
    if (link === 'online') void outbox.drain();
  },
});

function draw() {
  drawStage();
  drawOnAir();
  drawLists();
  similar?.redraw();
}

function drawStage() {
  const session = state.session;
  const onAirNow = session?.state === 'live' || session?.state === 'interrupted';
  if (onAirNow && !player) startPlayer();
  if (!onAirNow && player) {
    player.stop();
    player = null;
    media = 'waiting';
    video.srcObject = null;
  }
  const playing = session?.state === 'live' && media === 'playing';
  holding.hidden = playing && !(audioOnly.getAttribute('aria-pressed') === 'true');
  holding.dataset.state = session?.state ?? 'none';
  over.hidden = !playing;
  audioOnly.hidden = !onAirNow;
  setHidden(sound, !(playing && video.muted), audioOnly);
  say(byId('viewers', HTMLElement), String(state.viewers));
  const [words, more] = holdingWords(playing);
  say(byId('holding-words', HTMLElement), words);
  say(byId('holding-more', HTMLElement), more);
}

/** @param {boolean} playing @returns {[string, string]} */
function holdingWords(playing) {
  const session = state.session;
  if (!session) return [t('还没有安排场次'), ''];
  switch (session.state) {
    case 'live':
      if (playing) return [t('只听声音'), t('画面已关闭，更省流量')];
      return media === 'stalled' ? [t('代表的网络不稳，正在恢复…'), ''] : [t('正在接通直播…'), ''];
    case 'interrupted':
      return [t('代表的网络中断了，正在重连，提问不受影响'), ''];
    case 'cut':
      return [t('直播已被中止'), session.cut_reason];
    case 'scheduled':
    case 'rehearsal': {
      const locale = page.lang === 'en' ? 'en' : 'zh-CN';
      return [
        t('直播还没有开始，可以先提问'),
        new Date(session.starts_at).toLocaleString(locale, {
          dateStyle: 'medium',
          timeStyle: 'short',
          timeZone: CHINA,
        }),
      ];
    }
    case 'cancelled':
      return [t('这一场已取消'), ''];
    default:
      return [t('这一场已经结束，每个提问都会有去向'), ''];
  }
}

function startPlayer() {
  video.muted = true;
  player = watch(video, {
    url: page.whep,
    onState(next) {
      media = next;
      drawStage();
      if (next === 'playing') void tryWithSound();
    },
  });
}

/** Browsers let a page play with sound only where the person has been active; otherwise one large button asks. */
async function tryWithSound() {
  if (!video.muted || !navigator.userActivation?.hasBeenActive) return;
  video.muted = false;
  await video.play().catch(() => {
    video.muted = true;
    void video.play().catch(() => {});
  });
  drawStage();
}

sound.addEventListener('click', () => {
  video.muted = false;
  void video.play();
  drawStage();
});

audioOnly.addEventListener('click', () => {
  const only = audioOnly.getAttribute('aria-pressed') !== 'true';
  audioOnly.setAttribute('aria-pressed', String(only));
  player?.setAudioOnly(only);
  drawStage();
});

function drawOnAir() {
  const now = onAir(state);
  byId('on-air', HTMLElement).hidden = !now;
  if (!now) return;
  say(byId('on-air-text', HTMLElement), now.text);
  byId('on-air-by', HTMLElement).replaceChildren(...codesOf(now, { state: false }));
}

function drawLists() {
  const open = isOpen(state.session);
  const own = new Set(state.mine.map((question) => question.id));
  const all = publicOrder(state);
  // What a finger is about to touch must not move: fresh questions of others wait until they are asked for.
  if (atTop || shown.size === 0) for (const question of all) shown.add(question.id);
  const visible = all.filter((question) => shown.has(question.id) || own.has(question.id));
  const fresh = all.length - visible.length;
  setHidden(showNew, fresh === 0, byId('questions-title', HTMLElement));
  say(showNew, t('{n} 条新提问', { n: fresh }));
  sync(
    byId('question-list', HTMLElement),
    visible,
    (question) =>
      questionCard(question, { open, own: own.has(question.id), seconded: state.seconded.has(question.id), second }),
    (question) => JSON.stringify([question, open, own.has(question.id), state.seconded.has(question.id)]),
  );
  say(byId('question-count', HTMLElement), String(all.length));
  byId('no-questions', HTMLElement).hidden = all.length > 0;
  const waiting = outbox.waiting();
  byId('mine', HTMLElement).hidden = state.mine.length + waiting.length === 0;
  byId('waiting-list', HTMLElement).replaceChildren(...waiting.map(waitingCard));
  sync(
    byId('mine-list', HTMLElement),
    state.mine,
    (question) => mineCard(question, { open, withdraw, appeal }),
    (question) => JSON.stringify([question, open]),
  );
  const section = document.getElementById('ask-section');
  if (section) section.hidden = !open;
}

showNew.addEventListener('click', () => {
  for (const id of state.questions.keys()) shown.add(id);
  say(byId('summary', HTMLElement), showNew.textContent ?? '');
  drawLists();
});
addEventListener(
  'scroll',
  () => {
    atTop = byId('questions', HTMLElement).getBoundingClientRect().top > 80;
  },
  { passive: true },
);

/** @param {string} id */
async function second(id) {
  if (state.seconded.has(id)) return;
  state = { ...state, seconded: new Set([...state.seconded, id]) };
  drawLists();
  try {
    await socket.wish({ type: 'second', question: id });
  } catch (error) {
    const seconded = new Set(state.seconded);
    seconded.delete(id);
    state = { ...state, seconded };
    drawLists();
    tell(error);
  }
}

/** @param {string} id */
async function withdraw(id) {
  if (!(await confirm(byId('confirm', HTMLDialogElement)))) return;
  await socket.wish({ type: 'withdraw', question: id }).catch(tell);
}

/** @param {import("../state/room.js").Mine} question */
async function appeal(question) {
  const text = byId('appeal-text', HTMLTextAreaElement);
  text.value = '';
  if (!(await confirm(byId('appeal-dialog', HTMLDialogElement)))) return;
  await socket
    .wish({ type: 'appeal', question: question.id, text: text.value })
    .then(() => toast(t('申诉已提交，审核组长会重新看。')))
    .catch(tell);
}

/** @param {unknown} error */
function tell(error) {
  toast(error instanceof Refused ? error.message : t('没有连上服务器，请稍后再试。'), true);
}

/** What is wrong with a question that came back, and why another one is still on its way. */
let refusal = '';
let delay = '';

const outbox = openOutbox({
  storage: () => localStorage,
  name: `liveroom-outbox-${page.slug}`,
  send: (waiting) => socket.wish({ type: 'ask', ...waiting }),
  isFinal: (error) => error instanceof Refused && error.retryAfter === null,
  holdFor: (error) => (error instanceof Refused ? (error.retryAfter ?? 0) * 1000 : 0),
  onCommitted(answer) {
    delay = '';
    drawProblem();
    thank(answer.question);
    drawLists();
  },
  onRefused(waiting, error) {
    const words = error instanceof Refused ? error.message : '';
    const text = document.getElementById('text');
    // The words go back to where they can be changed; where that place is taken or gone, they are said again.
    if (text instanceof HTMLTextAreaElement && !text.value) {
      text.value = waiting.text;
      countLeft();
      refusal = words;
    } else refusal = `${words} “${waiting.text}”`;
    drawProblem();
    drawLists();
  },
  onWaiting(error, kept) {
    delay = waitingWords(error, kept);
    drawProblem();
    drawLists();
  },
});

/** @param {unknown} error @param {boolean} kept */
function waitingWords(error, kept) {
  if (!(error instanceof Refused))
    return kept
      ? t('没有连上服务器。您写的内容已经保存在手机里，联网后会自动发送。')
      : t('没有连上服务器。请不要关闭这一页，联网后会自动发送。');
  const n = error.retryAfter ?? 0;
  return kept
    ? t('现在还不能提交。您写的内容已经保存在手机里，约 {n} 秒后会自动发送。', { n })
    : t('现在还不能提交。请不要关闭这一页，约 {n} 秒后会自动发送。', { n });
}

/** Beside the form, while there is one. What came back needs the person and goes first; what waits goes by itself. */
function drawProblem() {
  const words = refusal || delay;
  const problem = document.getElementById('problem');
  if (problem) {
    problem.hidden = !words;
    say(problem, words);
  } else if (words) toast(words, true);
}

/** @param {import("../state/room.js").Mine} question */
function thank(question) {
  const note = document.getElementById('asked');
  if (!note) return;
  const code = el('a', { class: 'code', href: `/track/${question.code}` }, question.code);
  note.replaceChildren(
    el('p', {}, el('strong', {}, t('已收到，编号 {label}', { label: question.label }))),
    el('p', {}, t('审核通过后，大家就能看到。查询编号：'), code),
  );
  note.hidden = false;
}

/** Characters that a question may still have. @param {string} text */
function left(text) {
  return page.limits.text - [...text.trim()].length;
}

function countLeft() {
  const n = left(byId('text', HTMLTextAreaElement).value);
  say(byId('left', HTMLElement), n < 0 ? t('超出 {n} 字', { n: -n }) : t('还可写 {n} 字', { n }));
}

if (form instanceof HTMLFormElement) {
  byId('text', HTMLTextAreaElement).addEventListener('input', countLeft);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const text = String(data.get('text') ?? '').trim();
    if (!text) return;
    byId('asked', HTMLElement).hidden = true;
    refusal = left(text) < 0 ? t('提问最多 {n} 字，请删短后再提交。', { n: page.limits.text }) : '';
    drawProblem();
    if (refusal) {
      byId('text', HTMLTextAreaElement).focus();
      return;
    }
    void outbox.add({
      key: newKey(),
      text,
      nickname: String(data.get('nickname') ?? ''),
      island: String(data.get('island') ?? ''),
    });
    // Only now: the outbox has it, and gives it back when it is refused.
    byId('text', HTMLTextAreaElement).value = '';
    countLeft();
    setTimeout(drawLists, SHOW_WAITING_AFTER);
  });
}

const field = document.getElementById('text');
const similar =
  field instanceof HTMLTextAreaElement
    ? suggestSimilar({
        field,
        room: () => state,
        second,
        link: () => socket.link,
        wish: (wish) => socket.wish(wish),
      })
    : null;

/** crypto.randomUUID is missing on plain HTTP pages, where phones in the same network watch. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const copy = byId('copy', HTMLButtonElement);
copy.hidden = !navigator.clipboard;
copy.addEventListener('click', async () => {
  await navigator.clipboard.writeText(location.origin + location.pathname);
  toast(t('地址已复制'));
});
