/** The session socket: comes back by itself, repeats nothing, answers every wish. Knows no view. */
import { t } from '../lib/words.js';
import { Heartbeat } from './heartbeat.js';

/** @typedef {{type: string, [name: string]: any}} Message */
/** @typedef {"online" | "slow" | "offline"} Link */

const CONNECT_WITHIN = 8000;
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

/** The answer did not come: nobody knows whether the wish was granted, unless it was never `sent`. */
export class Unanswered extends Error {
  sent = true;
}

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
    this.retry = null;
    this.heartbeat = new Heartbeat({
      ask: () => void this.wish({ type: 'ping' }).catch(() => {}), // the one that lost the link tells
      onAlive: (slow) => this.setLink(slow ? 'slow' : 'online'),
      onSlow: () => this.link === 'online' && this.setLink('slow'),
      onDead: () => this.drop(),
    });
  }

  open() {
    const make = this.options.make ?? ((url) => new WebSocket(url));
    const socket = make(this.options.url);
    this.socket = socket;
    // A network that swallows everything never says that it did: whoever has not come through by then tries anew.
    const connecting = setTimeout(() => socket === this.socket && this.drop(), CONNECT_WITHIN);
    socket.onopen = () => {
      clearTimeout(connecting);
      if (socket !== this.socket) return; // given up already
      this.wait = FIRST_WAIT;
      socket.send(JSON.stringify({ type: 'hello', view: this.options.view, ...this.place() }));
      this.setLink('online');
      this.heartbeat.begin();
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.take(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      clearTimeout(connecting);
      this.lose(socket, event.code);
    };
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
    this.heartbeat.heard(message.type === 'pong');
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
    this.closed = true;
    this.drop();
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
        reject(Object.assign(new Unanswered(), { sent: false }));
        return;
      }
      const id = ++this.number;
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Unanswered());
        this.drop();
      }, ANSWER_WITHIN);
      const text = JSON.stringify({ ...wish, id });
      this.waiting.set(id, { resolve, reject, timer, size: text.length });
      this.socket.send(text);
      if (wish.type !== 'ping') this.attend();
    });
  }

  /** Somebody depends on the link: a link that has died in silence is to be found within seconds. */
  attend() {
    this.heartbeat.attend();
  }

  /** Give the socket up, at once: a browser takes its time to close one whose other side is gone. */
  drop() {
    const { socket } = this;
    if (!socket) return;
    this.lose(socket, 1000);
    socket.close();
  }

  /** @param {WebSocket} socket @param {number} code why it was closed */
  lose(socket, code) {
    if (socket !== this.socket) return;
    this.heartbeat.end();
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

  /** The browser says that the network is back, or the page is looked at again: find out now how things are. */
  hurry() {
    this.heartbeat.ask();
    if (this.socket || this.closed) return;
    clearTimeout(this.retry);
    this.wait = FIRST_WAIT;
    this.open();
  }

  /** The browser says that the network is gone. It may be wrong (a server on this machine): an answer says so. */
  doubt() {
    this.setLink('offline');
    this.attend();
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
  addEventListener('offline', () => socket.doubt());
  // A phone that slept finds a socket that looks open and may be dead.
  addEventListener('visibilitychange', () => document.visibilityState === 'visible' && socket.hurry());
  socket.open();
  return socket;
}
