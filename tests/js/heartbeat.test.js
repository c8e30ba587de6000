import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Heartbeat } from '../../web/js/net/heartbeat.js';

function begin() {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const told = [];
  const heartbeat = new Heartbeat({
    ask: () => told.push('asked'),
    onAlive: (slow) => told.push(slow ? 'alive, slowly' : 'alive'),
    onSlow: () => told.push('slow'),
    onDead: () => told.push('dead'),
  });
  heartbeat.begin();
  const tick = (milliseconds) => {
    for (let n = 0; n < milliseconds; n++) mock.timers.tick(1);
  };
  return { heartbeat, told, tick, stop: () => mock.timers.reset() };
}

test('a calm page asks every quarter of a minute', () => {
  const { heartbeat, told, tick, stop } = begin();
  tick(14_999);
  assert.deepEqual(told, []);
  tick(1);
  heartbeat.heard(true);
  assert.deepEqual(told, ['asked', 'alive']);
  tick(15_000);
  assert.deepEqual(told.slice(2), ['asked']);
  stop();
});

test('while somebody types, silence is called slow within two seconds and dead within five', () => {
  const { heartbeat, told, tick, stop } = begin();
  heartbeat.attend();
  heartbeat.heard(true);
  assert.deepEqual(told, ['asked', 'alive']);
  tick(2000);
  assert.deepEqual(told.slice(2), ['asked', 'slow']);
  tick(3000);
  assert.deepEqual(told.slice(4), ['dead']);
  stop();
});

test('letters typed one after the other ask once a second, not once a letter', () => {
  const { heartbeat, told, tick, stop } = begin();
  for (let letter = 0; letter < 20; letter++) {
    heartbeat.attend();
    heartbeat.heard(true);
    tick(100);
  }
  assert.equal(told.filter((word) => word === 'asked').length, 3);
  stop();
});

test('what was on its way keeps a link from being given up and does not call it alive', () => {
  const { heartbeat, told, tick, stop } = begin();
  heartbeat.attend();
  tick(3000);
  heartbeat.heard(false);
  tick(3999);
  assert.deepEqual(told, ['asked', 'slow']);
  tick(1);
  assert.deepEqual(told, ['asked', 'slow', 'dead']);
  stop();
});

test('after a slow answer it takes a quick one to be believed', () => {
  const { heartbeat, told, tick, stop } = begin();
  tick(16_500);
  heartbeat.heard(true);
  tick(1000);
  heartbeat.heard(true);
  assert.deepEqual(told, ['asked', 'slow', 'alive, slowly', 'asked', 'alive']);
  stop();
});

test('a heartbeat that has ended asks nothing and calls nothing dead', () => {
  const { heartbeat, told, tick, stop } = begin();
  heartbeat.attend();
  heartbeat.end();
  heartbeat.heard(true);
  heartbeat.attend();
  tick(60_000);
  assert.deepEqual(told, ['asked']);
  stop();
});
