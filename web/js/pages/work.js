/** The work list works as forms; this says how many matters are chosen and chooses all of a page at once. */
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';

const said = document.getElementById('chosen-count');
const boxes = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[name=matter]')]);
if (said && boxes.length && page.lang) {
  const all = document.createElement('button');
  all.type = 'button';
  all.className = 'button quiet';
  all.textContent = t('全选');
  said.setAttribute('role', 'status');
  said.after(all);
  const count = () => (said.textContent = t('已勾选 {n} 件', { n: boxes.filter((box) => box.checked).length }));
  all.addEventListener('click', () => {
    const every = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !every;
    count();
  });
  for (const box of boxes) box.addEventListener('change', count);
  count();
}
