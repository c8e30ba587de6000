/** The slip: prints itself when told to. */
import { byId } from '../lib/dom.js';

byId('print', HTMLButtonElement).addEventListener('click', () => print());
