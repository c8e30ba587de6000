/** The small line under a question: number, who, where, state. */
import { outcomeWords, stateWords } from '../lib/codes.js';
import { el } from '../lib/dom.js';
import { clock } from '../lib/time.js';
import { t } from '../lib/words.js';

/**
 * @param {import("../state/room.js").Question} question
 * @param {{state?: boolean}} [show] without its state where the heading says it
 * @returns {HTMLElement[]}
 */
export function codesOf(question, { state = true } = {}) {
  const parts = [`#${question.label}`, question.nickname, question.island];
  if (state) {
    parts.push(stateWords(question.state));
    if (question.mark_start !== null && question.state === 'answered')
      parts.push(t('回答于 {mark}', { mark: clock(question.mark_start) }));
    if (question.outcome) parts.push(outcomeWords(question.outcome));
  }
  return parts.filter(Boolean).map((part) => el('span', {}, part));
}
