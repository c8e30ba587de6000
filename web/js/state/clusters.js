/** Clusters of questions that nobody has decided about, as the desk works with them: pure. Knows no DOM and no socket. */
import { urgent } from './hits.js';
import { inState } from './room.js';

/**
 * @typedef {{title: string, questions: string[]}} Cluster
 * @typedef {{title: string, questions: import("./room.js").Question[], votes: number}} ShownCluster
 */

const SMALLEST = 2;

/** The clusters after a message. @param {Cluster[]} clusters @param {{type: string, [name: string]: any}} message @returns {Cluster[]} */
export function applyClusters(clusters, message) {
  return message.type === 'clusters' ? message.clusters : clusters;
}

/**
 * The clusters with their questions, largest first. What is decided, or needs somebody at once, has left its cluster,
 * also before the server says so; what is no cluster without it is left out.
 * @param {import("./room.js").RoomState} state @param {Cluster[]} clusters
 * @returns {ShownCluster[]}
 */
export function shownClusters(state, clusters) {
  const waiting = new Map(
    inState(state, 'held', 'pending')
      .filter((question) => !urgent(question))
      .map((question) => [question.id, question]),
  );
  return clusters
    .map(({ title, questions }) => {
      const there = questions.flatMap((id) => waiting.get(id) ?? []);
      return { title, questions: there, votes: there.reduce((sum, question) => sum + question.votes, 0) };
    })
    .filter(({ questions }) => questions.length >= SMALLEST)
    .sort((a, b) => b.questions.length - a.questions.length);
}
