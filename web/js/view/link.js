/** How the link to the server is, where the page has a place for it. */
import { linkWords } from '../lib/codes.js';
import { byId, say } from '../lib/dom.js';

/** @param {import("../net/socket.js").Link} link */
export function drawLink(link) {
  const element = byId('link', HTMLElement);
  element.hidden = false;
  element.dataset.link = link;
  say(element, linkWords(link));
}
