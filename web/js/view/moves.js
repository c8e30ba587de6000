/** Words and keys of the desk's moves. Knows no question. */
import { t } from '../lib/words.js';

/** @type {Record<string, [words: string, key: string, done: string]>} What the button says, its key, what was done. */
export const MOVES = {
  publish: [t('公开'), 'P', t('已公开')],
  release: [t('放行待审'), 'N', t('已放行')],
  refuse: [t('不公开'), 'R', t('没有公开')],
  edit: [t('修改'), 'E', t('已修改')],
  merge: [t('并入'), 'M', t('已并入')],
  unmerge: [t('拆开'), 'U', t('已拆开')],
  defer: [t('会后处理'), 'D', t('转到会后')],
  tag: [t('标签'), 'T', t('标签已改')],
  assign: [t('交给'), 'G', t('已交给')],
  enqueue: [t('排队'), 'Q', t('已排队')],
  put_on_air: [t('上屏回答'), 'O', t('已上屏')],
  answered: [t('回答完毕'), 'A', t('回答完毕')],
  commitment: [t('记为承诺'), 'C', t('已记为承诺')],
  dequeue: [t('移出队列'), 'U', t('已移出队列')],
  take_off_air: [t('先不回答'), 'U', t('已放回队列')],
  accept_appeal: [t('申诉成立'), 'P', t('申诉成立')],
  reject_appeal: [t('维持原决定'), 'R', t('维持原决定')],
  up: [t('前移'), '⇧↑', t('已前移')],
  down: [t('后移'), '⇧↓', t('已后移')],
};

/** After these the work goes on with the next question of the column; otherwise it stays with this one. */
export const LEAVING = [
  'publish',
  'refuse',
  'merge',
  'unmerge',
  'defer',
  'enqueue',
  'dequeue',
  'answered',
  'commitment',
  'accept_appeal',
  'reject_appeal',
];

/** The one that is meant first in its column. */
export const MAIN = ['publish', 'put_on_air', 'answered', 'accept_appeal'];
