"""Trickle ICE and ICE restarts by PATCH: C7 to C10."""

from __future__ import annotations

import secrets
from dataclasses import replace

from liveroom.conformance.checks.opening import STRONG_TAG
from liveroom.conformance.description import read_fragment
from liveroom.conformance.offers import CANDIDATES, UNUSABLE, Offer, fragment
from liveroom.conformance.probe import Echo, probe
from liveroom.conformance.trial import Endpoint, Session, Trial
from liveroom.conformance.wire import FRAGMENT, Seen

NOT_AT_ALL = {405, 501}
"""How a server says that it knows no PATCH."""
CONDITION_NOT_MET = {412, 428}


async def patches(trial: Trial, endpoint: Endpoint) -> None:
    """C7 to C10, each on a session of its own."""
    if await _knows_nopatch(trial, endpoint):
        for duty in ("C7", "C8", "C9", "C10"):
            trial.skip(duty, endpoint, "PATCH is not supported: neither trickle nor restart (both are optional)")
        return
    trickles = await trickled(trial, endpoint)
    restarts = await restarted(trial, endpoint)
    await refuses_other_patches(trial, endpoint, trickles, restarts)
    await is_conditional(trial, endpoint, trickles, restarts)


async def _knows_nopatch(trial: Trial, endpoint: Endpoint) -> bool:
    offer = trial.offer(endpoint)
    async with trial.session(endpoint, offer) as session:
        seen = [await patch(trial, session, body) for body in (_trickle(offer), restart())]
    return all(one.status in NOT_AT_ALL for one in seen)


async def trickled(trial: Trial, endpoint: Endpoint) -> Seen:
    """C9; the answer to right candidates."""
    offer = trial.offer(endpoint)
    async with trial.session(endpoint, offer) as session:
        seen = await patch(trial, session, _trickle(offer))
        if seen.status == 422:
            trial.skip("C9", endpoint, "Trickle ICE is not supported (it is optional)")
            return seen
        trial.judge("C9.accepted", endpoint, seen.status == 204 and not seen.body, f"{seen}, {len(seen.body)} bytes")
        trial.judge("C9.no_etag", endpoint, seen.ok and "ETag" not in seen.headers, seen.shows("ETag"))
        unusable = await patch(trial, session, fragment(offer.ufrag, offer.password, CANDIDATES + UNUSABLE))
        trial.judge("C9.unusable", endpoint, unusable.status == 204, unusable)
    return seen


async def restarted(trial: Trial, endpoint: Endpoint) -> Seen:
    """C10; the answer to a right restart."""
    async with trial.session(endpoint) as session:
        renewed = trial.offer(endpoint)
        seen = await patch(trial, session, fragment(renewed.ufrag, renewed.password), tag="*")
        if seen.status == 422:
            trial.skip("C10", endpoint, "ICE restart is not supported (it is optional)")
            return seen
        right = seen.status == 200 and seen.kind == FRAGMENT
        trial.judge("C10.restarted", endpoint, right, seen.shows("Content-Type"))
        if not seen.ok:
            trial.skip("C10", endpoint, f"there was no restart: {seen}")
            return seen
        await _judge_restart(trial, session, renewed, seen)
    await _survives(trial, endpoint)
    return seen


async def _judge_restart(trial: Trial, session: Session, renewed: Offer, seen: Seen) -> None:
    endpoint = session.endpoint
    try:
        body = read_fragment(seen.body)
    except ValueError as error:
        trial.judge("C10.renewed", endpoint, False, error)
        trial.skip("C10", endpoint, "the fragment cannot be read")
        return
    new = bool(body.ufrag and body.password) and body.ufrag != session.answer.ufrag
    trial.judge("C10.renewed", endpoint, new, f"ufrag {session.answer.ufrag} became {body.ufrag or 'none'}")
    trial.judge("C10.candidates", endpoint, bool(body.candidates), f"candidates: {body.candidates}")
    tag = seen.headers.get("ETag", "")
    trial.judge("C10.tag", endpoint, bool(STRONG_TAG.fullmatch(tag)) and tag != session.tag, seen.shows("ETag"))
    target = replace(session.target, ufrag=body.ufrag, password=body.password, own_ufrag=renewed.ufrag)
    if body.candidates:
        target = replace(target, candidates=body.candidates)
    echo = await probe(target, trial.pace.echo)
    trial.judge("C10.answers", endpoint, echo is Echo.ANSWERED, f"a check was {echo}")
    if session.tag:
        late = await patch(trial, session, fragment(renewed.ufrag, renewed.password))
        trial.judge("C8.outdated", endpoint, late.status == 412, late)


async def _survives(trial: Trial, endpoint: Endpoint) -> None:
    async with trial.session(endpoint) as session:
        refused = await patch(trial, session, "a=ice-ufrag:alone\r\n", tag="*")
        if refused.ok:
            trial.skip("C10.survives", endpoint, f"a restart without a password was not refused: {refused}")
            return
        lives = await trial.lives_on(session)
        seen = f"refused with {refused.status}, then the session {'lived on' if lives else 'was gone'}"
        trial.judge("C10.survives", endpoint, lives, seen)


async def refuses_other_patches(trial: Trial, endpoint: Endpoint, trickles: Seen, restarts: Seen) -> None:
    """C7."""
    async with trial.session(endpoint) as session:
        other = await patch(trial, session, "Hello.", kind="text/plain")
        malformed = await patch(trial, session, "This is no fragment.", tag="*")
    trial.judge_refusal("C7.type", endpoint, other, 415)
    trial.judge_refusal("C7.malformed", endpoint, malformed, 400)
    refused = [seen for seen in (trickles, restarts) if not seen.ok]
    if len(refused) == 1:
        trial.judge("C7.unsupported", endpoint, refused[0].status == 422, refused[0])
    else:
        trial.skip("C7.unsupported", endpoint, "trickle and restart are both supported" if not refused else "neither")


async def is_conditional(trial: Trial, endpoint: Endpoint, trickles: Seen, restarts: Seen) -> None:
    """C8."""
    offer = trial.offer(endpoint)
    async with trial.session(endpoint, offer) as session:
        if not session.tag:
            if restarts.ok:
                trial.judge("C1.etag", endpoint, False, "ICE restart is supported, and the 201 has no ETag")
            trial.skip("C8", endpoint, "the 201 has no ETag: without ICE restart, none is needed")
            return
        body = _trickle(offer) if trickles.ok else restart()
        missing = await patch(trial, session, body, tag="")
        trial.judge("C8.missing", endpoint, missing.status == 428, missing)
        differs = await patch(trial, session, body, tag='"another-state"')
        trial.judge("C8.differs", endpoint, differs.status == 412, differs)
        for name, tag in (("any", "*"), ("any_quoted", '"*"')):
            seen = await patch(trial, session, restart(), tag=tag)
            if seen.ok or seen.status in CONDITION_NOT_MET:
                trial.judge(f"C8.{name}", endpoint, seen.ok, seen)
            else:
                trial.skip(f"C8.{name}", endpoint, f"there was no ICE restart, and nothing else needs *: {seen}")


def _trickle(offer: Offer) -> str:
    return fragment(offer.ufrag, offer.password)


def restart() -> str:
    """New credentials, of whoever."""
    return fragment(secrets.token_hex(4), secrets.token_hex(16))


async def patch(trial: Trial, session: Session, body: str, tag: str | None = None, kind: str = FRAGMENT) -> Seen:
    """`tag` None is the one that the session was created with, an empty one sends none."""
    tag = session.tag if tag is None else tag
    headers = {"If-Match": tag} if tag else {}
    token = session.endpoint.token
    return await trial.wire.send("PATCH", session.url, token=token, body=body, kind=kind, headers=headers)
