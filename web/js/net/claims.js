/** Keeps the claim on the question that is being worked on, and lets the last one go. Knows no page. */

const RENEW_EVERY = 20_000;

/**
 * @param {(wish: {type: string, [name: string]: any}) => Promise<any>} wish
 * @param {(error: unknown) => void} onRefused a colleague has it
 */
export function keepClaims(wish, onRefused) {
  let held = '';
  setInterval(() => {
    if (held) wish({ type: 'claim', question: held }).catch(() => {});
  }, RENEW_EVERY);

  /** @param {string} question */
  function release(question) {
    if (held !== question || !question) return;
    held = '';
    wish({ type: 'unclaim', question }).catch(() => {});
  }

  return {
    release,
    /** Work on this question from now on. @param {string} question @param {boolean} [takeOver] */
    async claim(question, takeOver = false) {
      if (held && held !== question) release(held);
      try {
        await wish({ type: 'claim', question, take_over: takeOver });
        held = question;
        return true;
      } catch (error) {
        onRefused(error);
        return false;
      }
    },
    /** Another question was chosen. @param {string} question */
    leave(question) {
      if (held && held !== question) release(held);
    },
  };
}
