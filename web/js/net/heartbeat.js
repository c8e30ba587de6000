/**
 * Whether the other side still answers: a link that has died in silence looks like one on which nothing happens.
 * Knows no socket: how to ask is given.
 */

/** Milliseconds between questions while nobody depends on the answer, and while somebody does. */
const CALM_PACE = 15_000;
const CLOSE_PACE = 1000;
const SLOW_AFTER = 1000;
const DEAD_AFTER = 4000;
/** How long somebody counts as depending on the link after a sign of it, such as a letter typed. */
const CLOSE_FOR = 10_000;

export class Heartbeat {
  /** @param {{ask: () => void, onAlive: (slow: boolean) => void, onSlow: () => void, onDead: () => void}} options */
  constructor(options) {
    this.options = options;
    this.beating = false;
    this.asking = false;
    this.slow = false;
    this.closeUntil = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.slowTimer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} Until the next question, or until an answer comes too late. */
    this.nextTimer = undefined;
  }

  begin() {
    this.beating = true;
    this.asking = this.slow = false;
    this.rest();
  }

  end() {
    this.beating = this.asking = false;
    this.clear();
  }

  /** Somebody depends on the link: look at it closely for a while, beginning now. */
  attend() {
    const calm = Date.now() >= this.closeUntil;
    this.closeUntil = Date.now() + CLOSE_FOR;
    if (calm) this.ask();
  }

  /** Ask now, unless an answer is waited for already. */
  ask() {
    if (!this.beating || this.asking) return;
    this.clear();
    this.asking = true;
    this.slowTimer = setTimeout(() => {
      this.slow = true;
      this.options.onSlow();
    }, SLOW_AFTER);
    this.nextTimer = setTimeout(() => this.options.onDead(), DEAD_AFTER);
    this.options.ask();
  }

  /**
   * Something came. What was on its way keeps the link from being given up; only an answer says that it is there.
   * @param {boolean} answer
   */
  heard(answer) {
    if (!this.asking) return;
    if (!answer) {
      clearTimeout(this.nextTimer);
      this.nextTimer = setTimeout(() => this.options.onDead(), DEAD_AFTER);
      return;
    }
    this.asking = false;
    this.options.onAlive(this.slow);
    this.rest();
    this.slow = false;
  }

  rest() {
    this.clear();
    // After a slow answer it takes a quick one to be believed.
    const close = this.slow || Date.now() < this.closeUntil;
    this.nextTimer = setTimeout(() => this.ask(), close ? CLOSE_PACE : CALM_PACE);
  }

  clear() {
    clearTimeout(this.slowTimer);
    clearTimeout(this.nextTimer);
  }
}
