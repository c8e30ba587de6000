/** The studio: a deputy's camera on the left, the question on air on the right. */
import { keep, recall } from '../lib/device.js';
import { byId, el, say, setHidden } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';
import { openSocket } from '../net/socket.js';
import { deviceProblem, listDevices, meterLevel, openDevices } from '../rtc/devices.js';
import { publish } from '../rtc/publish.js';
import { apply, empty } from '../state/room.js';
import { drawLink } from '../view/link.js';
import { prompter } from '../view/prompter.js';
import { tellRefusal } from '../view/refusal.js';
import { tellSignedOut } from '../view/signed_out.js';
import { sessionButtons } from '../view/whole.js';

/** The session that this device was on the air with, for a page that comes back. */
const ON_AIR = 'liveroom-on-air';

let state = empty();
/** @type {MediaStream | null} */
let devices = null;
/** @type {ReturnType<typeof publish> | null} */
let publication = null;
/** @type {import("../rtc/publish.js").PublishState | "idle"} */
let sending = 'idle';
let stopMeter = () => {};
let silentSince = 0;
let resumed = false;

const goLive = byId('go-live', HTMLButtonElement);
const problem = byId('problem', HTMLElement);
const camera = byId('camera', HTMLSelectElement);
const microphone = byId('microphone', HTMLSelectElement);
const mute = byId('mute', HTMLButtonElement);
const hide = byId('hide', HTMLButtonElement);

const socket = openSocket({
  url: page.socket,
  view: 'studio',
  where: () => ({ epoch: state.epoch, seq: state.seq }),
  onMessage(message) {
    state = apply(state, message);
    if (state.gap) socket.resync();
    draw();
    resumeByItself();
  },
  onLink: drawLink,
  onTurnedAway: tellSignedOut,
});

const drawPrompter = prompter((wish) => void socket.wish(wish).catch(tellRefusal));
const drawButtons = sessionButtons((wish) => socket.wish(wish));

async function openCamera() {
  try {
    const opened = await openDevices({ camera: camera.value, microphone: microphone.value });
    devices?.getTracks().forEach((track) => track.stop());
    devices = opened;
    byId('preview', HTMLVideoElement).srcObject = opened;
    byId('camera-off', HTMLElement).hidden = true;
    problem.hidden = true;
    for (const track of opened.getTracks()) {
      track.enabled = !(track.kind === 'audio' ? mute : hide).matches('[aria-pressed="true"]');
      await publication?.replaceTrack(track);
    }
    stopMeter();
    stopMeter = meterLevel(opened, showLevel);
    await fillChoices();
  } catch (error) {
    const words = {
      denied: t('浏览器没有允许使用摄像头和麦克风。请点地址栏左边的图标，选择“允许”，再刷新页面。'),
      none: t('没有找到摄像头或麦克风。请插好设备后再试。'),
      busy: t('摄像头或麦克风正被别的程序使用。请关闭那个程序后再试。'),
      insecure: t('这个页面不是安全连接，浏览器不允许使用摄像头。请用 localhost 或 HTTPS 地址打开。'),
      failed: t('没有打开摄像头。请刷新页面再试。'),
    }[deviceProblem(error)];
    problem.hidden = false;
    say(problem, words);
    say(byId('camera-words', HTMLElement), t('摄像头没有打开'));
  }
  draw();
  resumeByItself();
}

/** @param {number} level */
function showLevel(level) {
  byId('level', HTMLMeterElement).value = Math.min(1, level * 3);
  if (level > 0.005) silentSince = Date.now();
  const muted = mute.getAttribute('aria-pressed') === 'true';
  say(
    byId('level-words', HTMLElement),
    muted ? t('已静音') : Date.now() - silentSince > 3000 ? t('没有声音') : t('有声音'),
  );
}

async function fillChoices() {
  for (const [select, kind] of /** @type {const} */ ([
    [camera, 'videoinput'],
    [microphone, 'audioinput'],
  ])) {
    const used = devices
      ?.getTracks()
      .find((track) => track.kind === kind.slice(0, 5))
      ?.getSettings().deviceId;
    const options = (await listDevices(kind)).map((device, n) => {
      const option = el('option', { value: device.deviceId }, device.label || `${n + 1}`);
      if (option instanceof HTMLOptionElement) option.selected = device.deviceId === used;
      return option;
    });
    select.replaceChildren(...options);
  }
}

function start() {
  if (!devices || publication) return;
  publication = publish(() => devices?.getTracks() ?? [], {
    url: page.whip,
    onState(next, code) {
      sending = next;
      if (['taken_over', 'ended', 'failed'].includes(next)) publication = null;
      if (next === 'taken_over') keep(ON_AIR, null);
      if (next === 'taken_over') tellProblem(t('另一台设备接着直播了，这里已停止。'));
      if (code === 'unauthenticated') tellSignedOut();
      else if (next === 'ended' || next === 'failed') tellProblem(refusalWords(code ?? ''));
      draw();
    },
    onUplink(uplink) {
      const element = byId('uplink', HTMLElement);
      element.hidden = sending !== 'live';
      const weak = uplink.loss > 0.08 || uplink.rtt > 0.8;
      element.dataset.link = weak ? 'slow' : 'online';
      say(element, weak ? t('上行网络较弱') : t('上行正常 {n} kb/s', { n: Math.round(uplink.bitrate / 1000) }));
    },
  });
}

/** @param {string} code */
function refusalWords(code) {
  if (code === 'session_over') return t('这场直播已经结束。');
  if (code === 'session_cut') return t('直播已被工委中止，解除后才能继续。');
  if (code === 'no_session') return t('直播间现在没有安排场次，请联系工委。');
  if (code === 'forbidden') return t('您不在这一场的代表名单里，请联系工委。');
  return t('没有接通，请刷新页面再试。');
}

/** @param {string} words */
function tellProblem(words) {
  problem.hidden = false;
  say(problem, words);
}

/** A page that was closed or fell over during its broadcast goes on as soon as it is back. */
function resumeByItself() {
  const onTheAir = state.session && ['live', 'interrupted'].includes(state.session.state);
  if (resumed || !devices || !state.session) return;
  resumed = true;
  if (onTheAir && recall(ON_AIR) === state.session.id) start();
}

function draw() {
  const session = state.session;
  const over = !session || ['ended', 'disposition', 'archived', 'cancelled', 'cut'].includes(session.state);
  if (over && publication) {
    void publication.stop();
    publication = null;
    sending = 'idle';
  }
  const live = sending === 'live' && session?.state === 'live';
  if (live && session) keep(ON_AIR, session.id);
  const words = byId('state', HTMLElement);
  words.className = live ? 'badge live' : 'badge';
  say(words, stateWords());
  const liveButtons = byId('live-buttons', HTMLElement);
  if (publication) liveButtons.hidden = false;
  setHidden(goLive, publication !== null, mute);
  setHidden(liveButtons, publication === null, goLive);
  goLive.disabled = !devices || over;
  const again = session && ['live', 'interrupted'].includes(session.state);
  say(
    byId('go-live-words', HTMLElement),
    sending === 'taken_over' ? t('在这里继续') : again ? t('继续直播') : t('开始直播'),
  );
  drawButtons(session, state.you.may);
  say(byId('viewers', HTMLElement), String(state.viewers));
  drawPrompter(state);
}

function stateWords() {
  switch (state.session?.state) {
    case 'cut':
      return t('已被中止：{reason}', { reason: state.session.cut_reason });
    case 'ended':
    case 'disposition':
    case 'archived':
      return t('已结束');
    case 'cancelled':
      return t('已取消');
  }
  switch (sending) {
    case 'live':
      return t('直播中');
    case 'connecting':
      return t('正在接通…');
    case 'reconnecting':
      return t('网络中断，正在重连…');
    case 'taken_over':
      return t('已在另一台设备直播');
  }
  return state.session?.state === 'live' ? t('正在另一台设备直播') : t('还没有开始');
}

goLive.addEventListener('click', () => {
  problem.hidden = true;
  start();
});
for (const [button, kind] of /** @type {const} */ ([
  [mute, 'audio'],
  [hide, 'video'],
])) {
  button.addEventListener('click', () => {
    const off = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(off));
    devices
      ?.getTracks()
      .filter((track) => track.kind === kind)
      .forEach((track) => (track.enabled = !off));
  });
}
camera.addEventListener('change', () => void openCamera());
microphone.addEventListener('change', () => void openCamera());

void openCamera();
