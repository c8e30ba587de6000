/** One matter works as forms; this says when somebody else has moved it on, and never touches what is being typed. */
import { page } from '../lib/page.js';

const EVERY = 15_000;
const news = document.getElementById('news');

async function look() {
  if (document.hidden || !news?.hidden) return;
  try {
    const answer = await fetch(page.news, { headers: { Accept: 'application/json' } });
    if (answer.ok && (await answer.json()).seq > page.seq) news.hidden = false;
  } catch {
    // Without a link there is nothing new to say; the next look tries again.
  }
}

/** What belongs to a choice is seen, and needed, once it is made: `data-for="instead=referral"`. */
function fit() {
  for (const part of document.querySelectorAll('[data-for]')) {
    if (!(part instanceof HTMLElement)) continue;
    const [name, choice] = (part.dataset.for ?? '').split('=');
    const chosen = part.closest('form')?.querySelector(`input[name="${name}"]:checked`);
    const made = chosen instanceof HTMLInputElement && chosen.value === choice;
    part.hidden = !made;
    for (const input of part.querySelectorAll('input, textarea')) input.toggleAttribute('required', made);
  }
}

fit();
document.addEventListener('change', fit);

if (news && page.news) {
  setInterval(look, EVERY);
  document.addEventListener('visibilitychange', look);
}
