/** A session as this page knows it: pure, numbered, the same whatever way it came. Knows no socket and no DOM. */

/**
 * @typedef {{id: string, topic: string, state: string, starts_at: string, started_at: string | null,
 *   ended_at: string | null, deputies: string[], cut_reason: string,
 *   shield_until: string | null}} Session
 * @typedef {{id: string, label: string, text: string, nickname: string, island: string, state: string, votes: number,
 *   asked_at: string, place: number, mark_start: number | null, mark_end: number | null, commitment: boolean,
 *   outcome: string | null, edited: boolean, tags: string[], merged: number, original_text?: string,
 *   refusal?: string | null, note?: string, source?: string, verified?: boolean, held_because?: string | null,
 *   hits?: Hit[], assigned_to?: string, assigned_name?: string, merged_into?: any, appeal?: string,
 *   appeal_rejected?: boolean}} Question
 * @typedef {import("./hits.js").Hit} Hit
 * @typedef {{id: string, label: string, text: string, state: string, votes: number}} MergedInto
 * @typedef {Question & {code: string, refusal: string | null, note: string, ahead: number | null, masked: boolean,
 *   merged_into: MergedInto | null, appeal: string, appeal_rejected: boolean, appeal_until: string | null}} Mine
 * @typedef {{question: string, by: string, by_name: string, until: string}} Claim
 * @typedef {{epoch: string | null, seq: number, session: Session | null, questions: Map<string, Question>, mine: Mine[],
 *   viewers: number, seconded: Set<string>, claims: Map<string, Claim>, you: {name: string, roles: string[], may: string[]}, gap: boolean}} RoomState
 */

/** What only the asker does with a question. */
const OWN_DOING = ['withdrawn', 'appealed'];

/** @returns {RoomState} */
export function empty() {
  return {
    epoch: null,
    seq: 0,
    session: null,
    questions: new Map(),
    mine: [],
    viewers: 0,
    seconded: new Set(),
    claims: new Map(),
    you: { name: '', roles: [], may: [] },
    gap: false,
  };
}

/**
 * The state after a message. A feed that begins after a gap changes nothing but `gap`: say hello again.
 * @param {RoomState} state
 * @param {{type: string, [name: string]: any}} message
 * @returns {RoomState}
 */
export function apply(state, message) {
  switch (message.type) {
    case 'snapshot':
      return {
        ...state,
        epoch: message.epoch,
        seq: message.seq,
        session: message.session,
        you: message.you,
        gap: false,
        questions: new Map(message.questions.map((/** @type {Question} */ q) => [q.id, q])),
      };
    case 'feed': {
      if (message.epoch !== state.epoch || message.after > state.seq) return { ...state, gap: true };
      if (message.seq < state.seq) return state;
      const questions = new Map(state.questions);
      for (const question of message.changed) questions.set(question.id, question);
      for (const id of message.gone) questions.delete(id);
      return { ...state, seq: message.seq, session: message.session ?? state.session, questions, gap: false };
    }
    case 'mine':
      return { ...state, mine: message.questions };
    case 'counts': {
      const questions = new Map(state.questions);
      for (const [id, votes] of Object.entries(message.votes)) {
        const question = questions.get(id);
        if (question) questions.set(id, { ...question, votes });
      }
      const seconded = message.seconded ? new Set(/** @type {string[]} */ (message.seconded)) : state.seconded;
      return { ...state, questions, viewers: message.viewers, seconded };
    }
    case 'claims':
      return {
        ...state,
        claims: new Map(message.claims.map((/** @type {Claim} */ claim) => [claim.question, claim])),
      };
    default:
      return state;
  }
}

/** @param {RoomState} state @param {...string} states @returns {Question[]} */
export function inState(state, ...states) {
  return [...state.questions.values()].filter((question) => states.includes(question.state));
}

/** @param {RoomState} state @returns {Question | undefined} */
export function onAir(state) {
  return inState(state, 'on_air')[0];
}

/** The queue, first to be answered first. @param {RoomState} state */
export function queue(state) {
  return inState(state, 'queued').sort((a, b) => a.place - b.place || a.asked_at.localeCompare(b.asked_at));
}

/**
 * The person's own questions of which there is something to tell: what others have done with them since, and which one
 * is the next. Nothing of a page that opens, nor of what they did themselves.
 * @param {Mine[]} before @param {Mine[]} after
 */
export function newsOfMine(before, after) {
  const known = new Map(before.map((question) => [question.id, standing(question)]));
  return after.filter((question) => {
    const was = known.get(question.id);
    return was !== undefined && was !== standing(question) && !OWN_DOING.includes(question.state);
  });
}

/** @param {Mine} question */
function standing({ state, ahead, merged_into: into }) {
  return [state, into?.id, into?.state, ahead === 0].join(' ');
}

/** For everybody: the next ones first, then by seconders. @param {RoomState} state */
export function publicOrder(state) {
  const open = inState(state, 'published').sort((a, b) => b.votes - a.votes || a.asked_at.localeCompare(b.asked_at));
  const done = inState(state, 'answered', 'deferred').sort((a, b) => (b.mark_start ?? -1) - (a.mark_start ?? -1));
  return [...queue(state), ...open, ...done];
}

/** @param {Session | null} session */
export function isOpen(session) {
  return session !== null && ['scheduled', 'rehearsal', 'live', 'interrupted', 'cut'].includes(session.state);
}
