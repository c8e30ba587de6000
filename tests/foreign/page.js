// Puts the foreign clients, as their registry delivers them, where a test can reach them. Knows no address of ours.
import { WebRTCPlayer } from '@eyevinn/webrtc-player';
import { WHIPClient as EyevinnPublisher } from '@eyevinn/whip-web-client';
import { WHEPClient } from 'whip-whep/whep.js';
import { WHIPClient } from 'whip-whep/whip.js';

/** Every connection that a client makes, so that its figures can be read without touching the client. */
const connections = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    connections.push(this);
  }
};

const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
let shown = 0;
video.requestVideoFrameCallback(function count() {
  shown += 1;
  video.requestVideoFrameCallback(count);
});

const start = {
  'whip-whep publishes': async (url, token, media) => {
    const connection = new RTCPeerConnection();
    for (const track of media.getTracks())
      connection.addTransceiver(track, { direction: 'sendonly', streams: [media] });
    const client = new WHIPClient();
    await client.publish(connection, url, token);
    return client;
  },
  '@eyevinn/whip-web-client publishes': async (url, token, media) => {
    const client = new EyevinnPublisher({ endpoint: url, opts: { authkey: token, iceServers: [] } });
    await client.ingest(media);
    return { stop: () => client.destroy() };
  },
  'whip-whep watches': async (url) => {
    const connection = new RTCPeerConnection();
    connection.addTransceiver('audio', { direction: 'recvonly' });
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.addEventListener('track', ({ streams }) => (video.srcObject = streams[0]));
    const client = new WHEPClient();
    await client.view(connection, url);
    return client;
  },
  '@eyevinn/webrtc-player watches': async (url) => {
    const player = new WebRTCPlayer({ video, type: 'whep', iceServers: [] });
    const said = [];
    for (const name of ['initial-connection-failed', 'connect-error', 'peer-connection-failed'])
      player.on(name, () => said.push(name));
    await player.load(new URL(url));
    return { said, stop: () => player.unload() };
  },
};

let client;

globalThis.foreign = {
  /** Begin to publish or watch; `kinds` are those of the tracks to publish. */
  async start(what, url, token, kinds) {
    const wanted = Object.fromEntries(kinds.map((kind) => [kind, true]));
    const media = kinds.length ? await navigator.mediaDevices.getUserMedia(wanted) : null;
    client = await start[what](url, token, media);
  },
  restart: () => client.restart(),
  stop: () => client.stop(),
  said: () => client.said,
  /** The client's ICE name on the path that media take now, empty when there is none. */
  async path() {
    const stats = await connections.at(-1).getStats();
    const transport = [...stats.values()].find((report) => report.type === 'transport');
    const pair = stats.get(transport?.selectedCandidatePairId ?? '');
    return pair?.state === 'succeeded' ? stats.get(pair.localCandidateId).usernameFragment : '';
  },
  /** Pictures shown and decoded, sound in frames of 20 ms that came from the wire. */
  async frames() {
    const found = { shown, video: 0, audio: 0 };
    for (const report of (await connections.at(-1).getStats()).values()) {
      if (report.type !== 'inbound-rtp') continue;
      if (report.kind === 'video') found.video += report.framesDecoded;
      else found.audio += Math.floor((report.totalSamplesReceived - report.concealedSamples) / 960);
    }
    return found;
  },
};
