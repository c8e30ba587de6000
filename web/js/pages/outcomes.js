/** The disposition board works as a form; this adds the count of what is chosen and one key for all answered ones. */
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';

const board = document.getElementById('board');
const bottom = document.getElementById('bottom');
if (board && bottom && page.lang) {
  const chosen = document.createElement('span');
  chosen.className = 'badge';
  chosen.setAttribute('role', 'status');
  const all = document.createElement('button');
  all.type = 'button';
  all.className = 'button quiet';
  all.textContent = t('全选');
  bottom.prepend(chosen, all);
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...board.querySelectorAll('input[name=question]')]);
  const count = () => (chosen.textContent = t('已勾选 {n} 个', { n: boxes().filter((box) => box.checked).length }));
  all.addEventListener('click', () => {
    const every = boxes().every((box) => box.checked);
    for (const box of boxes()) box.checked = !every;
    count();
  });
  board.addEventListener('change', count);
  count();
}
