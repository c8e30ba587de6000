/**
 * Questions on their way: each is kept on this device, with its own key, until the server has said that it is
 * committed or that it never will be; what came back stays until its person sends it again or throws it away.
 * Knows no page and no socket: how to send is given.
 *
 * That a question is kept once is the work of its key, which the server compares. The lock, where a browser has one
 * (not on plain HTTP), only spares two pages of a device from sending the same at the same time.
 *
 * @typedef {import("../state/outbox.js").Entry} Entry
 */
import * as rules from '../state/outbox.js';

const RETRY_AFTER = 5000;

/**
 * @template Answer
 * @param {{
 *   store: import("./store.js").Store,
 *   room: string,
 *   lock: (work: () => Promise<void>) => Promise<void>,
 *   send: (entry: Entry) => Promise<Answer>,
 *   refusal: (error: unknown) => {final: boolean, hold: number, back: import("../state/outbox.js").Back} | null,
 *   onChange: () => void,
 *   onCommitted: (answer: Answer) => void,
 *   onReturned: (entry: Entry) => void,
 *   onWaiting: (error: unknown) => void,
 *   random?: () => number,
 * }} options `refusal`: what is known of a sending that was not granted, null when nobody knows its end; `final`
 *   when a repetition would not change it, `hold`: milliseconds in which nothing may be sent
 */
export function openOutbox(options) {
  const {
    store,
    room,
    lock,
    send,
    refusal,
    onChange,
    onCommitted,
    onReturned,
    onWaiting,
    random = Math.random,
  } = options;
  /** @type {Entry[]} As last read: pages draw without waiting. */
  let known = [];
  let sending = false;
  /** Asked for while one was under way, which may have looked for the last time already. */
  let wanted = false;
  let heldUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;

  async function read() {
    known = (await store.all()).filter((entry) => entry.room === room);
    return known;
  }

  /** @param {string} key @param {(entry: Entry | undefined) => Entry | null} how */
  async function change(key, how) {
    const after = await store.change(key, how);
    await read();
    onChange();
    return after;
  }

  /** Send what is waiting, in order, until one cannot be sent now; that is tried again by itself. */
  async function drain() {
    wanted = true;
    if (sending || Date.now() < heldUntil) return;
    sending = true;
    clearTimeout(retry);
    try {
      while (wanted && Date.now() >= heldUntil) {
        wanted = false;
        await lock(async () => {
          for (let goes = true; goes;) {
            const [next] = rules.waiting(await read());
            goes = next !== undefined && (await sendOne(next));
          }
        });
      }
    } finally {
      sending = false;
    }
    onChange();
  }

  /** @param {Entry} entry @returns {Promise<boolean>} whether the next one may follow */
  async function sendOne(entry) {
    const going = await change(entry.key, rules.sent);
    if (!going || going.back) return true;
    try {
      const answer = await send(going);
      await change(entry.key, () => null);
      onCommitted(answer);
      return true;
    } catch (error) {
      const said = refusal(error);
      if (said?.final) {
        const back = await change(entry.key, (now) => rules.cameBack(now, said.back));
        if (back) onReturned(back);
        return true;
      }
      if (said) await change(entry.key, rules.notNow);
      hold(said?.hold ?? 0);
      wanted = false;
      onWaiting(error);
      return false;
    }
  }

  /** @param {number} milliseconds */
  function hold(milliseconds) {
    // Not all at the same moment, when many were sent away together.
    const pause = milliseconds
      ? milliseconds + Math.max(1000, milliseconds / 4) * random()
      : RETRY_AFTER * (1 + random());
    heldUntil = milliseconds ? Date.now() + pause : 0;
    clearTimeout(retry);
    retry = setTimeout(() => {
      heldUntil = 0;
      void drain();
    }, pause);
  }

  return {
    waiting: () => rules.waiting(known),
    returned: () => rules.returned(known),
    /** Milliseconds until the next one is sent, 0 when it goes as soon as there is a link. */
    held: () => Math.max(0, heldUntil - Date.now()),
    drain,
    /** Also when another page of this device changed something. */
    async refresh() {
      await read();
      onChange();
      await drain();
    },
    /** @param {Omit<Entry, "at" | "unsettled" | "back">} words resolves when it is kept; sending goes on by itself */
    async add(words) {
      const entry = rules.written(words, await read(), Date.now());
      await change(entry.key, () => entry);
      void drain();
    },
    /** @param {Entry[]} entries what an earlier version kept; resolves with whether the device has all of it now */
    async takeOver(entries) {
      for (const entry of entries) await change(entry.key, (now) => now ?? entry);
      return store.keeps();
    },
    /** @param {string} key */
    setAside: (key) => change(key, rules.setAside),
    /** @param {string} key @param {string} text */
    reword: (key, text) => change(key, (entry) => rules.reworded(entry, text)),
    /** @param {string} key @param {string} text @param {string} session */
    async again(key, text, session) {
      await change(key, (entry) => rules.again(entry, text, session));
      void drain();
    },
    /** @param {string} key */
    discard: (key) => change(key, rules.discarded),
  };
}
