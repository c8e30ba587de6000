/** The prompter: now, next, time, for one thumb. Joins state, socket and views. */
import { page } from '../lib/page.js';
import { openSocket } from '../net/socket.js';
import { apply, empty } from '../state/room.js';
import { drawLink } from '../view/link.js';
import { prompter } from '../view/prompter.js';
import { tellRefusal } from '../view/refusal.js';
import { sessionBadge } from '../view/session_badge.js';
import { tellSignedOut } from '../view/signed_out.js';

let state = empty();
const drawBadge = sessionBadge();
const draw = prompter((wish) => void socket.wish(wish).catch(tellRefusal));

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
  onLink: drawLink,
  onTurnedAway: tellSignedOut,
});
