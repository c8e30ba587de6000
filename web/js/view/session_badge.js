/** The state of the session as a badge; the words and colours of _parts.html. Knows no socket. */
import { byId, say } from '../lib/dom.js';
import { t } from '../lib/words.js';

export function sessionBadge() {
  const place = byId('session-state', HTMLElement);

  /** @param {{state: string} | null} session */
  return (session) => {
    const badge = place.firstElementChild;
    if (!badge) return;
    const state = session?.state ?? '';
    const colours = { live: 'live', interrupted: 'wait', cut: 'alarm', cancelled: 'alarm', archived: 'solved' };
    badge.className = `badge ${colours[/** @type {keyof typeof colours} */ (state)] ?? ''}`;
    const words = {
      draft: t('即将开始'),
      scheduled: t('即将开始'),
      rehearsal: t('即将开始'),
      live: t('直播中'),
      interrupted: t('连接中断'),
      cut: t('已中止'),
      cancelled: t('已取消'),
      archived: t('已归档'),
    };
    say(badge, words[/** @type {keyof typeof words} */ (state)] ?? t('已结束'));
  };
}
