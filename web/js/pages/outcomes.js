/** The disposition board works as a form; this adds a count, whole groups at once, and keys: one or two for an outcome. */
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';

const board = document.getElementById('board');
const bottom = document.getElementById('bottom');
if (board instanceof HTMLFormElement && bottom && page.lang) {
  const boxes = /** @type {HTMLInputElement[]} */ ([...board.querySelectorAll('input[name=question]')]);
  const choices = board.querySelector('select[name=outcome]');
  const give = document.getElementById('give');
  const chosen = document.createElement('span');
  chosen.className = 'badge';
  chosen.setAttribute('role', 'status');
  bottom.prepend(chosen, chooser(t('全选'), boxes));
  for (const group of board.querySelectorAll('.group.together')) {
    const inside = boxes.filter((box) => group.contains(box));
    group.prepend(chooser(t('选中这一组'), inside));
  }
  board.addEventListener('change', count);
  document.addEventListener('keydown', press);
  document.getElementById('keys')?.removeAttribute('hidden');
  if (choices instanceof HTMLSelectElement) {
    for (const [n, choice] of [...choices.options].entries()) choice.label = `${n + 1} ${choice.text}`;
  }
  count();

  function count() {
    chosen.textContent = t('已勾选 {n} 个', { n: boxes.filter((box) => box.checked).length });
  }

  /** @param {string} words @param {HTMLInputElement[]} some */
  function chooser(words, some) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button quiet';
    button.textContent = words;
    button.addEventListener('click', () => {
      const every = some.every((box) => box.checked);
      for (const box of some) box.checked = !every;
      count();
    });
    return button;
  }

  /** What an outcome is given to: what is chosen, else the question that has the focus. */
  function some() {
    const here = boxes.find((box) => box === document.activeElement);
    if (here && !boxes.some((box) => box.checked)) {
      here.checked = true;
      count();
    }
    return boxes.some((box) => box.checked);
  }

  /** @param {number} step */
  function walk(step) {
    const here = boxes.findIndex((box) => box === document.activeElement);
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), boxes.length - 1);
    boxes[next]?.focus();
  }

  /** @param {string} kind */
  function open(kind) {
    const part = document.getElementById(`begin-${kind}`);
    if (!(part instanceof HTMLDetailsElement) || !some()) return;
    part.open = true;
    /** @type {HTMLElement | null} */ (part.querySelector('input, select'))?.focus();
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const at = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (at.matches('input:not([type=checkbox]), textarea, select')) {
      if (event.key === 'Escape') at.blur();
      if (event.key === 'Enter' && at.matches('input')) {
        event.preventDefault();
        (at.closest('details')?.querySelector('button') ?? give)?.click();
      }
      return;
    }
    /** @type {Record<string, () => void>} */
    const keys = {
      j: () => walk(1),
      k: () => walk(-1),
      x: () => /** @type {HTMLElement} */ (document.activeElement).click(),
      s: () => open('suggestion'),
      c: () => open('commitment'),
      w: () => open('work_order'),
    };
    const key = event.key.toLowerCase();
    if (key === 'x' && !boxes.some((box) => box === document.activeElement)) return;
    if (key in keys) {
      event.preventDefault();
      keys[key]();
    } else if (/^[1-9]$/.test(key) && choices instanceof HTMLSelectElement) {
      const choice = choices.options[Number(key) - 1];
      if (!choice || !some()) return;
      event.preventDefault();
      choices.value = choice.value;
      // A text answer is its note: that is the second key.
      if (choice.value === 'answered_text') document.getElementById('note')?.focus();
      else /** @type {HTMLElement | null} */ (give)?.click();
    }
  }
}
