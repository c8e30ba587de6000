/** Whatever is printed: prints itself when told to. */
import { byId } from '../lib/dom.js';

const button = byId('print', HTMLButtonElement);
button.hidden = false;
button.addEventListener('click', () => print());
