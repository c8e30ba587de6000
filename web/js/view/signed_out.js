/** The sign-in behind a page has ended: what is shown stays, and nothing more can be done until the next one. */
import { byId, el, say } from '../lib/dom.js';
import { t } from '../lib/words.js';

/** Say so on top of the page, once, with the way back. */
export function tellSignedOut() {
  if (document.getElementById('signed-out')) return;
  const words = t('您的登录已经结束，或者不再有这一页的权限。');
  const href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
  const note = el('p', { class: 'note bad', id: 'signed-out', role: 'alert' });
  byId('main', HTMLElement).prepend(note);
  note.append(words, ' ', el('a', { href }, t('重新登录')));
  note.scrollIntoView({ block: 'nearest' });
  say(byId('link', HTMLElement), t('登录已结束'));
}
