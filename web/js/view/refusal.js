/** A wish that was not granted, in a line that passes. */
import { toast } from '../lib/dom.js';
import { t } from '../lib/words.js';
import { Refused } from '../net/socket.js';

/** @param {unknown} error */
export function tellRefusal(error) {
  toast(error instanceof Refused ? error.message : t('没有连上服务器，请稍后再试。'), true);
}
