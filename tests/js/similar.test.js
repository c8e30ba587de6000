import assert from 'node:assert/strict';
import { test } from 'node:test';

import { applyClusters, shownClusters } from '../../web/js/state/clusters.js';
import { apply, empty } from '../../web/js/state/room.js';
import { cards, likely, outdated, saysSomething } from '../../web/js/state/similar.js';

const question = (id, text, state = 'published', votes = 0) => ({
  id,
  label: id,
  text,
  state,
  votes,
  mark_start: null,
  asked_at: `2026-01-01T00:00:0${id}Z`,
});
const found = (id, more = {}) => ({
  kind: 'question',
  id,
  text: id,
  state: 'published',
  link: '/rooms/r/sessions/s#1',
  label: id,
  number: '',
  session: 's',
  votes: 1,
  mark_start: null,
  asked_at: null,
  ...more,
});
const room = (questions, more = {}) => ({
  ...apply(empty(), {
    type: 'snapshot',
    epoch: 'e',
    seq: 1,
    session: { id: 's', state: 'live' },
    questions,
    you: { name: '', roles: [], may: [] },
  }),
  ...more,
});

test('marks, one letter and nothing say nothing', () => {
  for (const text of ['', ' ', '船', '？！', '😀😀']) assert.equal(saysSomething(text), false, text);
  for (const text of ['停航', 'ok', '１２']) assert.equal(saysSomething(text), true, text);
});

test('without the server the page finds what it knows, the likest first', () => {
  const known = [question('1', '卫生院的药不够'), question('2', '台风天停航能不能提前通知？'), question('3', '停航')];
  const ids = likely('停航提前通知', known, 's').map((one) => one.id);
  assert.deepEqual(ids, ['2']);
  assert.deepEqual(likely('', known, 's'), []);
  assert.equal(likely('ＷＩＦＩ', [question('1', 'wifi什么时候有')], 's').length, 1);
});

test('a card of this session has the state and votes of now', () => {
  const [card] = cards([found('1')], room([question('1', 'x', 'queued', 9)]), true);
  assert.deepEqual([card.state, card.votes, card.way, card.here], ['queued', 9, 'second', true]);
  const [answered] = cards([found('1')], room([question('1', 'x', 'answered')]), true);
  assert.deepEqual([answered.kind, answered.way], ['answered', 'read']);
});

test('what cannot be seconded is only read', () => {
  const own = room([question('1', 'x')], { mine: [{ id: '1' }] });
  const seconded = room([question('1', 'x')], { seconded: new Set(['1']) });
  assert.equal(cards([found('1')], own, true)[0].way, 'own');
  assert.equal(cards([found('1')], seconded, true)[0].way, 'seconded');
  assert.equal(cards([found('1')], room([question('1', 'x')]), false)[0].way, 'read');
  assert.equal(cards([found('1', { session: 'other' })], room([]), true)[0].way, 'read');
  assert.equal(cards([found('1')], room([]), true)[0].way, 'read', 'gone meanwhile');
  assert.equal(cards([found('m', { kind: 'suggestion', session: '' })], room([]), true)[0].way, 'read');
});

test("the question that speaks for one's own is not seconded, unless that was taken back", () => {
  const mine = (state) => [{ id: '2', state, merged_into: { id: '1' } }];
  const questions = [question('1', 'x')];
  assert.equal(cards([found('1')], room(questions, { mine: mine('merged') }), true)[0].way, 'own');
  assert.equal(cards([found('1')], room(questions, { mine: mine('withdrawn') }), true)[0].way, 'second');
});

test('what has left the page is looked for again, what stands elsewhere is not', () => {
  assert.equal(outdated([found('1')], room([question('1', 'x')])), false);
  assert.equal(outdated([found('1')], room([])), true);
  assert.equal(outdated([found('1', { session: 'other' }), found('m', { session: '' })], room([])), false);
});

test('there are three cards at most', () => {
  const ids = ['1', '2', '3', '4'];
  assert.equal(cards(ids.map((id) => found(id)), room([]), true).length, 3); // prettier-ignore
});

test('clusters hold what still waits for a decision, the largest first', () => {
  const state = room([
    question('1', 'a', 'pending', 2),
    question('2', 'b', 'pending', 3),
    question('3', 'c', 'published'),
    question('4', 'd', 'pending'),
    question('5', 'e', 'held'),
    question('6', 'f', 'pending'),
  ]);
  const told = [
    { title: '停航', questions: ['1', '2', '3'] },
    { title: '药', questions: ['3', '4'] },
    { title: '水', questions: ['4', '5', '6', 'gone'] },
  ];
  const clusters = applyClusters([], { type: 'clusters', clusters: told });
  assert.deepEqual(
    shownClusters(state, clusters).map(({ title, questions, votes }) => [title, questions.map((q) => q.id), votes]),
    [
      ['水', ['4', '5', '6'], 0],
      ['停航', ['1', '2'], 5],
    ],
  );
  assert.equal(applyClusters(clusters, { type: 'counts' }), clusters);
});
