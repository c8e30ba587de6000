/** Asking: the form, what is on its way, and what came back. Knows no list of other people's questions. */
import { byId, el, say, toast } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';
import { openOutbox } from '../net/outbox.js';
import { Refused } from '../net/socket.js';

const SHOW_WAITING_AFTER = 300;

/**
 * @param {{wish: (wish: import("../net/socket.js").Message) => Promise<import("../net/socket.js").Message>, onChange: () => void}} room
 *   `onChange`: what is on its way changed
 */
export function openAsking({ wish, onChange }) {
  const form = document.getElementById('ask');

  /** What is wrong with a question that came back, and why another one is still on its way. */
  let refusal = '';
  let delay = '';

  const outbox = openOutbox({
    storage: () => localStorage,
    name: `liveroom-outbox-${page.slug}`,
    send: (waiting) => wish({ type: 'ask', ...waiting }),
    isFinal: (error) => error instanceof Refused && error.retryAfter === null,
    holdFor: (error) => (error instanceof Refused ? (error.retryAfter ?? 0) * 1000 : 0),
    onCommitted(answer) {
      delay = '';
      drawProblem();
      thank(answer.question);
      onChange();
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
      onChange();
    },
    onWaiting(error, kept) {
      delay = waitingWords(error, kept);
      drawProblem();
      onChange();
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
      setTimeout(onChange, SHOW_WAITING_AFTER);
    });
  }

  return { waiting: outbox.waiting, hurry: () => void outbox.drain() };
}

/** crypto.randomUUID is missing on plain HTTP pages, where phones in the same network watch. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
