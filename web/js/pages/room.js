/** The viewer's room: picture, question on air, asking, seconding. Joins state, views, socket and media. */
import { mineWords } from '../lib/codes.js';
import { ask as confirm, byId, say, setHidden, sync, toast } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { CHINA } from '../lib/time.js';
import { t } from '../lib/words.js';
import { openSocket, Refused } from '../net/socket.js';
import { watch } from '../rtc/watch.js';
import { apply, empty, isOpen, newsOfMine, onAir, publicOrder } from '../state/room.js';
import { codesOf } from '../view/by.js';
import { mineCard, questionCard } from '../view/cards.js';
import { drawLink } from '../view/link.js';
import { tellRefusal } from '../view/refusal.js';
import { openAsking } from './room_ask.js';
import { suggestSimilar } from './room_similar.js';

let state = empty();
/** @type {ReturnType<typeof watch> | null} */
let player = null;
/** @type {import("../rtc/watch.js").WatchState} */
let media = 'waiting';
/** @type {Map<string, number>} When a question may be seconded again, in milliseconds since 1970. */
const again = new Map();
/** @type {any} */
let counting = null;
/** @type {Set<string>} Questions that are in the list already; new ones wait behind a button. */
let shown = new Set();
let atTop = true;

const video = byId('video', HTMLVideoElement);
const holding = byId('holding', HTMLElement);
const over = byId('over', HTMLElement);
const sound = byId('sound', HTMLButtonElement);
const audioOnly = byId('audio-only', HTMLButtonElement);
const showNew = byId('show-new', HTMLButtonElement);

const socket = openSocket({
  url: page.socket,
  view: 'room',
  where: () => ({ epoch: state.epoch, seq: state.seq }),
  onMessage(message) {
    const before = state;
    state = apply(state, message);
    if (state.gap) socket.resync();
    if (state.session?.id !== before.session?.id) shown = new Set(state.questions.keys());
    if (state.session?.state !== before.session?.state) {
      player?.hurry();
      asking.redraw();
    }
    draw();
    // They may look at the picture, far from the list of their questions.
    for (const question of newsOfMine(before.mine, state.mine)) toast(`#${question.label} ${mineWords(question)}`);
  },
  onLink(link) {
    drawLink(link);
    if (link === 'online') asking.hurry();
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
  const afterwards = document.getElementById('afterwards');
  if (afterwards) afterwards.hidden = !['ended', 'disposition', 'archived'].includes(session?.state ?? '');
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
      questionCard(question, {
        open,
        own: own.has(question.id),
        seconded: state.seconded.has(question.id),
        wait: waitFor(question.id),
        second,
      }),
    (question) =>
      JSON.stringify([question, open, own.has(question.id), state.seconded.has(question.id), waitFor(question.id)]),
  );
  say(byId('question-count', HTMLElement), String(all.length));
  byId('no-questions', HTMLElement).hidden = all.length > 0;
  byId('mine', HTMLElement).hidden = state.mine.length + asking.count() === 0;
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
    if (error instanceof Refused && error.retryAfter !== null) {
      again.set(id, Date.now() + error.retryAfter * 1000);
      countDown();
    } else drawLists();
    tellRefusal(error);
  }
}

/** Seconds until a question may be seconded again. @param {string} id */
function waitFor(id) {
  return Math.max(0, Math.ceil(((again.get(id) ?? 0) - Date.now()) / 1000));
}

/** Every second, while a button says when to try again. */
function countDown() {
  clearTimeout(counting);
  for (const id of again.keys()) if (waitFor(id) === 0) again.delete(id);
  drawLists();
  if (again.size > 0) counting = setTimeout(countDown, 1000);
}

/** @param {string} id */
async function withdraw(id) {
  if (!(await confirm(byId('confirm', HTMLDialogElement)))) return;
  await socket.wish({ type: 'withdraw', question: id }).catch(tellRefusal);
}

/** @param {import("../state/room.js").Mine} question */
async function appeal(question) {
  const text = byId('appeal-text', HTMLTextAreaElement);
  text.value = '';
  if (!(await confirm(byId('appeal-dialog', HTMLDialogElement)))) return;
  await socket
    .wish({ type: 'appeal', question: question.id, text: text.value })
    .then(() => toast(t('申诉已提交，审核组长会重新看。')))
    .catch(tellRefusal);
}

const asking = openAsking({
  wish: (wish) => socket.wish(wish),
  attend: () => socket.attend(),
  session: () => state.session && { id: state.session.id, topic: state.session.topic, open: isOpen(state.session) },
  onChange: drawLists,
});

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

const copy = byId('copy', HTMLButtonElement);
copy.hidden = !navigator.clipboard;
copy.addEventListener('click', async () => {
  await navigator.clipboard.writeText(location.origin + location.pathname);
  toast(t('地址已复制'));
});
