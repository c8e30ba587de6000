/** Watches a stream by WHEP and comes back by itself. Knows no words and no page. */
import { negotiate, OfferRefused, pause } from './negotiate.js';

/** @typedef {"waiting" | "connecting" | "playing" | "stalled" | "reconnecting" | "stopped"} WatchState */

const LOOK_EVERY = 500;
const STALLED_AFTER = 1500;
const GIVE_UP_AFTER = 6000;
const CONNECT_WITHIN = 8000;

/**
 * @param {HTMLVideoElement} video
 * @param {{url: string, onState: (state: WatchState) => void, audioOnly?: boolean}} options
 */
export function watch(video, options) {
  let stopped = false;
  let audioOnly = options.audioOnly ?? false;
  /** @type {(() => void) | null} */
  let restart = null;
  /** @type {WatchState | null} */
  let told = null;

  /** @param {WatchState} state */
  function tell(state) {
    if (state !== told) options.onState((told = state));
  }

  async function run() {
    let wait = 500;
    while (!stopped) {
      try {
        await once();
        wait = 500;
        tell('reconnecting');
      } catch (error) {
        if (error instanceof OfferRefused && [409, 429, 503].includes(error.status)) {
          tell('waiting');
          await Promise.race([pause(error.retryAfter * 1000 * (0.75 + Math.random() / 2)), hurried()]);
          continue;
        }
        tell('reconnecting');
      }
      await Promise.race([pause(wait * (0.5 + Math.random())), hurried()]);
      wait = Math.min(wait * 2, 8000);
    }
  }

  /** @returns {Promise<void>} */
  function hurried() {
    return new Promise((resolve) => (restart = resolve));
  }

  /** One connection, until it is of no more use. */
  async function once() {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    /** @type {string | null} */
    let session = null;
    try {
      if (told !== 'reconnecting') tell('connecting');
      const stream = new MediaStream();
      connection.ontrack = (event) => {
        stream.addTrack(event.track);
        if (video.srcObject !== stream) video.srcObject = stream;
      };
      connection.addTransceiver('audio', { direction: 'recvonly' });
      if (!audioOnly) connection.addTransceiver('video', { direction: 'recvonly' });
      session = await negotiate(connection, options.url);
      await follow(connection);
    } finally {
      connection.close();
      if (session) fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});
    }
  }

  /** @param {RTCPeerConnection} connection */
  async function follow(connection) {
    const began = Date.now();
    let flowedAt = 0;
    let received = 0;
    let asked = false;
    const again = hurried().then(() => (asked = true));
    while (!stopped && !asked) {
      await Promise.race([pause(LOOK_EVERY), again]);
      if (['failed', 'closed'].includes(connection.connectionState)) return;
      const packets = await countPackets(connection);
      const now = Date.now();
      if (packets > received) {
        received = packets;
        flowedAt = now;
        tell('playing');
        if (video.paused) video.play().catch(() => {});
      } else if (flowedAt === 0) {
        if (now - began > CONNECT_WITHIN) return;
      } else if (now - flowedAt > GIVE_UP_AFTER && connection.connectionState !== 'connected') {
        return;
      } else if (now - flowedAt > STALLED_AFTER) {
        // Connected and silent: the publisher is away. The server goes on where it stopped.
        tell('stalled');
      }
    }
  }

  // Not at once: the caller shall have what is returned before it is told anything.
  void Promise.resolve().then(run);
  return {
    /** @param {boolean} only */
    setAudioOnly(only) {
      if (only === audioOnly) return;
      audioOnly = only;
      restart?.();
    },
    /** Try again now, for example because the session went live. */
    hurry() {
      if (told === 'waiting' || told === 'reconnecting') restart?.();
    },
    stop() {
      stopped = true;
      restart?.();
      tell('stopped');
    },
  };
}

/** @param {RTCPeerConnection} connection */
async function countPackets(connection) {
  let packets = 0;
  (await connection.getStats()).forEach((report) => {
    if (report.type === 'inbound-rtp') packets += report.packetsReceived;
  });
  return packets;
}
