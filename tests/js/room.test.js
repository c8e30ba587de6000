import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apply, empty, isOpen, newsOfMine, onAir, publicOrder, queue } from '../../web/js/state/room.js';

const question = (id, state, more = {}) => ({
  id,
  label: id,
  text: id,
  nickname: '',
  island: '',
  state,
  votes: 0,
  asked_at: `2026-01-01T00:00:0${id}Z`,
  place: 0,
  mark_start: null,
  mark_end: null,
  commitment: false,
  outcome: null,
  edited: false,
  ...more,
});
const session = {
  id: 's',
  topic: 't',
  state: 'live',
  starts_at: '',
  started_at: null,
  ended_at: null,
  deputies: [],
  cut_reason: '',
};
const you = { name: '', roles: [], may: [] };
const snapshot = (seq, questions) => ({ type: 'snapshot', epoch: 'e', seq, session, questions, you });
const feed = (after, seq, changed = [], gone = [], more = {}) => ({
  type: 'feed',
  epoch: 'e',
  after,
  seq,
  changed,
  gone,
  notes: [],
  ...more,
});

test('a snapshot replaces everything', () => {
  let state = apply(empty(), snapshot(3, [question('1', 'published')]));
  state = apply(state, snapshot(5, [question('2', 'published')]));
  assert.deepEqual([...state.questions.keys()], ['2']);
  assert.equal(state.seq, 5);
});

test('a feed that follows is applied, its session kept when it names none', () => {
  let state = apply(empty(), snapshot(3, [question('1', 'published')]));
  state = apply(state, feed(3, 5, [question('2', 'published')], ['1']));
  assert.deepEqual([...state.questions.keys()], ['2']);
  assert.equal(state.session?.state, 'live');
});

test('a feed after a gap changes nothing and asks for more', () => {
  const before = apply(empty(), snapshot(3, []));
  const after = apply(before, feed(4, 5, [question('2', 'published')]));
  assert.equal(after.gap, true);
  assert.equal(after.seq, 3);
  assert.equal(after.questions.size, 0);
});

test('a feed that overlaps, or comes twice, leads to the same state', () => {
  const start = apply(empty(), snapshot(3, []));
  const news = feed(2, 5, [question('2', 'published')]);
  assert.deepEqual(apply(apply(start, news), news), apply(start, news));
});

test('an old feed does not take a newer state back', () => {
  const state = apply(empty(), snapshot(9, [question('1', 'answered')]));
  assert.equal(apply(state, feed(3, 5, [question('1', 'published')])).questions.get('1').state, 'answered');
});

test('a feed of another epoch asks for a snapshot', () => {
  const state = apply(empty(), snapshot(3, []));
  assert.equal(apply(state, feed(3, 4, [], [], { epoch: 'other' })).gap, true);
});

test('counts change votes of known questions only', () => {
  const state = apply(apply(empty(), snapshot(1, [question('1', 'published')])), {
    type: 'counts',
    viewers: 7,
    votes: { 1: 4, 9: 2 },
    seconded: ['1'],
  });
  assert.equal(state.questions.get('1').votes, 4);
  assert.equal(state.questions.size, 1);
  assert.equal(state.viewers, 7);
  assert.ok(state.seconded.has('1'));
});

test('the queue follows places, the public order puts it first', () => {
  const state = apply(
    empty(),
    snapshot(1, [
      question('1', 'published', { votes: 9 }),
      question('2', 'queued', { place: 2 }),
      question('3', 'queued', { place: 1 }),
      question('4', 'on_air'),
    ]),
  );
  assert.deepEqual(
    queue(state).map((q) => q.id),
    ['3', '2'],
  );
  assert.deepEqual(
    publicOrder(state).map((q) => q.id),
    ['3', '2', '1'],
  );
  assert.equal(onAir(state)?.id, '4');
});

test('asking is open before and during the broadcast only', () => {
  assert.equal(isOpen(session), true);
  assert.equal(isOpen({ ...session, state: 'ended' }), false);
  assert.equal(isOpen(null), false);
});

test('an asker hears what others did with a question, and when it is the next one', () => {
  const mine = (state, ahead = null) => [{ ...question('1', state), ahead }];
  const told = (before, after) => newsOfMine(before, after).map((q) => q.state);
  assert.deepEqual(told([], mine('pending')), [], 'a page that opens, or a question that was just asked');
  assert.deepEqual(told(mine('pending'), mine('refused')), ['refused']);
  assert.deepEqual(told(mine('pending'), mine('merged')), ['merged']);
  assert.deepEqual(told(mine('queued', 2), mine('queued', 1)), []);
  assert.deepEqual(told(mine('queued', 1), mine('queued', 0)), ['queued']);
  assert.deepEqual(told(mine('queued', 0), mine('queued', 0)), []);
  assert.deepEqual(told(mine('published'), mine('withdrawn')), [], 'by their own hand');
  assert.deepEqual(told(mine('refused'), mine('appealed')), [], 'by their own hand');
});

test('a merged question is the next one, on air and answered with the one that speaks for it', () => {
  const mine = (state, ahead = null) => [{ ...question('1', 'merged'), ahead, merged_into: { id: '2', state } }];
  assert.equal(newsOfMine(mine('published'), mine('queued', 3)).length, 1);
  assert.equal(newsOfMine(mine('queued', 3), mine('queued', 0)).length, 1);
  assert.equal(newsOfMine(mine('queued', 0), mine('on_air')).length, 1);
  assert.equal(newsOfMine(mine('on_air'), mine('on_air')).length, 0);
});
