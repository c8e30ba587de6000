/** The session socket: comes back by itself, repeats nothing, answers every wish. Knows no view. */
import { t } from '../lib/words.js';

/** @typedef {{type: string, [name: string]: any}} Message */
/** @typedef {"online" | "slow" | "offline"} Link */

const PING_EVERY = 15000;
const SLOW_AFTER = 1500;
const ANSWER_WITHIN = 12000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
/** The close code of RFC 6455 for a message that is larger than the other side takes. */
const TOO_BIG = 1009;

/** A wish that was not granted; `message` is in the page's language. */
export class Refused extends Error {
  /** @param {Message} answer */
  constructor(answer) {
    super(answer.message ?? answer.code);
    /** @type {string} */
    this.code = answer.code;
    /** @type {number | null} Seconds after which the same wish may be granted; null: it never will be. */
    this.retryAfter = answer.retry_after ?? null;
  }
}

/** The answer did not come: nobody knows whether the wish was granted. */
export class Unanswered extends Error {}

export class SessionSocket {
  /**
   * @param {{url: string, view: string, onMessage: (message: Message) => void, onLink: (link: Link) => void,
   *   onTurnedAway?: () => void, where: () => {epoch: string | null, seq: number}, make?: (url: string) => WebSocket, random?: () => number}} options
   */
  constructor(options) {
    this.options = options;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.number = 0;
    this.wait = FIRST_WAIT;
    /** @type {Map<number, {resolve: (m: Message) => void, reject: (e: Error) => void, timer: any, size: number}>} */
    this.waiting = new Map();
    /** @type {Link} */
    this.link = 'offline';
    this.closed = false;
    /** @type {any} */
    this.pinging = null;
    /** @type {any} */
    this.retry = null;
  }

  open() {
    const make = this.options.make ?? ((url) => new WebSocket(url));
    const socket = make(this.options.url);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      socket.send(JSON.stringify({ type: 'hello', view: this.options.view, ...this.place() }));
      this.setLink('online');
      clearInterval(this.pinging);
      this.pinging = setInterval(() => this.ping(), PING_EVERY);
    };
    socket.onmessage = (event) => this.take(JSON.parse(event.data));
    socket.onclose = (event) => this.lose(socket, event.code);
  }

  place() {
    const { epoch, seq } = this.options.where();
    return epoch === null ? {} : { epoch, seq };
  }

  /** Say hello again on the open socket: there was a gap. */
  resync() {
    if (this.socket?.readyState !== 1) return; // the next one begins with it
    this.socket.send(JSON.stringify({ type: 'hello', view: this.options.view, ...this.place() }));
  }

  /** @param {Message} message */
  take(message) {
    // What answers a wish repeats its number, whatever its type.
    if ('id' in message) {
      if (message.type === 'refused' && message.id === null) return this.takeRefusedHello(new Refused(message));
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      clearTimeout(waiting?.timer);
      if (message.type === 'refused') waiting?.reject(new Refused(message));
      else waiting?.resolve(message);
      return;
    }
    this.options.onMessage(message);
  }

  /** Only a hello has no number. Refused for good, this view is not for whoever we are now. @param {Refused} refused */
  takeRefusedHello(refused) {
    if (refused.retryAfter !== null) {
      setTimeout(() => this.resync(), refused.retryAfter * 1000);
      return;
    }
    const { socket } = this;
    this.closed = true;
    // At once: a browser takes its time to close, and would tell of a lost link after the page has heard why.
    if (socket) this.lose(socket, 1000);
    socket?.close();
    this.options.onTurnedAway?.();
  }

  /**
   * Send a wish; resolves with its answer, rejects with Refused, or with Unanswered when the link was lost.
   * @param {{type: string, [name: string]: any}} wish
   * @returns {Promise<Message>}
   */
  wish(wish) {
    return new Promise((resolve, reject) => {
      if (!this.socket || this.socket.readyState !== 1) {
        reject(new Unanswered());
        return;
      }
      const id = ++this.number;
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Unanswered());
        this.socket?.close();
      }, ANSWER_WITHIN);
      const text = JSON.stringify({ ...wish, id });
      this.waiting.set(id, { resolve, reject, timer, size: text.length });
      this.socket.send(text);
    });
  }

  async ping() {
    const began = Date.now();
    const slow = setTimeout(() => this.setLink('slow'), SLOW_AFTER);
    try {
      await this.wish({ type: 'ping' });
      this.setLink(Date.now() - began > SLOW_AFTER ? 'slow' : 'online');
    } catch {
      // the close handler tells
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {WebSocket} socket @param {number} code why it was closed */
  lose(socket, code) {
    if (socket !== this.socket) return;
    clearInterval(this.pinging);
    this.socket = null;
    const waiting = [...this.waiting.values()].sort((a, b) => b.size - a.size);
    this.waiting.clear();
    // One of the wishes was too much for the server and always will be. It does not say which: the longest.
    if (code === TOO_BIG) waiting[0]?.reject(new Refused({ type: 'refused', code: 'too_long', message: tooLong() }));
    for (const { timer, reject } of waiting) {
      clearTimeout(timer);
      reject(new Unanswered());
    }
    this.setLink('offline');
    if (this.closed) return;
    const random = this.options.random ?? Math.random;
    this.retry = setTimeout(() => this.open(), this.wait * (0.5 + random()));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  /** The browser says that the network is back: do not wait any longer. */
  hurry() {
    if (this.socket || this.closed) return;
    clearTimeout(this.retry);
    this.wait = FIRST_WAIT;
    this.open();
  }

  close() {
    this.closed = true;
    clearTimeout(this.retry);
    this.socket?.close();
  }

  /** @param {Link} link */
  setLink(link) {
    if (this.link === link) return;
    this.link = link;
    this.options.onLink(link);
  }
}

const tooLong = () => t('内容太长了，没有发送。请删短后再试。');

/**
 * A socket for this page that hears about the browser's network.
 * @param {ConstructorParameters<typeof SessionSocket>[0]} options
 */
export function openSocket(options) {
  const url = new URL(options.url, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new SessionSocket({ ...options, url: url.href });
  addEventListener('online', () => socket.hurry());
  addEventListener('offline', () => socket.setLink('offline'));
  socket.open();
  return socket;
}
