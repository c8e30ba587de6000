/**
 * Questions on their way: each is kept on this device, with its own key, until the server has said that it is
 * committed. Knows no page and no socket: how to send is given.
 *
 * @typedef {{key: string, text: string, nickname: string, island: string}} Waiting
 */

/**
 * @template Answer
 * @param {{
 *   storage: Pick<Storage, "getItem" | "setItem">,
 *   name: string,
 *   send: (waiting: Waiting) => Promise<Answer>,
 *   isFinal: (error: unknown) => boolean,
 *   onCommitted: (answer: Answer) => void,
 *   onRefused: (waiting: Waiting, error: unknown) => void,
 *   onWaiting: (error: unknown) => void,
 * }} options `isFinal` tells a refusal, which a repetition would not change, from a server out of reach
 */
export function openOutbox({ storage, name, send, isFinal, onCommitted, onRefused, onWaiting }) {
  let sending = false;

  /** @returns {Waiting[]} */
  function waiting() {
    try {
      const kept = JSON.parse(storage.getItem(name) ?? '[]');
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  /** @param {Waiting[]} rest */
  const keep = (rest) => storage.setItem(name, JSON.stringify(rest));
  // Another page of this device may have added to the outbox meanwhile: take out one entry of what is there now.
  /** @param {string} key */
  const remove = (key) => keep(waiting().filter((entry) => entry.key !== key));

  /** Send what is waiting, in order, until one cannot be sent now. */
  async function drain() {
    if (sending) return;
    sending = true;
    try {
      for (let [next] = waiting(); next; [next] = waiting()) {
        try {
          const answer = await send(next);
          remove(next.key);
          onCommitted(answer);
        } catch (error) {
          if (!isFinal(error)) {
            onWaiting(error);
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
      keep([...waiting(), entry]);
      return drain();
    },
  };
}
