import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Refused, SessionSocket, Unanswered } from '../../web/js/net/socket.js';

class FakeSocket {
  readyState = 1;
  sent = [];
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

function open(where = { epoch: null, seq: 0 }) {
  const made = [];
  const links = [];
  const socket = new SessionSocket({
    url: 'ws://test',
    view: 'room',
    onMessage() {},
    onLink: (link) => links.push(link),
    where: () => where,
    random: () => 0.5,
    make: () => {
      const fake = new FakeSocket();
      made.push(fake);
      return fake;
    },
  });
  socket.open();
  made[0].onopen();
  return { socket, made, links };
}

test('it says hello with what it knows, or with nothing when it is new', () => {
  const fresh = open();
  assert.deepEqual(fresh.made[0].sent[0], { type: 'hello', view: 'room' });
  const back = open({ epoch: 'e', seq: 7 });
  assert.deepEqual(back.made[0].sent[0], { type: 'hello', view: 'room', epoch: 'e', seq: 7 });
  fresh.socket.close();
  back.socket.close();
});

test('a wish is answered, or refused with its words', async () => {
  const { socket, made } = open();
  const asked = socket.wish({ type: 'ask', key: 'k' });
  made[0].onmessage({ data: JSON.stringify({ type: 'asked', id: 1, question: {} }) });
  assert.equal((await asked).type, 'asked');
  const refused = socket.wish({ type: 'second', question: 'q' });
  made[0].onmessage({
    data: JSON.stringify({ type: 'refused', id: made[0].sent.at(-1).id, code: 'not_found', message: 'words' }),
  });
  await assert.rejects(
    refused,
    (error) => error instanceof Refused && error.code === 'not_found' && error.message === 'words',
  );
  socket.close();
});

test('a lost link leaves wishes unanswered and comes back', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { socket, made, links } = open();
  const wish = socket.wish({ type: 'ask' });
  made[0].close();
  await assert.rejects(wish, Unanswered);
  assert.equal(links.at(-1), 'offline');
  mock.timers.tick(600);
  assert.equal(made.length, 2);
  socket.close();
  mock.timers.reset();
});

test('what is too much for the server is refused for good, and what else was on its way is not', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { socket, made } = open();
  const short = socket.wish({ type: 'ping' });
  const long = socket.wish({ type: 'ask', text: '长'.repeat(6000) });
  const other = socket.wish({ type: 'second', question: 'q' });
  made[0].close(1009);
  await assert.rejects(long, (error) => error instanceof Refused && error.code === 'too_long');
  await assert.rejects(short, Unanswered);
  await assert.rejects(other, Unanswered);
  socket.close();
  mock.timers.reset();
});

test('a link that has died in silence is given up, said to be lost, and tried anew', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { socket, made, links } = open();
  made[0].close = () => {}; // what a browser does while the other side does not answer
  const wish = socket.wish({ type: 'ask' });
  assert.deepEqual(
    made[0].sent.map((message) => message.type),
    ['hello', 'ask', 'ping'],
  );
  mock.timers.tick(4000);
  await assert.rejects(wish, Unanswered);
  assert.deepEqual(links, ['online', 'slow', 'offline']);
  mock.timers.tick(600);
  assert.equal(made.length, 2);
  made[0].onmessage({ data: JSON.stringify({ type: 'pong', id: 2 }) });
  assert.equal(links.at(-1), 'offline');
  mock.timers.tick(8000);
  mock.timers.tick(1500);
  assert.equal(made.length, 3, 'a connection that does not come about is tried anew');
  socket.close();
  mock.timers.reset();
});

test('a browser that says there is no network is believed until the server answers', () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { socket, made, links } = open();
  socket.doubt();
  made[0].onmessage({ data: JSON.stringify({ type: 'counts' }) });
  mock.timers.tick(2000);
  assert.deepEqual(links, ['online', 'offline']);
  const ping = made[0].sent.find((message) => message.type === 'ping');
  made[0].onmessage({ data: JSON.stringify({ type: 'pong', id: ping.id }) });
  assert.equal(links.at(-1), 'slow');
  socket.close();
  mock.timers.reset();
});

test('a view that is no longer for us is told to the page, which is not left with a link that means nothing', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let told = 0;
  const { socket, made, links } = open();
  socket.options.onTurnedAway = () => told++;
  const refused = (rest) => ({ data: JSON.stringify({ type: 'refused', id: null, message: '', ...rest }) });
  made[0].onmessage(refused({ code: 'unavailable', retry_after: 5 }));
  assert.equal(told, 0);
  mock.timers.tick(5000);
  assert.deepEqual(
    made[0].sent.map((message) => message.type),
    ['hello', 'hello'],
  );
  made[0].onmessage(refused({ code: 'forbidden', retry_after: null }));
  assert.equal(told, 1);
  assert.equal(links.at(-1), 'offline');
  mock.timers.tick(60_000);
  assert.equal(made.length, 1);
  mock.timers.reset();
});
