/** Words of the page's language. Chinese stands in the scripts, other languages come with the page. */
import { page } from './page.js';

/**
 * @param {string} words the Chinese words, with {name} where a value goes
 * @param {Record<string, string | number>} [values]
 */
export function t(words, values = {}) {
  const text = page.words?.[words] || words;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) =>
    name in values ? String(values[name]) : whole,
  );
}
