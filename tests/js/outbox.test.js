import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { openOutbox } from '../../web/js/net/outbox.js';

class Refusal extends Error {}

class NotYet extends Error {
  constructor(seconds) {
    super();
    this.seconds = seconds;
  }
}

function open(send, storage = new Map(), keep = (name, value) => storage.set(name, value)) {
  const told = [];
  const outbox = openOutbox({
    storage: () => ({ getItem: (name) => storage.get(name) ?? null, setItem: keep }),
    name: 'outbox',
    send,
    isFinal: (error) => error instanceof Refusal,
    holdFor: (error) => (error instanceof NotYet ? error.seconds * 1000 : 0),
    random: () => 0,
    onCommitted: (answer) => told.push(['committed', answer]),
    onRefused: (waiting) => told.push(['refused', waiting.text]),
    onWaiting: (_, kept) => told.push(kept ? ['waiting'] : ['waiting', 'while the page is open']),
  });
  return { outbox, told, storage };
}

const entry = (text) => ({ key: `key of ${text}`, text, nickname: '', island: '' });

test('a question leaves the outbox only when it is committed', async () => {
  let answer = () => {};
  const { outbox, told } = open(() => new Promise((resolve) => (answer = resolve)));
  const added = outbox.add(entry('a'));
  assert.deepEqual(
    outbox.waiting().map((waiting) => waiting.text),
    ['a'],
  );
  answer('A7K2');
  await added;
  assert.deepEqual(outbox.waiting(), []);
  assert.deepEqual(told, [['committed', 'A7K2']]);
});

test('questions typed while the link is away are sent in order, each with its own key', async () => {
  let online = false;
  const sent = [];
  const { outbox, told } = open(async (waiting) => {
    if (!online) throw new Error('offline');
    sent.push(waiting.key);
    return waiting.text;
  });
  await outbox.add(entry('a'));
  await outbox.add(entry('b'));
  assert.deepEqual(told, [['waiting'], ['waiting']]);
  online = true;
  await outbox.drain();
  assert.deepEqual(sent, ['key of a', 'key of b']);
  assert.deepEqual(outbox.waiting(), []);
});

test('a question added while another is on its way is sent after it, once', async () => {
  const sent = [];
  /** @type {(() => void)[]} */
  const answers = [];
  const { outbox } = open((waiting) => {
    sent.push(waiting.text);
    return new Promise((resolve) => answers.push(resolve));
  });
  const first = outbox.add(entry('a'));
  await outbox.add(entry('b'));
  assert.deepEqual(sent, ['a']);
  answers[0]();
  await new Promise((resolve) => setTimeout(resolve));
  answers[1]();
  await first;
  assert.deepEqual(sent, ['a', 'b']);
  assert.deepEqual(outbox.waiting(), []);
});

test('a refused question goes back to the page and does not hold up the next', async () => {
  const { outbox, told } = open(async (waiting) => {
    if (waiting.text === 'a') throw new Refusal();
    return waiting.text;
  });
  await outbox.add(entry('a'));
  await outbox.add(entry('b'));
  assert.deepEqual(told, [
    ['refused', 'a'],
    ['committed', 'b'],
  ]);
});

test('a page that is opened again finds what was waiting, and damaged memory is an empty outbox', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const storage = new Map();
  const away = open(async () => {
    throw new Error('offline');
  }, storage);
  await away.outbox.add(entry('a'));
  const back = open(async (waiting) => waiting.text, storage);
  await back.outbox.drain();
  assert.deepEqual(back.told, [['committed', 'a']]);
  storage.set('outbox', '{');
  assert.deepEqual(back.outbox.waiting(), []);
  mock.timers.reset();
});

test('a question that comes too soon waits as long as the server says, whatever happens meanwhile', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let tries = 0;
  const { outbox, told } = open(async (waiting) => {
    if (++tries === 1) throw new NotYet(30);
    return waiting.text;
  });
  await outbox.add(entry('a'));
  mock.timers.tick(29_000);
  await outbox.add(entry('b'));
  await outbox.drain();
  assert.equal(tries, 1);
  assert.deepEqual(told, [['waiting']]);
  mock.timers.tick(1000);
  mock.timers.reset();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(told.slice(1), [
    ['committed', 'a'],
    ['committed', 'b'],
  ]);
});

test('where the device keeps nothing, a question is sent all the same and held until it is committed', async () => {
  const refuse = () => {
    throw new DOMException('', 'QuotaExceededError');
  };
  let online = false;
  const { outbox, told } = open(
    async (waiting) => {
      if (!online) throw new Error('offline');
      return waiting.text;
    },
    new Map(),
    refuse,
  );
  await outbox.add(entry('a'));
  assert.equal(outbox.waiting()[0].text, 'a');
  assert.deepEqual(told, [['waiting', 'while the page is open']]);
  online = true;
  await outbox.drain();
  assert.deepEqual(told.slice(1), [['committed', 'a']]);
  assert.deepEqual(outbox.waiting(), []);
});

test('a device that does not let go of a question does not have it sent for ever', async () => {
  const storage = new Map([['outbox', JSON.stringify([entry('a')])]]);
  const refuse = () => {
    throw new DOMException('', 'QuotaExceededError');
  };
  const { outbox, told } = open(async (waiting) => waiting.text, storage, refuse);
  await outbox.drain();
  assert.deepEqual(told, [['committed', 'a']]);
});
