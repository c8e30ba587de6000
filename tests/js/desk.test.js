import assert from 'node:assert/strict';
import { test } from 'node:test';

import { column, moveOf, moves, neighbour } from '../../web/js/state/desk.js';
import { empty } from '../../web/js/state/room.js';

const question = (id, state, more = {}) => ({
  id,
  label: id,
  text: `text ${id}`,
  nickname: '',
  island: '',
  state,
  votes: 0,
  asked_at: id,
  place: Number(id),
  mark_start: null,
  mark_end: null,
  commitment: false,
  outcome: null,
  edited: false,
  ...more,
});
const all = ['triage', 'order', 'on_air', 'answered'];
const state = { ...empty(), questions: new Map(['1', '2', '3'].map((id) => [id, question(id, 'queued')])) };

test("moves follow the state and the person's permissions", () => {
  assert.deepEqual(moves(question('1', 'pending'), all), ['publish', 'refuse', 'edit']);
  assert.deepEqual(moves(question('1', 'on_air'), ['answered']), ['answered', 'commitment']);
  assert.deepEqual(moves(question('1', 'withdrawn'), all), []);
});

test('a key means a move only where the move makes sense', () => {
  assert.equal(moveOf('p', question('1', 'pending'), all), 'publish');
  assert.equal(moveOf('p', question('1', 'queued'), all), null);
  assert.equal(moveOf('u', question('1', 'on_air'), all), 'take_off_air');
  assert.equal(moveOf('u', question('1', 'queued'), all), 'dequeue');
});

test('one place up or down, and nowhere at the ends', () => {
  assert.equal(neighbour(state, '1', 'up'), undefined);
  assert.equal(neighbour(state, '2', 'up'), '1');
  assert.equal(neighbour(state, '1', 'down'), '3');
  assert.equal(neighbour(state, '2', 'down'), null);
  assert.equal(neighbour(state, '3', 'down'), undefined);
});

test('the question on air stands before the queue, and search narrows', () => {
  const with_air = { ...state, questions: new Map([...state.questions, ['4', question('4', 'on_air')]]) };
  assert.deepEqual(
    column(with_air, 'queued').map((q) => q.id),
    ['4', '1', '2', '3'],
  );
  assert.deepEqual(
    column(with_air, 'queued', 'TEXT 2').map((q) => q.id),
    ['2'],
  );
});
