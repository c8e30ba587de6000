"""How sessions end: by DELETE (C5), and by silence (C18)."""

from __future__ import annotations

import asyncio
import time

from liveroom.conformance.description import read_description
from liveroom.conformance.peers import Peer
from liveroom.conformance.probe import Echo, probe
from liveroom.conformance.relay import Relay
from liveroom.conformance.trial import Endpoint, NoSession, Session, Trial

_QUIET = 3.0
"""Seconds without media after which they count as stopped."""

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
    """C18: a player behind a relay that falls silent; the relay sees how long media still come."""
    peer, relay = Peer.player(), Relay()
    created = None
    try:
        offer = await peer.offer()
        hosts = [host for host, _ in read_description(offer).candidates if ":" not in host]
        # Without our candidates, the server knows us by what comes through the relay alone.
        bare = "".join(line for line in offer.splitlines(keepends=True) if not line.startswith("a=candidate:"))
        created = await trial.post(endpoint, bare)
        session = trial.read(endpoint, created, bare)
        await peer.accept(await relay.stand_in(created.body, hosts[0] if hosts else "127.0.0.1"))
        if not await peer.plays(trial.pace.connect):
            trial.skip("C18", endpoint, "no media came through a relay")
            return
        seconds = await _media_after_silence(relay, trial)
        words = f"media stopped after {seconds:.0f} s" if seconds is not None else "media did not stop"
        limit = trial.pace.silence + trial.pace.slack
        trial.judge("C18.stops", endpoint, seconds is not None and seconds <= limit, words)
        await trial.wire.send("DELETE", session.url, token=endpoint.token)
    except (NoSession, ValueError) as reason:
        trial.skip("C18", endpoint, reason)
        if created is not None:
            await trial.end(endpoint, created)
    finally:
        relay.close()
        await peer.close()


async def _media_after_silence(relay: Relay, trial: Trial) -> float | None:
    """Seconds for which media came after the silence began; None when they went on to the end."""
    relay.silent = True
    began = relay.last_media_at = time.monotonic()
    while time.monotonic() - relay.last_media_at < _QUIET:
        if time.monotonic() - began > trial.pace.silence + trial.pace.slack:
            return None
        await asyncio.sleep(0.1)
    return relay.last_media_at - began
