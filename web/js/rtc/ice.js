/** STUN and TURN servers as a WHIP or WHEP answer names them (RFC 9725, section 4.6). Knows no connection. */

const LINK = /<([^<>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))*)/g;
const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))/g;

/**
 * @param {string | null} header the value of `Link`, several of them joined with commas (RFC 8288)
 * @returns {RTCIceServer[]}
 */
export function iceServers(header) {
  /** @type {RTCIceServer[]} */
  const servers = [];
  for (const [, urls, parameters] of (header ?? '').matchAll(LINK)) {
    const named = new Map([...parameters.matchAll(PARAMETER)].map(([, name, quoted, bare]) => [name, quoted ?? bare]));
    if (named.get('rel') !== 'ice-server') continue;
    const username = named.get('username');
    const credential = named.get('credential');
    servers.push(username && credential ? { urls, username, credential } : { urls });
  }
  return servers;
}
