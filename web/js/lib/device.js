/** Small notes that this device keeps for a page, where the browser allows it. Knows no meaning of theirs. */

/** @param {string} name @returns {string | null} null also where nothing may be kept */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * Keep a note when that is possible: a browser may allow no storage, or have no room.
 *
 * @param {string} name
 * @param {string | null} value null forgets
 */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // The page works without.
  }
}
