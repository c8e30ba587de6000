/** The bar for a selection: how many, and what can be done with all of them. Knows no socket. */
import { byId, el, say } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { MOVES } from './moves.js';

/** @param {{act: (move: string) => void, clear: () => void}} how */
export function bulkBar(how) {
  const bar = byId('bulk', HTMLElement);
  byId('bulk-clear', HTMLButtonElement).addEventListener('click', how.clear);
  let drawn = '';

  /** @param {number} count @param {string[]} moves */
  return (count, moves) => {
    bar.hidden = count === 0;
    say(byId('bulk-count', HTMLElement), t('已选 {n} 个', { n: count }));
    if (drawn === moves.join()) return;
    drawn = moves.join();
    byId('bulk-moves', HTMLElement).replaceChildren(
      ...moves.map((move) =>
        el(
          'button',
          { class: 'button', 'data-act': move, onclick: () => how.act(move) },
          MOVES[move][0],
          el('span', { class: 'key', 'aria-hidden': 'true' }, MOVES[move][1]),
        ),
      ),
    );
  };
}
