/** Time as people read it. */

/** The zone of every time on a page, wherever it is read. */
export const CHINA = 'Asia/Shanghai';

/** @param {number} milliseconds @returns {string} 00:14:32 */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
}
