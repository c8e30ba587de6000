import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { keep, recall } from '../../web/js/lib/device.js';

function device(/** @type {() => object} */ get) {
  Object.defineProperty(globalThis, 'localStorage', { get, configurable: true });
}

afterEach(() => {
  delete globalThis.localStorage;
});

test('what is kept is recalled, until it is forgotten', () => {
  const notes = new Map();
  device(() => ({
    getItem: (name) => notes.get(name) ?? null,
    setItem: (name, value) => notes.set(name, value),
    removeItem: (name) => notes.delete(name),
  }));
  keep('a', 'b');
  assert.equal(recall('a'), 'b');
  keep('a', null);
  assert.equal(recall('a'), null);
});

test('a browser that allows no storage, or has no room, stops nothing', () => {
  const refuse = () => {
    throw new DOMException('', 'SecurityError');
  };
  for (const get of [refuse, () => ({ getItem: refuse, setItem: refuse, removeItem: refuse })]) {
    device(get);
    keep('a', 'b');
    keep('a', null);
    assert.equal(recall('a'), null);
  }
});
