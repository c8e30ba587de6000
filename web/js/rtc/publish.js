/** Publishes a stream by WHIP and comes back by itself. Knows no words and no page. */
import { negotiate, OfferRefused, pause } from './negotiate.js';

/** @typedef {"connecting" | "live" | "reconnecting" | "taken_over" | "ended" | "failed"} PublishState */

const LOOK_EVERY = 500;
const CONNECT_WITHIN = 8000;
const VIDEO_BITRATE = 900_000;

/**
 * @param {() => MediaStreamTrack[]} tracks what to send; asked for every connection, since cameras change in between
 * @param {{url: string, token?: string, onState: (state: PublishState, code?: string) => void,
 *   onUplink?: (uplink: {bitrate: number, rtt: number, loss: number}) => void}} options
 */
export function publish(tracks, options) {
  let stopped = false;
  /** @type {RTCPeerConnection | null} */
  let current = null;
  /** @type {string | null} */
  let session = null;

  async function run() {
    let wait = 500;
    options.onState('connecting');
    while (!stopped) {
      try {
        await once();
        wait = 500;
      } catch (error) {
        if (error instanceof OfferRefused && error.status < 500 && error.status !== 429) {
          stopped = true;
          options.onState(error.status === 409 ? 'ended' : 'failed', error.code);
          return;
        }
      }
      if (stopped) return;
      if (session && (await fate(session)) === 'taken_over') {
        stopped = true;
        options.onState('taken_over');
        return;
      }
      options.onState('reconnecting');
      await pause(wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 5000);
    }
  }

  async function once() {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    current = connection;
    try {
      // All at once: a camera that is changed from here on finds the sender that it replaces.
      const stream = new MediaStream(tracks());
      const transceivers = stream
        .getTracks()
        .map((track) => connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] }));
      for (const transceiver of transceivers) {
        if (transceiver.sender.track?.kind !== 'video') continue;
        preferH264(transceiver);
        const parameters = transceiver.sender.getParameters();
        for (const encoding of parameters.encodings) encoding.maxBitrate = VIDEO_BITRATE;
        await transceiver.sender.setParameters(parameters).catch(() => {});
      }
      session = await negotiate(connection, options.url, options.token);
      await follow(connection);
    } finally {
      connection.close();
    }
  }

  /** @param {RTCPeerConnection} connection */
  async function follow(connection) {
    const began = Date.now();
    let live = false;
    let sent = 0;
    while (!stopped) {
      await pause(LOOK_EVERY);
      const state = connection.connectionState;
      if (state === 'connected' && !live) {
        live = true;
        options.onState('live');
      }
      if (state === 'failed' || state === 'closed') return;
      // "disconnected" may heal by itself; a server that said goodbye does not.
      if (connection.sctp === null && dtlsClosed(connection)) return;
      if (state === 'disconnected' && live) (options.onState('reconnecting'), (live = false));
      // A server that has restarted does not know us any more, and will not answer until the browser gives up.
      if (state === 'disconnected' && session && (await fate(session)) !== 'unknown') return;
      if (!live && Date.now() - began > CONNECT_WITHIN && state !== 'disconnected') return;
      sent = await tellUplink(connection, sent);
    }
  }

  /** @param {RTCPeerConnection} connection @param {number} before bytes */
  async function tellUplink(connection, before) {
    let bytes = 0;
    let rtt = 0;
    let loss = 0;
    (await connection.getStats()).forEach((report) => {
      if (report.type === 'outbound-rtp') bytes += report.bytesSent;
      if (report.type === 'remote-inbound-rtp' && report.kind === 'video') {
        rtt = report.roundTripTime ?? 0;
        loss = report.fractionLost ?? 0;
      }
    });
    options.onUplink?.({ bitrate: ((bytes - before) * 8000) / LOOK_EVERY, rtt, loss });
    return bytes;
  }

  // Not at once: the caller shall have what is returned before it is told anything.
  void Promise.resolve().then(run);
  return {
    /** Send another camera or microphone without a new connection. @param {MediaStreamTrack} track */
    async replaceTrack(track) {
      const sender = current?.getSenders().find((s) => s.track?.kind === track.kind);
      await sender?.replaceTrack(track);
    },
    async stop() {
      stopped = true;
      current?.close();
      if (session) await fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});
    },
  };
}

/** @param {RTCPeerConnection} connection */
function dtlsClosed(connection) {
  return connection.getSenders().some((sender) => sender.transport?.state === 'closed');
}

/** @param {RTCRtpTransceiver} transceiver */
function preferH264(transceiver) {
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  const rank = (/** @type {{mimeType: string, sdpFmtpLine?: string}} */ codec) =>
    codec.mimeType !== 'video/H264' ? 2 : /profile-level-id=42e0/i.test(codec.sdpFmtpLine ?? '') ? 0 : 1;
  const sorted = [...codecs].sort((a, b) => rank(a) - rank(b));
  if (sorted.length && 'setCodecPreferences' in transceiver) transceiver.setCodecPreferences(sorted);
}

/** Whether the server has let a session go, and why. @param {string} session */
async function fate(session) {
  const response = await fetch(session).catch(() => null);
  return response?.status === 410 ? 'taken_over' : response?.status === 404 ? 'gone' : 'unknown';
}
