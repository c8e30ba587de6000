/** Asking: the form, what is on its way, and what came back. Knows no list of other people's questions. */
import { ask as confirm, byId, el, say, sync, toast } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';
import { openOutbox } from '../net/outbox.js';
import { Refused, Unanswered } from '../net/socket.js';
import { openStore } from '../net/store.js';
import { takenOver } from '../state/outbox.js';
import { returnedCard, tick, waitingCard } from '../view/outbox.js';

/** @typedef {import("../net/socket.js").Message} Message */

const EARLIER_OUTBOX = `liveroom-outbox-${page.slug}`;
const SHOW_WAITING_AFTER = 300;

/**
 * @param {{
 *   wish: (wish: Message) => Promise<Message>,
 *   attend: () => void,
 *   session: () => {id: string, topic: string, open: boolean} | null,
 *   onChange: () => void,
 * }} room `attend`: the person depends on the link now; `onChange`: what is on its way changed
 */
export function openAsking({ wish, attend, session, onChange }) {
  const form = document.getElementById('ask');
  /** Why a question is still on its way: words beside the form. */
  let delay = '';
  let quiet = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;

  const store = openStore(
    () => indexedDB,
    () => void outbox.refresh(),
  );

  const outbox = openOutbox({
    store,
    room: page.slug,
    lock: async (work) => {
      // Missing on plain HTTP.
      if (navigator.locks) await navigator.locks.request(`liveroom-outbox-${page.slug}`, work);
      else await work();
    },
    send: ({ key, session, text, nickname, island, verified }) =>
      wish({ type: 'ask', key, text, nickname, island, verified, ...(session && { session }) }),
    refusal,
    onChange: draw,
    onCommitted(answer) {
      delay = '';
      thank(answer.question);
    },
    onReturned() {
      announce(t('有一个提问没有提交成功，内容在“我的提问”里，请看一下。'));
    },
    onWaiting(error) {
      delay = error instanceof Refused ? heldWords(error.retryAfter ?? 0) : offlineWords();
      if (error instanceof Refused) announce(delay);
      draw();
    },
  });

  function offlineWords() {
    return store.keeps()
      ? t('没有连上服务器。您写的内容已经保存在手机里，联网后会自动发送。')
      : t('没有连上服务器。请不要关闭这一页，联网后会自动发送。');
  }

  /** @param {number} n */
  function heldWords(n) {
    return store.keeps()
      ? t('现在提问的人多，您写的内容已经保存在手机里，约 {n} 秒后自动发送。', { n })
      : t('现在提问的人多，请不要关闭这一页，约 {n} 秒后自动发送。', { n });
  }

  function draw() {
    const waiting = outbox.waiting();
    if (waiting.length === 0) delay = '';
    const held = outbox.held() > 0;
    drawList('waiting-list', quiet ? [] : waiting, [held], (entry) =>
      waitingCard(entry, { first: entry.key === waiting[0]?.key, held, edit: (key) => void setAside(key), discard }),
    );
    const now = session();
    const next = now?.open ? now.topic : null;
    // Not drawn anew for a change of words: they are being typed.
    drawList('returned-list', outbox.returned(), [next], (entry) =>
      returnedCard(entry, {
        limit: page.limits.text,
        next,
        reword: (key, text) => void outbox.reword(key, text),
        again: (key, text) => void outbox.again(key, text, now?.id ?? ''),
        discard,
      }),
    );
    drawDelay(held);
    clearInterval(ticking);
    if (held && waiting.length > 0) {
      const tell = () => {
        tick(outbox.held());
        attend();
      };
      tell();
      ticking = setInterval(tell, 1000);
    }
    onChange();
  }

  /**
   * @param {string} list @param {import("../state/outbox.js").Entry[]} entries @param {unknown[]} depends
   * @param {(entry: import("../state/outbox.js").Entry) => HTMLElement} make
   */
  function drawList(list, entries, depends, make) {
    sync(
      byId(list, HTMLElement),
      entries.map((entry) => ({ ...entry, id: entry.key })),
      make,
      ({ key, text, unsettled, back }) => JSON.stringify([key, back ?? [text, unsettled], depends]),
    );
  }

  /** Beside the form, while there is one. @param {boolean} held */
  function drawDelay(held) {
    const note = document.getElementById('delay');
    if (!note) return;
    say(note, held ? '' : delay);
    note.hidden = held || !delay;
    byId('held', HTMLElement).hidden = !held || !delay;
  }

  /** @param {string} key */
  async function setAside(key) {
    const aside = await outbox.setAside(key);
    if (!aside?.back) return toast(t('已经在发送，不能再修改。'), true);
    const field = byId('returned-list', HTMLElement).querySelector(`[data-id="${key}"] textarea`);
    if (field instanceof HTMLTextAreaElement) field.focus();
  }

  /** @param {string} key */
  async function discard(key) {
    if (!(await confirm(byId('discard-dialog', HTMLDialogElement)))) return;
    if (await outbox.discard(key)) toast(t('已经在发送，不能再撤回。'), true);
  }

  if (form instanceof HTMLFormElement) {
    const text = byId('text', HTMLTextAreaElement);
    const problem = byId('problem', HTMLElement);
    byId('as', HTMLElement).addEventListener('change', () => void chooseName(false));
    byId('verify-link', HTMLElement).addEventListener('click', (event) => {
      event.preventDefault();
      void chooseName(true);
    });
    text.addEventListener('input', () => {
      countLeft();
      attend();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const written = String(data.get('text') ?? '').trim();
      if (!written) return;
      byId('asked', HTMLElement).hidden = true;
      problem.hidden = left(written) >= 0;
      say(problem, t('提问最多 {n} 字，请删短后再提交。', { n: page.limits.text }));
      if (!problem.hidden) {
        text.focus();
        return;
      }
      void keep({
        key: newKey(),
        room: page.slug,
        session: session()?.id ?? page.session_id ?? '',
        text: written,
        nickname: data.get('as') === 'anonymous' ? '' : String(data.get('nickname') ?? ''),
        island: String(data.get('island') ?? ''),
        verified: data.get('as') === 'verified',
      });
    });
  }

  /** Whoever wants to be marked as verified is, before the question is sent. @param {boolean} anyway */
  async function chooseName(anyway) {
    const as = byId('as', HTMLElement);
    const chosen = /** @type {HTMLInputElement} */ (as.querySelector(':checked'));
    const known = as.dataset.verified === 'true';
    if (chosen.value !== 'verified' || (known && !anyway)) return;
    const link = /** @type {HTMLAnchorElement} */ (byId('verify-link', HTMLElement));
    const { verify } = await import('../view/verify.js');
    const verified = await verify(byId('verify-dialog', HTMLDialogElement), link.href);
    as.dataset.verified = String(verified);
    say(link, verified ? t('这台设备已验证') : t('先验证手机号或邮箱'));
    if (verified) return;
    const anonymous = /** @type {HTMLInputElement} */ (as.querySelector('[value=anonymous]'));
    anonymous.checked = true;
    anonymous.focus();
  }

  /** @param {Parameters<typeof outbox.add>[0]} words */
  async function keep(words) {
    const send = byId('send', HTMLButtonElement);
    if (send.disabled) return;
    send.disabled = true; // pressed twice is asked once
    // What is sent at once need not flicker through the list of what waits.
    quiet = true;
    setTimeout(() => {
      quiet = false;
      draw();
    }, SHOW_WAITING_AFTER);
    await outbox.add(words);
    send.disabled = false;
    // Only now: the outbox has it. Whoever follows what is typed hears of it.
    const text = byId('text', HTMLTextAreaElement);
    text.value = '';
    text.dispatchEvent(new Event('input'));
  }

  void takeOverEarlier().then(() => outbox.refresh());

  /** Once: what the device let go of is not there any more. */
  async function takeOverEarlier() {
    try {
      const entries = takenOver(localStorage.getItem(EARLIER_OUTBOX), page.slug);
      if (await outbox.takeOver(entries)) localStorage.removeItem(EARLIER_OUTBOX);
    } catch {
      // Storage is forbidden here: then nothing was kept either.
    }
  }

  return {
    /** How many questions are not committed yet. */
    count: () => outbox.waiting().length + outbox.returned().length,
    /** There is a link. */
    hurry: () => void outbox.drain(),
    /** Another session has begun, or this one has ended. */
    redraw: draw,
  };
}

/** @param {unknown} error @returns {ReturnType<Parameters<typeof openOutbox>[0]["refusal"]>} */
function refusal(error) {
  if (error instanceof Unanswered && !error.sent) return { final: false, hold: 0, back: { code: '', message: '' } };
  if (!(error instanceof Refused)) return null;
  const back = { code: error.code, message: error.message };
  return { final: error.retryAfter === null, hold: (error.retryAfter ?? 0) * 1000, back };
}

/** To those who do not see the page: once. @param {string} words */
function announce(words) {
  say(byId('ask-news', HTMLElement), words);
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

/** crypto.randomUUID is missing on plain HTTP pages, where phones in the same network watch. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
