import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { openOutbox } from '../../web/js/net/outbox.js';
import * as rules from '../../web/js/state/outbox.js';

class Refusal extends Error {}

class NotYet extends Error {
  constructor(seconds) {
    super();
    this.seconds = seconds;
  }
}

/** A device: what its pages share. */
function device() {
  const rows = new Map();
  let queue = Promise.resolve();
  return {
    rows,
    store: {
      all: async () => [...rows.values()],
      change: async (key, how) => {
        const after = how(rows.get(key));
        if (after === null) rows.delete(key);
        else rows.set(key, after);
        return after;
      },
      keeps: () => true,
    },
    lock: (work) => (queue = queue.then(work)),
  };
}

function open(send, { store, lock } = device()) {
  const told = [];
  const outbox = openOutbox({
    store,
    room: 'r',
    lock,
    send,
    refusal: (error) => {
      if (error instanceof Refusal) return { final: true, hold: 0, back: { code: 'no', message: 'words' } };
      if (error instanceof NotYet) return { final: false, hold: error.seconds * 1000, back: { code: '', message: '' } };
      return null;
    },
    random: () => 0,
    onChange() {},
    onCommitted: (answer) => told.push(['committed', answer]),
    onReturned: (entry) => told.push(['returned', entry.text, entry.back.message]),
    onWaiting: () => told.push(['waiting']),
  });
  return { outbox, told };
}

const words = (text) => ({
  key: `key of ${text}`,
  room: 'r',
  session: 's',
  text,
  nickname: '',
  island: '',
  verified: false,
});
const texts = (entries) => entries.map((entry) => entry.text);
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a question leaves the outbox only when it is committed', async () => {
  let answer = () => {};
  const { outbox, told } = open(() => new Promise((resolve) => (answer = resolve)));
  await outbox.add(words('a'));
  await settled();
  assert.deepEqual(texts(outbox.waiting()), ['a']);
  answer('A7K2');
  await settled();
  assert.deepEqual(outbox.waiting(), []);
  assert.deepEqual(told, [['committed', 'A7K2']]);
});

test('questions typed while the link is away are sent in order, each with its own key', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let online = false;
  const sent = [];
  const { outbox, told } = open(async (entry) => {
    if (!online) throw new Error('offline');
    sent.push(entry.key);
    return entry.text;
  });
  await outbox.add(words('a'));
  await outbox.add(words('b'));
  await settled();
  assert.ok(told.length > 0 && told.every(([what]) => what === 'waiting'));
  online = true;
  await outbox.drain();
  assert.deepEqual(sent, ['key of a', 'key of b']);
  assert.deepEqual(outbox.waiting(), []);
  mock.timers.reset();
});

test('a question added while another is on its way is sent after it, once', async () => {
  const sent = [];
  /** @type {(() => void)[]} */
  const answers = [];
  const { outbox } = open((entry) => {
    sent.push(entry.text);
    return new Promise((resolve) => answers.push(resolve));
  });
  await outbox.add(words('a'));
  await outbox.add(words('b'));
  await settled();
  assert.deepEqual(sent, ['a']);
  answers[0]();
  await settled();
  answers[1]();
  await settled();
  assert.deepEqual(sent, ['a', 'b']);
  assert.deepEqual(outbox.waiting(), []);
});

test('two pages of a device send each question once and in order', async () => {
  const shared = device();
  const sent = [];
  const send = async (entry) => {
    sent.push(entry.text);
    await settled();
    return entry.text;
  };
  const [one, other] = [open(send, shared), open(send, shared)];
  await Promise.all([one.outbox.add(words('a')), other.outbox.refresh()]);
  await Promise.all([one.outbox.add(words('b')), other.outbox.drain(), other.outbox.add(words('c'))]);
  for (let n = 0; n < 20; n++) await settled();
  assert.deepEqual([...sent].sort(), ['a', 'b', 'c']);
  assert.equal(sent[0], 'a');
  assert.equal(shared.rows.size, 0);
});

test('a refused question stays until its person sends it again or throws it away, and holds up no other', async () => {
  const shared = device();
  const send = async (entry) => {
    if (entry.text.length > 1) throw new Refusal();
    return entry.text;
  };
  const { outbox, told } = open(send, shared);
  await outbox.add(words('aa'));
  await outbox.add(words('bb'));
  await outbox.add(words('c'));
  await settled();
  assert.deepEqual(told, [
    ['returned', 'aa', 'words'],
    ['returned', 'bb', 'words'],
    ['committed', 'c'],
  ]);
  const later = open(send, shared);
  await later.outbox.refresh();
  assert.deepEqual(texts(later.outbox.returned()), ['aa', 'bb']);
  await later.outbox.reword('key of aa', 'aaa');
  assert.deepEqual(texts(later.outbox.returned()), ['aaa', 'bb']);
  await later.outbox.again('key of aa', 'a', 's');
  await later.outbox.discard('key of bb');
  await settled();
  assert.deepEqual(later.told, [['committed', 'a']]);
  assert.equal(shared.rows.size, 0);
});

test('a question that comes too soon waits as long as the server says, whatever happens meanwhile', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let tries = 0;
  const { outbox, told } = open(async (entry) => {
    if (++tries === 1) throw new NotYet(30);
    return entry.text;
  });
  await outbox.add(words('a'));
  await settled();
  mock.timers.tick(29_000);
  assert.equal(outbox.held(), 1000);
  await outbox.add(words('b'));
  await outbox.drain();
  assert.equal(tries, 1);
  assert.deepEqual(told, [['waiting']]);
  mock.timers.tick(1000);
  await settled();
  mock.timers.reset();
  await settled();
  assert.deepEqual(told.slice(1), [
    ['committed', 'a'],
    ['committed', 'b'],
  ]);
});

test('while it waits its turn a question can be changed or taken back; the others are sent meanwhile', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let tries = 0;
  const { outbox, told } = open(async (entry) => {
    if (++tries === 1) throw new NotYet(30);
    return entry.text;
  });
  for (const text of ['a', 'b', 'c']) await outbox.add(words(text));
  await settled();
  assert.deepEqual(told, [['waiting']]);
  await outbox.setAside('key of a');
  await outbox.discard('key of b');
  mock.timers.tick(30_000);
  await settled();
  assert.deepEqual(told.slice(1), [['committed', 'c']]);
  await outbox.again('key of a', 'better', 's');
  await settled();
  mock.timers.reset();
  assert.deepEqual(told.slice(2), [['committed', 'better']]);
});

test('what may be committed already is neither changed nor taken back', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { outbox } = open(async () => {
    throw new Error('the answer was lost');
  });
  await outbox.add(words('a'));
  await settled();
  assert.equal((await outbox.setAside('key of a')).back, null);
  await outbox.discard('key of a');
  assert.deepEqual(texts(outbox.waiting()), ['a']);
  mock.timers.reset();
});

test('a refusal for now after a lost answer does not mean that nothing was kept', () => {
  const lost = rules.sent(rules.written(words('a'), [], 0));
  const refused = rules.notNow(rules.sent(lost));
  assert.equal(rules.isFree(refused), false);
  assert.equal(rules.isFree(rules.notNow(rules.sent(rules.written(words('b'), [], 0)))), true);
});

test('a clock that is set back lets nobody overtake', () => {
  const first = rules.written(words('a'), [], 5000);
  const second = rules.written(words('b'), [first], 1000);
  assert.deepEqual(texts(rules.waiting([second, first])), ['a', 'b']);
});

test('a question goes to the session it was typed for, and to another one only when its person says so', () => {
  const entry = rules.written(words('a'), [], 0);
  const over = rules.cameBack(entry, { code: 'session_closed', message: '' });
  assert.equal(rules.isOver(over), true);
  assert.equal(rules.again(over, 'a', 'next').session, 'next');
  const long = rules.cameBack(entry, { code: 'too_long', message: '' });
  assert.equal(rules.again(long, 'a', 'next').session, 's');
});

test('what an earlier version kept is taken over in its order, once; damaged memory is an empty outbox', async () => {
  const shared = device();
  const { outbox, told } = open(async (entry) => entry.text, shared);
  const kept = JSON.stringify([{ key: 'k1', text: 'a', nickname: 'n' }, { key: 'k2', text: 'b' }, { text: 'no key' }]);
  assert.equal(await outbox.takeOver(rules.takenOver(kept, 'r')), true);
  await outbox.takeOver(rules.takenOver(kept, 'r'));
  assert.equal(shared.rows.size, 2);
  await outbox.refresh();
  assert.deepEqual(told, [
    ['committed', 'a'],
    ['committed', 'b'],
  ]);
  for (const damaged of ['{', 'null', '7', null]) assert.deepEqual(rules.takenOver(damaged, 'r'), []);
});
