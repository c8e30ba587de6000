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

if (news && page.news) {
  setInterval(look, EVERY);
  document.addEventListener('visibilitychange', look);
}
