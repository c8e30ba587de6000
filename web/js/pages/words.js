/** A word list: a file can take the place of what is in the field. Without this the lines are pasted. */
import { byId, say } from '../lib/dom.js';
import { t } from '../lib/words.js';

const file = byId('file', HTMLInputElement);
byId('file-row', HTMLElement).hidden = false;
file.addEventListener('change', async () => {
  const chosen = file.files?.[0];
  if (!chosen) return;
  const text = await chosen.text();
  byId('lines', HTMLTextAreaElement).value = text.replace(/^\ufeff/, '');
  say(byId('file-told', HTMLElement), t('已读入 {name}，还没有保存。', { name: chosen.name }));
  file.value = '';
});
