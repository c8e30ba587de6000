/** The pages of /verify inside a dialog, so that nobody has to leave the broadcast. Knows no rule: the server draws each step. */

/**
 * @param {HTMLDialogElement} dialog @param {string} address
 * @returns {Promise<boolean>} whether this device is verified when the dialog is closed
 */
export async function verify(dialog, address) {
  let verified = false;

  /** @param {string} where @param {RequestInit} [how] */
  async function show(where, how) {
    const answer = await fetch(where, how);
    const made = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('verify');
    if (!made) throw new Error('no step');
    verified = made.dataset.step === 'verified';
    made.classList.remove('card');
    made.querySelector('h1')?.setAttribute('id', 'verify-title');
    dialog.replaceChildren(document.importNode(made, true));
    const field = dialog.querySelector('input:not([type=hidden])') ?? dialog.querySelector('a');
    /** @type {HTMLElement} */ (field).focus();
  }

  /** @param {Promise<void>} step a page of its own does it where a dialog cannot */
  const orLeave = (step) => step.catch(() => location.assign(address));

  dialog.onsubmit = (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    const fields = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    void orLeave(show(form.action, { method: 'POST', body: new URLSearchParams(fields) }));
  };
  dialog.onclick = (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link) return;
    event.preventDefault();
    if (link.id === 'verify-back') dialog.close();
    else void orLeave(show(link.href));
  };
  await orLeave(show(address));
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.replaceChildren();
      resolve(verified);
    };
  });
}
