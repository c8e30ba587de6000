/** What colleagues do, as it happens. Knows no question. */
import { toast } from '../lib/dom.js';
import { t } from '../lib/words.js';

/** @param {{what: string, label: string, by: string}} note @param {string} own the name of the person at this desk */
export function tellNote(note, own) {
  if (note.what === 'votes_flagged') {
    toast(t('同一网络的许多新设备正在附议 #{label}，超出的附议没有计入', { label: note.label }), true);
    return;
  }
  if (!note.by || note.by === own) return;
  const words = {
    published: t('公开了'),
    released: t('放行了'),
    refused: t('没有公开'),
    edited: t('修改了'),
    merged: t('并入了'),
    unmerged: t('拆开了'),
    deferred: t('转到会后：'),
    assigned: t('交办了'),
    restored: t('撤销了一步：'),
    queued: t('排好了'),
    dequeued: t('移出了队列'),
    moved: t('调整了顺序'),
    on_air: t('上屏了'),
    off_air: t('先放回队列'),
    answered: t('标为已回答'),
    appeal_accepted: t('认可了申诉'),
    appeal_rejected: t('维持了原决定'),
    shield_raised: t('开启了防刷'),
    shield_lowered: t('关闭了防刷'),
  };
  const what = words[/** @type {keyof typeof words} */ (note.what)];
  if (what) toast(`${note.by} ${what}${note.label ? ` #${note.label}` : ''}`);
}
