/** The session as a whole: cut off, lift it, end it. Shown to whom it is allowed, while it makes sense. */
import { ask as confirm, byId, setHidden } from '../lib/dom.js';
import { tellRefusal } from './refusal.js';

/**
 * @param {(wish: {type: string, [name: string]: any}) => Promise<unknown>} wish
 * @returns {(session: {state: string} | null, may: string[]) => void} draws the buttons
 */
export function sessionButtons(wish) {
  const cut = byId('cut', HTMLButtonElement);
  const resume = byId('resume', HTMLButtonElement);
  const end = byId('end', HTMLButtonElement);

  /** @param {{type: string, [name: string]: any}} wanted */
  async function send(wanted) {
    await wish(wanted).catch(tellRefusal);
  }
  cut.addEventListener('click', async () => {
    const reason = byId('cut-reason', HTMLInputElement);
    reason.value = '';
    if (await confirm(byId('cut-dialog', HTMLDialogElement))) await send({ type: 'cut', reason: reason.value });
  });
  resume.addEventListener('click', () => void send({ type: 'resume' }));
  end.addEventListener('click', async () => {
    if (await confirm(byId('end-dialog', HTMLDialogElement))) await send({ type: 'end' });
  });

  return (session, may) => {
    const state = session?.state ?? '';
    const isCut = may.includes('cut') && state === 'cut';
    if (isCut) resume.hidden = false; // first, so that the focus has somewhere to go
    setHidden(cut, !may.includes('cut') || !['live', 'interrupted'].includes(state), resume);
    setHidden(resume, !isCut, cut);
    end.hidden = !may.includes('end') || !['live', 'interrupted', 'cut'].includes(state);
  };
}
