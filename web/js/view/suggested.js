/** The line above the published questions: which could be next, and why. Knows no socket. */
import { byId, el } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { suggested } from '../state/suggested.js';

/** @param {import("../state/suggested.js").Reason} reason */
function reasonWords({ what, n }) {
  return {
    votes: t('{votes} 人附议', { votes: n }),
    waiting: t('等了 {n} 分钟', { n }),
    island: t('这个岛还没有轮到'),
  }[what];
}

/** @param {(id: string) => void} choose */
export function suggestedLine(choose) {
  const line = byId('suggested', HTMLElement);
  let drawn = '';

  /** @param {import("../state/room.js").RoomState} state */
  return (state) => {
    const found = suggested(state, Date.now());
    const print = JSON.stringify(found.map(({ question, reasons }) => [question.id, question.label, reasons]));
    line.hidden = found.length === 0;
    if (print === drawn) return;
    drawn = print;
    byId('suggested-list', HTMLElement).replaceChildren(
      ...found.map(({ question, reasons }) =>
        el(
          'li',
          {},
          el('button', { class: 'button quiet', onclick: () => choose(question.id) }, `#${question.label}`),
          el('span', { class: 'small soft' }, reasons.map(reasonWords).join(' · ')),
        ),
      ),
    );
  };
}
