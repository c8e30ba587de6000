/** The prompter: now, next, time, for one thumb. Joins state, socket and views. */
import { linkWords } from '../lib/codes.js';
import { byId, say, toast } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { t } from '../lib/words.js';
import { openSocket, Refused } from '../net/socket.js';
import { apply, empty } from '../state/room.js';
import { prompter } from '../view/prompter.js';
import { sessionBadge } from '../view/session_badge.js';
import { tellSignedOut } from '../view/signed_out.js';

let state = empty();
const drawBadge = sessionBadge();
const draw = prompter((wish) => {
  socket
    .wish(wish)
    .catch((error) => toast(error instanceof Refused ? error.message : t('没有连上服务器，请稍后再试。'), true));
});

const socket = openSocket({
  url: page.socket,
  view: 'studio',
  where: () => ({ epoch: state.epoch, seq: state.seq }),
  onMessage(message) {
    state = apply(state, message);
    if (state.gap) socket.resync();
    drawBadge(state.session);
    draw(state);
  },
  onLink(link) {
    const element = byId('link', HTMLElement);
    element.dataset.link = link;
    say(element, linkWords(link));
  },
  onTurnedAway: tellSignedOut,
});
