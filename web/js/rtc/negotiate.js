/** One offer and its answer over HTTP: the half that WHIP and WHEP share. Knows no media. */
import { iceServers } from './ice.js';

/** The server's refusal of an offer. */
export class OfferRefused extends Error {
  /** @param {number} status @param {string} code @param {number} retryAfter seconds */
  constructor(status, code, retryAfter) {
    super(code);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {RTCPeerConnection} connection
 * @param {string} url
 * @param {string} [token]
 * @returns {Promise<string>} the address of the new session
 */
export async function negotiate(connection, url, token) {
  // The server's ICE agent uses no candidates of ours: gathering can wait until its answer names TURN servers to use.
  const offer = await connection.createOffer();
  /** @type {Record<string, string>} */
  const headers = { 'Content-Type': 'application/sdp' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(url, { method: 'POST', headers, body: offer.sdp });
  if (response.status !== 201) {
    const problem = await response.json().catch(() => ({}));
    throw new OfferRefused(response.status, problem.code ?? '', Number(response.headers.get('Retry-After')) || 2);
  }
  const servers = iceServers(response.headers.get('Link'));
  if (servers.length) connection.setConfiguration({ ...connection.getConfiguration(), iceServers: servers });
  await connection.setLocalDescription(offer);
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  return new URL(response.headers.get('Location') ?? '', new URL(url, location.href)).href;
}

/** @param {number} milliseconds */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
