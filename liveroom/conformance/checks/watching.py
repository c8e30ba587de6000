"""Publishing and watching with real media: C1.media, C16 and C17."""

from __future__ import annotations

import asyncio
import time

from liveroom.conformance.description import read_description
from liveroom.conformance.offers import AUDIO, UNKNOWN_VIDEO
from liveroom.conformance.peers import Peer
from liveroom.conformance.trial import Endpoint, NoSession, Session, Trial
from liveroom.conformance.wire import SDP, Seen

_ASK_AGAIN = 0.5
NOT_YET = {404, 409, 425, 503}


async def says_when_to_come_back(trial: Trial, endpoint: Endpoint) -> None:
    """C16, before anybody publishes."""
    seen = await trial.post(endpoint, trial.offer(endpoint))
    await trial.end(endpoint, seen)
    if seen.ok:
        why = "players are served before there is a publisher, or somebody publishes already"
        trial.skip("C16", endpoint, why)
        return
    trial.judge("C16.conflict", endpoint, seen.status == 409, seen)
    trial.judge("C16.retry", endpoint, bool(seen.headers.get("Retry-After")), seen.shows("Retry-After"))


async def connect(trial: Trial, endpoint: Endpoint, peer: Peer) -> Session:
    """A session whose ICE and DTLS are done. Raises `NoSession`."""
    offer = await peer.offer()
    created = await trial.post(endpoint, offer)
    try:
        session = trial.read(endpoint, created, offer)
        await peer.accept(created.body)
        if await peer.connects(trial.pace.connect):
            return session
        reason = f"ICE and DTLS did not connect in {trial.pace.connect:.0f} s"
    except (NoSession, ValueError) as error:
        reason = str(error)
    await trial.end(endpoint, created)
    raise NoSession(reason)


async def goes_live(trial: Trial, endpoint: Endpoint) -> bool:
    """Whether an offer to watch is taken in time, now that somebody publishes."""
    until = time.monotonic() + trial.pace.live
    while True:
        seen = await trial.post(endpoint, trial.offer(endpoint))
        await trial.end(endpoint, seen)
        if seen.status not in NOT_YET or time.monotonic() > until:
            return seen.ok
        await asyncio.sleep(_ASK_AGAIN)


async def plays(trial: Trial, endpoint: Endpoint, peer: Peer) -> Session | None:
    """C1.media; the player's session."""
    try:
        session = await connect(trial, endpoint, peer)
    except NoSession as reason:
        trial.judge("C1.media", endpoint, False, reason)
        return None
    there = await peer.plays(trial.pace.connect)
    trial.judge("C1.media", endpoint, there, f"decoded frames: {peer.frames}")
    return session


async def makes_counter_offers(trial: Trial, endpoint: Endpoint) -> None:
    """C17."""
    seen = await _provoke(trial, endpoint)
    if seen is None:
        trial.skip("C17", endpoint, "neither an empty nor an unplayable offer was answered 406 (it may be refused)")
        return
    trial.judge("C17.location", endpoint, bool(seen.headers.get("Location")), seen.shows("Location"))
    try:
        offer = read_description(seen.body)
    except ValueError as error:
        trial.judge("C17.offer", endpoint, False, error)
        trial.skip("C17", endpoint, "there is no counter-offer to answer")
        return
    trial.judge("C17.offer", endpoint, seen.kind == SDP and bool(offer.parts), seen.shows("Content-Type"))
    directions = {offer.direction(part) for part in offer.parts}
    right = bool(directions) and directions <= {"sendonly", "sendrecv"}
    trial.judge("C17.direction", endpoint, right, f"directions: {', '.join(sorted(directions)) or 'none'}")
    if seen.headers.get("Location"):
        await _answer(trial, endpoint, seen)
    else:
        trial.skip("C17", endpoint, "there is no address to answer at")


async def _provoke(trial: Trial, endpoint: Endpoint) -> Seen | None:
    """An answer 406, to an empty offer or to one that cannot be served."""
    for offer in ("", trial.offer(endpoint, media=(("audio", AUDIO), ("video", UNKNOWN_VIDEO)))):
        seen = await trial.post(endpoint, offer)
        if seen.status == 406:
            return seen
        await trial.end(endpoint, seen)
    return None


async def _answer(trial: Trial, endpoint: Endpoint, seen: Seen) -> None:
    url, peer = trial.address(seen), Peer()

    async def patch(body: str) -> Seen:
        return await trial.wire.send("PATCH", url, token=endpoint.token, body=body, kind=SDP)

    try:
        malformed = await patch("This is no session description.")
        trial.judge_refusal("C17.malformed", endpoint, malformed)
        answered = await patch(await peer.answer(seen.body))
        trial.judge("C17.answered", endpoint, answered.status == 204, answered)
        if answered.ok:
            there = await peer.plays(trial.pace.connect)
            trial.judge("C17.media", endpoint, there, f"decoded frames: {peer.frames}")
        else:
            trial.skip("C17.media", endpoint, "the answer was not taken")
    except ValueError as error:
        trial.judge("C17.offer", endpoint, False, error)
        trial.skip("C17", endpoint, "the counter-offer cannot be used")
    finally:
        await trial.end(endpoint, seen)
        await peer.close()
