/** What the server tells this page: addresses, limits, words. Empty outside a page. */
const element = typeof document === 'undefined' ? null : document.getElementById('page');

/** @type {Record<string, any>} */
export const page = JSON.parse(element?.textContent || '{}');
