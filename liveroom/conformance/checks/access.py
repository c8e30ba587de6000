"""Tokens and floods: C14. And what no answer of a run may be: C13."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from liveroom.conformance.checks.looking import ORIGIN
from liveroom.conformance.checks.patching import NOT_AT_ALL, patch, restart
from liveroom.conformance.trial import Endpoint, Session, Trial
from liveroom.conformance.wire import Seen

CLOSED = {401, 403}
AT_ONCE = 10


async def asks_for_the_token(trial: Trial, endpoint: Endpoint) -> None:
    """C14, all but the flood."""
    if not endpoint.token:
        for name in ("none", "wrong", "challenge", "session", "stranger", "kind", "preflight"):
            trial.skip(f"C14.{name}", endpoint, "no token was given, so none is needed")
        return
    offer = str(trial.offer(endpoint))
    refusals: list[Seen] = []
    for name, token in (("none", ""), ("wrong", "not-the-token")):
        seen = await trial.wire.post_offer(endpoint.url, offer, token)
        await trial.end(endpoint, seen)
        trial.judge(f"C14.{name}", endpoint, seen.status in CLOSED, seen)
        refusals.append(seen)
    refusals += await _control(trial, endpoint, "C14.session", "", CLOSED)
    refusals += await _control(trial, endpoint, "C14.stranger", "not-the-token", CLOSED | {404})
    await _control_as_the_other_kind(trial, endpoint)
    silent = [seen for seen in refusals if seen.status == 401 and not seen.headers.get("WWW-Authenticate")]
    if any(seen.status == 401 for seen in refusals):
        words = str(silent[0]) + " without it" if silent else "every 401 does"
        trial.judge("C14.challenge", endpoint, not silent, words)
    else:
        trial.skip("C14.challenge", endpoint, "there was no 401")
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    seen = await trial.wire.send("OPTIONS", endpoint.url, headers=asked)
    trial.judge("C14.preflight", endpoint, seen.status not in CLOSED, seen)


async def _control(
    trial: Trial, endpoint: Endpoint, key: str, token: str, refusals: Collection[int]
) -> tuple[Seen, Seen]:
    """Restart and end a session with a token that does not allow it."""
    async with trial.session(endpoint) as session:
        patched, ended = await _meddle(trial, session, session.url, token)
        lives = await trial.lives_on(session)
    refused = patched.status in {*refusals, *NOT_AT_ALL} and ended.status in refusals
    trial.judge(key, endpoint, refused and lives, _what_became(patched, ended, lives))
    return patched, ended


async def _control_as_the_other_kind(trial: Trial, endpoint: Endpoint) -> None:
    """C14.kind: players, of whom less is asked, must not get at the session of who publishes, nor the reverse."""
    other = trial.whep if endpoint.kind == "whip" else trial.whip
    if other is None:
        trial.skip("C14.kind", endpoint, "no endpoint of the other kind was given")
        return
    async with trial.session(endpoint) as session:
        url = _moved(session.url, other.url)
        if url == session.url:
            trial.skip("C14.kind", endpoint, "both kinds have the same endpoint")
            return
        patched, ended = await _meddle(trial, session, url, other.token)
        lives = await trial.lives_on(session)
    # DELETE of what is not there may be answered 200 (RFC 9110, section 9.2.2), as long as it does nothing.
    trial.judge("C14.kind", endpoint, not patched.ok and lives, _what_became(patched, ended, lives))


async def _meddle(trial: Trial, session: Session, url: str, token: str) -> tuple[Seen, Seen]:
    stranger = replace(session, url=url, endpoint=replace(session.endpoint, token=token))
    patched = await patch(trial, stranger, restart(), tag="*")
    return patched, await trial.wire.send("DELETE", url, token=token)


def _moved(url: str, endpoint: str) -> str:
    """The address of a session, by its last part, as if another endpoint had made it."""
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    parts = urlsplit(endpoint)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def _what_became(patched: Seen, ended: Seen, lives: bool) -> str:
    return f"{patched}, {ended}, then the session {'lived on' if lives else 'was gone'}"


async def withstands_a_flood(trial: Trial, endpoint: Endpoint) -> None:
    """C14.flood: offers that are none, so that nothing has to be kept for them."""
    if not trial.flood:
        trial.skip("C14.flood", endpoint, "not tried: --flood says with how many requests")
        return

    async def one() -> Seen:
        return await trial.wire.send("POST", endpoint.url, token=endpoint.token, body="flood", kind="text/plain")

    for sent in range(0, trial.flood, AT_ONCE):
        for seen in await asyncio.gather(*(one() for _ in range(min(AT_ONCE, trial.flood - sent)))):
            if seen.status == 429:
                told = seen.headers.get("Retry-After", "")
                trial.judge("C14.flood", endpoint, bool(told), f"after {sent} or so: {seen.shows('Retry-After')}")
                return
    trial.judge("C14.flood", endpoint, False, f"{trial.flood} requests, and no 429")


async def is_used(trial: Trial, endpoint: Endpoint) -> None:
    """One request of each kind, so that C13 sees some even when nothing else is asked for."""
    created = await trial.post(endpoint, trial.offer(endpoint))
    for url in (endpoint.url, trial.address(created)) if created.ok else (endpoint.url,):
        await trial.wire.send("GET", url, token=endpoint.token)
    await trial.end(endpoint, created)


def nobody_was_misled(trial: Trial) -> None:
    """C13, of every answer that was seen in the run."""
    answers = [seen for seen in trial.wire.seen if seen.status]
    moved = [seen for seen in answers if seen.status in {301, 302}]
    words = f"{moved[0]} at {moved[0].url}" if moved else f"none of {len(answers)} answers"
    trial.findings.judge("C13.moved", "", not moved, words)
    busy = [seen for seen in answers if seen.status == 503]
    if busy:
        silent = [seen for seen in busy if not seen.headers.get("Retry-After")]
        trial.findings.judge("C13.busy", "", not silent, (silent or busy)[0].shows("Retry-After"))
    else:
        trial.findings.skip("C13.busy", "", "the server was never busy")
