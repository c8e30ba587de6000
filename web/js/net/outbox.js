/**
 * Questions on their way: each is kept on this device, with its own key, until the server has said that it is
 * committed; where the device keeps nothing, for as long as the page is open. Knows no page and no socket: how to
 * send is given.
 *
 * @typedef {{key: string, text: string, nickname: string, island: string}} Waiting
 */

const RETRY_AFTER = 5000;

/**
 * @template Answer
 * @param {{
 *   storage: () => Pick<Storage, "getItem" | "setItem">,
 *   name: string,
 *   send: (waiting: Waiting) => Promise<Answer>,
 *   isFinal: (error: unknown) => boolean,
 *   holdFor: (error: unknown) => number,
 *   onCommitted: (answer: Answer) => void,
 *   onRefused: (waiting: Waiting, error: unknown) => void,
 *   onWaiting: (error: unknown, kept: boolean) => void,
 *   random?: () => number,
 * }} options `storage` may throw, and what it gives too: some browsers allow none. `isFinal` tells a refusal, which a
 *   repetition would not change, from one for now and from a server out of reach. `holdFor`: milliseconds in which
 *   nothing may be sent; 0 when it can go as soon as there is a link. `kept`: all that waits outlives the page
 */
export function openOutbox(options) {
  const { storage, name, send, isFinal, holdFor, onCommitted, onRefused, onWaiting, random = Math.random } = options;
  let sending = false;
  let heldUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  /** @type {Waiting[]} What the device did not take. */
  let unkept = [];
  /** @type {Set<string>} Keys of what is done with: a device that is full may not even let go of something. */
  const done = new Set();

  /** @returns {Waiting[]} */
  function kept() {
    try {
      const read = JSON.parse(storage().getItem(name) ?? '[]');
      return Array.isArray(read) ? read : [];
    } catch {
      return [];
    }
  }

  /** @param {Waiting[]} entries @returns {boolean} whether the device has them */
  function keep(entries) {
    try {
      storage().setItem(name, JSON.stringify(entries));
      return true;
    } catch {
      return false;
    }
  }

  const waiting = () => [...kept(), ...unkept].filter((entry) => !done.has(entry.key));

  // Another page of this device may have added to the outbox meanwhile: take out one entry of what is there now.
  /** @param {string} key */
  function remove(key) {
    done.add(key);
    unkept = unkept.filter((entry) => entry.key !== key);
    const all = kept();
    const rest = all.filter((entry) => entry.key !== key);
    if (rest.length < all.length) keep(rest);
  }

  /** Send what is waiting, in order, until one cannot be sent now; that is tried again by itself. */
  async function drain() {
    if (sending || Date.now() < heldUntil) return;
    sending = true;
    clearTimeout(retry);
    try {
      for (let [next] = waiting(); next; [next] = waiting()) {
        try {
          const answer = await send(next);
          remove(next.key);
          onCommitted(answer);
        } catch (error) {
          if (!isFinal(error)) {
            const hold = holdFor(error);
            heldUntil = Date.now() + hold;
            // Not all at the same moment, when many were sent away together.
            retry = setTimeout(() => void drain(), (hold || RETRY_AFTER) + RETRY_AFTER * random());
            onWaiting(error, unkept.length === 0);
            return;
          }
          remove(next.key);
          onRefused(next, error);
        }
      }
    } finally {
      sending = false;
    }
  }

  return {
    waiting,
    drain,
    /** @param {Waiting} entry */
    add(entry) {
      if (!keep([...kept(), entry])) unkept.push(entry);
      return drain();
    },
  };
}
