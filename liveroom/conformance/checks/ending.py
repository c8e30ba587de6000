"""How sessions end: by DELETE (C5), and by silence (C18)."""

from __future__ import annotations

import asyncio
import time

from liveroom.conformance.checks.watching import connect
from liveroom.conformance.description import read_description
from liveroom.conformance.peers import Peer
from liveroom.conformance.probe import Echo, probe
from liveroom.conformance.relay import Relay
from liveroom.conformance.trial import Endpoint, NoSession, Session, Trial
from liveroom.conformance.wire import Seen

_QUIET = 3.0
"""Seconds without media, while others are sent some, after which they count as stopped."""

GONE = {404, 410}


async def ends(trial: Trial, endpoint: Endpoint, peer: Peer, session: Session) -> None:
    """C5, of a session whose peer is connected."""
    before = await probe(session.target, trial.pace.echo)
    goodbye = asyncio.create_task(peer.is_told_goodbye(trial.pace.goodbye))
    seen = await trial.wire.send("DELETE", session.url, token=endpoint.token, headers={"If-Match": '"another-state"'})
    trial.judge("C5.tags", endpoint, seen.ok, f"with another tag in If-Match {seen}")
    if not seen.ok:
        seen = await trial.wire.send("DELETE", session.url, token=endpoint.token)
    trial.judge("C5.ended", endpoint, seen.ok, seen)
    trial.judge("C5.ended_200", endpoint, seen.status == 200, seen)
    if not seen.ok:
        goodbye.cancel()
        trial.skip("C5", endpoint, "the session did not end")
        return
    said = await goodbye
    after = await probe(session.target, trial.pace.echo)
    trial.judge("C5.dtls", endpoint, said or after is Echo.FORBIDDEN, "DTLS was closed" if said else "nothing was said")
    if before is Echo.ANSWERED:
        trial.judge("C5.consent", endpoint, after is not Echo.ANSWERED, f"a check was {after}")
    else:
        trial.skip("C5.consent", endpoint, f"checks from a second address were {before} even before")
    again = await trial.wire.send("DELETE", session.url, token=endpoint.token)
    trial.judge("C5.again", endpoint, again.ok or again.status in GONE, again)


async def lets_the_silent_go(trial: Trial, endpoint: Endpoint) -> None:
    """C18: a player behind a relay that falls silent; the relay sees how long media still come.

    A second player, which goes on consenting, is the witness that there still is something to be sent.
    """
    peer, witness, relay = Peer.player(), Peer.player(), Relay()
    created: list[Seen] = []
    try:
        created.append((await connect(trial, endpoint, witness)).created)
        offer = await peer.offer()
        hosts = [host for host, _ in read_description(offer).candidates if ":" not in host]
        # Without our candidates, the server knows us by what comes through the relay alone.
        bare = "".join(line for line in offer.splitlines(keepends=True) if not line.startswith("a=candidate:"))
        created.append(await trial.post(endpoint, bare))
        trial.read(endpoint, created[-1], bare)
        await peer.accept(await relay.stand_in(created[-1].body, hosts[0] if hosts else "127.0.0.1"))
        if not (await peer.plays(trial.pace.connect) and await witness.plays(trial.pace.connect)):
            trial.skip("C18", endpoint, "no media came to two players, one of them behind a relay")
            return
        seconds = await _media_after_silence(relay, witness, trial)
        if seconds is None and time.monotonic() - witness.last_frame_at > _QUIET:
            trial.skip("C18", endpoint, "the publisher stopped, or paused, meanwhile")
            return
        words = f"media stopped after {seconds:.0f} s" if seconds is not None else "media did not stop"
        limit = trial.pace.silence + trial.pace.slack
        trial.judge("C18.stops", endpoint, seconds is not None and seconds <= limit, words)
        trial.judge("C18.patient", endpoint, seconds is None or seconds >= trial.pace.patience, words)
    except (NoSession, ValueError) as reason:
        trial.skip("C18", endpoint, reason)
    finally:
        for one in created:
            await trial.end(endpoint, one)
        relay.close()
        await asyncio.gather(peer.close(), witness.close())


async def _media_after_silence(relay: Relay, witness: Peer, trial: Trial) -> float | None:
    """Seconds for which media came after the silence began; None when they did not stop before the witness's did."""
    relay.silent = True
    began = relay.last_media_at = time.monotonic()
    while witness.last_frame_at - relay.last_media_at < _QUIET:
        if time.monotonic() - began > trial.pace.silence + trial.pace.slack + _QUIET:
            return None
        await asyncio.sleep(0.1)
    return relay.last_media_at - began
