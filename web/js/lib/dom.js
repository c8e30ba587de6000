/** Small ways to touch the page. Text goes in as text, never as markup. */

/** @template {HTMLElement} T @param {string} id @param {new () => T} kind @returns {T} */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`#${id} is missing`);
  return found;
}

/**
 * @param {string} tag
 * @param {Record<string, string | boolean | EventListener>} properties attributes; `on…` are listeners; false leaves out
 * @param {...(Node | string | null | false)} children
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false) node.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== false) node.append(child);
  return node;
}

/** @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Hide or show something. Where it had the focus, that goes on to its heir.
 * @param {HTMLElement} element @param {boolean} hidden @param {HTMLElement} heir
 */
export function setHidden(element, hidden, heir) {
  const held = hidden && element.contains(document.activeElement);
  element.hidden = hidden;
  if (held) heir.focus();
}

/**
 * Make a list show these items: nodes are kept by identifier, made anew only when their item changed.
 * The focus stays where it is: on a node that moves, and on the same button of a node that is made anew.
 * @template {{id: string}} T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {(item: T) => HTMLElement} make
 * @param {(item: T) => string} print what the node depends on
 */
export function sync(list, items, make, print) {
  /** @type {Map<string, HTMLElement>} */
  const old = new Map();
  for (const node of Array.from(list.children))
    if (node instanceof HTMLElement && node.dataset.id) old.set(node.dataset.id, node);
  let focused = list.contains(document.activeElement) ? document.activeElement : null;
  /** @type {Element | null} */
  let after = null;
  for (const item of items) {
    let node = old.get(item.id);
    old.delete(item.id);
    const text = print(item);
    if (!node || node.dataset.print !== text) {
      const made = make(item);
      made.dataset.id = item.id;
      made.dataset.print = text;
      if (node?.contains(focused)) {
        const same = made.querySelector(`[data-act="${focused?.getAttribute('data-act')}"]`);
        // Never on to another button: it would be pressed in place of the one that is gone.
        focused = focused === node ? made : (same ?? made.querySelector('a') ?? made);
      }
      node?.replaceWith(made);
      node = made;
    }
    /** @type {Element | null} */
    const place = after ? after.nextElementSibling : list.firstElementChild;
    if (node !== place) list.insertBefore(node, place);
    after = node;
  }
  for (const node of old.values()) node.remove();
  if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus({ preventScroll: true });
}

/** A short message at the foot of the page. @param {string} text @param {boolean} [bad] */
export function toast(text, bad = false) {
  const node = el('p', { class: bad ? 'toast bad' : 'toast', role: bad ? 'alert' : 'status' }, text);
  document.getElementById('toasts')?.append(node);
  setTimeout(() => node.remove(), bad ? 7000 : 3500);
}

/** @type {WeakMap<HTMLDialogElement, (yes: boolean) => void>} */
const asking = new WeakMap();

/**
 * Open a dialog; its form's button values say how it was left.
 * The answer is taken when the button is pressed, and a close only counts while the dialog is still closed: browsers
 * tell of a close so late that quick fingers have opened the same dialog again by then.
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<boolean>} whether the answer was "yes"
 */
export function ask(dialog) {
  asking.get(dialog)?.(false);
  dialog.onkeydown = (event) => {
    // Enter in a field is the answer that was asked for, not the first button, which says no.
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (dialog.querySelector('button[value=yes]'))?.click();
  };
  return new Promise((resolve) => {
    asking.set(dialog, resolve);
    dialog.onsubmit = ({ submitter }) => resolve(submitter instanceof HTMLButtonElement && submitter.value === 'yes');
    dialog.onclose = () => {
      if (!dialog.open) resolve(false);
    };
    dialog.showModal();
  });
}
