/** The line above the waiting questions: which of them ask about the same. Knows no socket. */
import { byId, el } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { applyClusters, shownClusters } from '../state/clusters.js';

const SHOWN = 6;

/** @param {(ids: string[]) => void} choose selects the questions of a cluster */
export function clusterLine(choose) {
  const line = byId('clusters', HTMLElement);
  /** @type {import("../state/clusters.js").Cluster[]} */
  let clusters = [];
  let drawn = '';

  return {
    /** @param {{type: string, [name: string]: any}} message */
    take(message) {
      clusters = applyClusters(clusters, message);
    },
    /** @param {import("../state/room.js").RoomState} state */
    draw(state) {
      const shown = shownClusters(state, clusters).slice(0, SHOWN);
      const print = JSON.stringify(shown.map(({ title, questions }) => [title, questions.map(({ id }) => id)]));
      line.hidden = shown.length === 0;
      if (print === drawn) return;
      drawn = print;
      byId('cluster-list', HTMLElement).replaceChildren(
        ...shown.map(({ title, questions }) =>
          el(
            'li',
            {},
            el(
              'button',
              {
                class: 'button quiet',
                'aria-label': t('选中关于“{title}”的 {n} 个提问', { title, n: questions.length }),
                onclick: () => choose(questions.map(({ id }) => id)),
              },
              title,
              el('span', { class: 'figure' }, String(questions.length)),
            ),
          ),
        ),
      );
    },
  };
}
