/** The shield: one key during a flood, how long it stays up, how many it holds. Knows no socket. */
import { byId, say } from '../lib/dom.js';
import { t } from '../lib/words.js';

/** @param {(wish: {type: string}) => void} send */
export function shieldButton(send) {
  const button = byId('shield', HTMLButtonElement);
  const note = byId('shield-note', HTMLElement);
  let up = false;
  const toggle = () => send({ type: up ? 'lower_shield' : 'raise_shield' });
  button.addEventListener('click', toggle);

  return {
    toggle,
    /** @param {{shield_until: string | null, state: string} | null} session @param {string[]} may @param {number} held */
    draw(session, may, held) {
      const seconds = Math.ceil((Date.parse(session?.shield_until ?? '') - Date.now()) / 1000);
      up = seconds > 0;
      const open = ['scheduled', 'rehearsal', 'live', 'interrupted', 'cut'].includes(session?.state ?? '');
      button.hidden = !open || !may.includes('shield');
      button.setAttribute('aria-pressed', String(up));
      say(/** @type {HTMLElement} */ (button.firstElementChild), up ? t('关闭防刷') : t('开启防刷'));
      note.hidden = !up;
      if (up)
        say(
          note,
          t('防刷已开启：新提问先拦下，已拦 {n} 个，约 {minutes} 分钟后自动关闭。', {
            n: held,
            minutes: Math.ceil(seconds / 60),
          }),
        );
    },
  };
}
