/** What the desk shows and which moves make sense: pure. Knows no DOM and no socket. */
import { inState, queue } from './room.js';

/** @typedef {import("./room.js").RoomState} RoomState @typedef {import("./room.js").Question} Question */
/** @typedef {"pending" | "published" | "queued" | "done"} Column */

/** @type {Column[]} */
export const COLUMNS = ['pending', 'published', 'queued', 'done'];

/**
 * The questions of a column, in the order in which they are worked on.
 * @param {RoomState} state @param {Column} column @param {string} [search]
 * @returns {Question[]}
 */
export function column(state, column, search = '') {
  const found = {
    pending: () => inState(state, 'pending').sort((a, b) => a.asked_at.localeCompare(b.asked_at)),
    published: () =>
      inState(state, 'published').sort((a, b) => b.votes - a.votes || a.asked_at.localeCompare(b.asked_at)),
    queued: () => [...inState(state, 'on_air'), ...queue(state)],
    done: () =>
      inState(state, 'answered', 'refused', 'withdrawn', 'deferred').sort((a, b) =>
        b.asked_at.localeCompare(a.asked_at),
      ),
  }[column]();
  const wanted = search.trim().toLowerCase();
  if (!wanted) return found;
  return found.filter((q) => `${q.label} ${q.text} ${q.nickname} ${q.island}`.toLowerCase().includes(wanted));
}

/**
 * The moves that make sense for a question, by the permissions of the person.
 * @param {Question} question @param {string[]} may
 * @returns {string[]}
 */
export function moves(question, may) {
  /** @type {Record<string, string[]>} */
  const byState = {
    pending: ['publish', 'refuse', 'edit'],
    published: ['enqueue', 'put_on_air', 'edit', 'refuse'],
    queued: ['put_on_air', 'up', 'down', 'dequeue', 'edit', 'refuse'],
    on_air: ['answered', 'commitment', 'take_off_air'],
    refused: ['publish'],
  };
  /** @type {Record<string, string>} */
  const needs = {
    publish: 'triage',
    refuse: 'triage',
    edit: 'triage',
    enqueue: 'order',
    dequeue: 'order',
    up: 'order',
    down: 'order',
    put_on_air: 'on_air',
    take_off_air: 'on_air',
    answered: 'answered',
    commitment: 'answered',
  };
  return (byState[question.state] ?? []).filter((move) => may.includes(needs[move]));
}

/** The keyboard: key → move. */
export const KEYS = Object.freeze({
  p: 'publish',
  r: 'refuse',
  e: 'edit',
  q: 'enqueue',
  o: 'put_on_air',
  a: 'answered',
  c: 'commitment',
  u: 'back',
});

/**
 * The move that a key means for a question; `u` takes back what can be taken back.
 * @param {string} key @param {Question} question @param {string[]} may
 * @returns {string | null}
 */
export function moveOf(key, question, may) {
  const named = /** @type {Record<string, string>} */ (KEYS)[key];
  const move = named === 'back' ? (question.state === 'on_air' ? 'take_off_air' : 'dequeue') : named;
  return move && moves(question, may).includes(move) ? move : null;
}

/**
 * The `before` of an order wish that moves a queued question one place up or down; undefined when it stands at that end.
 * @param {RoomState} state @param {string} id @param {"up" | "down"} way
 * @returns {string | null | undefined}
 */
export function neighbour(state, id, way) {
  const waiting = queue(state);
  const at = waiting.findIndex((question) => question.id === id);
  if (way === 'up') return at > 0 ? waiting[at - 1].id : undefined;
  return at >= 0 && at < waiting.length - 1 ? (waiting[at + 2]?.id ?? null) : undefined;
}
