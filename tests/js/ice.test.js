import assert from 'node:assert/strict';
import { test } from 'node:test';

import { iceServers } from '../../web/js/rtc/ice.js';

test('servers with and without a password are read, other links are left alone', () => {
  const header =
    '<stun:stun.example:3478>; rel="ice-server", ' +
    '<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="1700000000:liveroom"; ' +
    'credential="a+b/c=="; credential-type="password", </events>; rel="urn:ietf:params:whep:ext:example"';
  assert.deepEqual(iceServers(header), [
    { urls: 'stun:stun.example:3478' },
    { urls: 'turn:turn.example:3478?transport=udp', username: '1700000000:liveroom', credential: 'a+b/c==' },
  ]);
});

test('a comma in a password does not end it, and a bare rel is read', () => {
  assert.deepEqual(iceServers('<turn:t>; rel=ice-server; username="u"; credential="a,b;c"'), [
    { urls: 'turn:t', username: 'u', credential: 'a,b;c' },
  ]);
});

test('no header, no servers', () => {
  assert.deepEqual(iceServers(null), []);
  assert.deepEqual(iceServers('nonsense'), []);
});
