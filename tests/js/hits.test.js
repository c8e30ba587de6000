import assert from 'node:assert/strict';
import { test } from 'node:test';

import { column } from '../../web/js/state/desk.js';
import { pieces, reasons, urgent } from '../../web/js/state/hits.js';
import { empty } from '../../web/js/state/room.js';

const hit = (action, found, start = 0, end = 0, more = {}) => ({
  list: 'l',
  version: 1,
  action,
  found,
  field: 'text',
  start,
  end,
  by_sound: false,
  ...more,
});

test('a text is marked where the server found something, whatever characters are before it', () => {
  assert.deepEqual(
    pieces('😀加微信吧', [hit('hold', '加微信', 1, 4)]).map((p) => [p.text, p.hit?.found ?? null]),
    [
      ['😀', null],
      ['加微信', '加微信'],
      ['吧', null],
    ],
  );
  assert.deepEqual(pieces('没有', []), [{ text: '没有', hit: null }]);
});

test('of two hits in one place the more severe is shown', () => {
  const found = pieces('加微信', [hit('escalate', '加微信', 0, 3), hit('flag', '微信', 1, 3)]);
  assert.deepEqual(
    found.map((p) => p.hit?.action),
    ['escalate'],
  );
});

test('a finding is named once, the most severe first', () => {
  const found = reasons([hit('flag', '一'), hit('hold', '二'), hit('hold', '二', 5, 6)]);
  assert.deepEqual(
    found.map((h) => h.found),
    ['二', '一'],
  );
});

test('what a list escalates is urgent until somebody has decided, and comes first', () => {
  const escalated = { id: '2', state: 'held', asked_at: '2', hits: [hit('escalate', '不想活')] };
  assert.ok(urgent(escalated));
  assert.ok(!urgent({ ...escalated, state: 'pending' }));
  assert.ok(!urgent({ state: 'held', hits: [hit('hold', '加微信')] }));
  const others = [
    { id: '1', state: 'pending', asked_at: '1', hits: [] },
    { id: '3', state: 'held', asked_at: '0', hits: [hit('hold', '加微信')] },
  ];
  const state = { ...empty(), questions: new Map([...others, escalated].map((q) => [q.id, q])) };
  assert.deepEqual(
    column(state, 'pending').map((q) => q.id),
    ['2', '3', '1'],
  );
});
