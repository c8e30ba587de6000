import assert from 'node:assert/strict';
import { test } from 'node:test';

import { column, mergeTargets, moveOf, moves, movesForMany, neighbour } from '../../web/js/state/desk.js';
import { apply, empty } from '../../web/js/state/room.js';
import { suggested } from '../../web/js/state/suggested.js';

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
  tags: [],
  merged: 0,
  assigned_name: '',
  ...more,
});
const all = ['triage', 'order', 'on_air', 'answered'];
const state = { ...empty(), questions: new Map(['1', '2', '3'].map((id) => [id, question(id, 'queued')])) };

test("moves follow the state and the person's permissions", () => {
  assert.deepEqual(moves(question('1', 'pending'), all), [
    'publish',
    'refuse',
    'edit',
    'merge',
    'defer',
    'tag',
    'assign',
  ]);
  assert.deepEqual(moves(question('1', 'on_air'), ['answered']), ['answered', 'commitment']);
  assert.deepEqual(moves(question('1', 'withdrawn'), all), []);
});

test('a key means a move only where the move makes sense', () => {
  assert.equal(moveOf('p', question('1', 'pending'), all), 'publish');
  assert.equal(moveOf('p', question('1', 'queued'), all), null);
  assert.equal(moveOf('u', question('1', 'on_air'), all), 'take_off_air');
  assert.equal(moveOf('u', question('1', 'queued'), all), 'dequeue');
});

test('while the broadcast is cut off nothing is offered that shows more', () => {
  assert.deepEqual(moves(question('1', 'published'), all, true), ['refuse', 'merge', 'defer', 'tag', 'assign']);
  assert.equal(moves(question('1', 'pending'), all, true).includes('edit'), true);
  assert.deepEqual(moves(question('1', 'refused'), all, true), []);
  assert.deepEqual(moves(question('1', 'on_air'), all, true), ['answered', 'commitment', 'take_off_air']);
  assert.deepEqual(movesForMany([question('1', 'refused'), question('2', 'held')], all, true).slice(0, 2), [
    'release',
    'refuse',
  ]);
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
  assert.deepEqual(
    column(with_air, 'queued').map((q) => q.id),
    ['4', '1', '2', '3'],
    'and widens again',
  );
});

test('keys mean what the state of the question makes of them', () => {
  assert.equal(moveOf('p', question('1', 'appealed'), ['appeals']), 'accept_appeal');
  assert.equal(moveOf('u', question('1', 'merged'), all), null);
  assert.equal(moveOf('u', question('1', 'merged'), ['unmerge']), 'unmerge');
});

const desk = (...questions) => ({ ...empty(), questions: new Map(questions.map((q) => [q.id, q])) });

test('what needs a decision most comes first', () => {
  const state = desk(
    question('1', 'pending'),
    question('2', 'held'),
    question('3', 'appealed'),
    question('4', 'held', { hits: [{ list: 'care', version: 1, action: 'escalate', found: '' }] }),
  );
  assert.deepEqual(
    column(state, 'pending').map((q) => q.id),
    ['4', '3', '2', '1'],
  );
});

test('for many at once there is what at least one of them takes', () => {
  assert.deepEqual(movesForMany([question('1', 'refused'), question('2', 'published')], all), [
    'publish',
    'refuse',
    'merge',
    'defer',
    'tag',
    'assign',
    'enqueue',
  ]);
  assert.deepEqual(movesForMany([], all), []);
});

test('questions are merged into the most alike, never into themselves or into what does not speak', () => {
  const state = desk(
    question('1', 'pending', { text: '渡船晚上几点停？' }),
    question('2', 'published', { text: '码头的路灯坏了' }),
    question('3', 'published', { text: '晚上的渡船几点停航' }),
    question('4', 'refused', { text: '渡船晚上几点停' }),
  );
  const one = [state.questions.get('1')];
  assert.deepEqual(
    mergeTargets(state, one).map((q) => q.id),
    ['3', '2'],
  );
  assert.deepEqual(
    mergeTargets(state, one, '路灯').map((q) => q.id),
    ['2'],
  );
});

test('claims are told whole', () => {
  const claim = { question: '1', by: 'm', by_name: 'M', until: '2026-01-01T00:00:00Z' };
  const state = apply(empty(), { type: 'claims', claims: [claim] });
  assert.equal(state.claims.get('1').by_name, 'M');
  assert.equal(apply(state, { type: 'claims', claims: [] }).claims.size, 0);
});

test('a suggestion for the next one says why', () => {
  const at = (minutes) => new Date(Date.UTC(2026, 0, 1, 12, minutes)).toISOString();
  const now = Date.UTC(2026, 0, 1, 12, 30);
  const state = desk(
    question('1', 'answered', { island: '主岛' }),
    question('2', 'published', { island: '主岛', votes: 3, asked_at: at(30) }),
    question('3', 'published', { island: '外屿', votes: 1, asked_at: at(30) }),
    question('4', 'published', { island: '主岛', votes: 0, asked_at: at(0) }),
    question('5', 'published', { island: '主岛', votes: 0, asked_at: at(30) }),
  );
  assert.deepEqual(
    suggested(state, now).map(({ question: q, reasons }) => [q.id, reasons.map(({ what, n }) => `${what} ${n}`)]),
    [
      ['3', ['votes 1', 'island 0']],
      ['2', ['votes 3']],
      ['4', ['waiting 30']],
    ],
  );
});
