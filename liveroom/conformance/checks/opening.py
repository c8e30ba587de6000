"""What an offer is answered: C1, C2, C4, C11, C12 and C15."""

from __future__ import annotations

import re
import time

from liveroom.conformance.description import read_description
from liveroom.conformance.offers import AUDIO, UNKNOWN_VIDEO, VIDEO
from liveroom.conformance.trial import Endpoint, NoSession, Session, Trial
from liveroom.conformance.wire import SDP, Seen

STRONG_TAG = re.compile(r'"[\x21\x23-\x7e]*"')
_RANDOM_CHARACTERS = 16
_DAY = 24 * 3600
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))*)')
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))')


async def opens(trial: Trial, endpoint: Endpoint) -> None:
    """C1, all but the media."""
    created = await trial.post(endpoint, trial.offer(endpoint))
    trial.judge("C1.created", endpoint, created.status == 201, created)
    if created.status != 201:
        trial.skip("C1", endpoint, f"no session was opened: {created}")
        return
    trial.judge("C1.location", endpoint, bool(created.headers.get("Location")), created.shows("Location"))
    try:
        readable = bool(read_description(created.body).taken)
        trial.judge("C1.answer", endpoint, readable and created.kind == SDP, created.shows("Content-Type"))
    except ValueError as error:
        trial.judge("C1.answer", endpoint, False, error)
    if "ETag" in created.headers:
        strong = bool(STRONG_TAG.fullmatch(created.headers["ETag"]))
        trial.judge("C1.etag", endpoint, strong, created.shows("ETag"))
    else:
        trial.skip("C1.etag", endpoint, "the 201 has no ETag")
    another = await trial.post(endpoint, trial.offer(endpoint))
    await trial.end(endpoint, another)
    await trial.end(endpoint, created)
    if another.status == 201 and "Location" in created.headers:
        part = _what_differs(trial.address(created), trial.address(another))
        trial.judge("C1.unguessable", endpoint, len(part) >= _RANDOM_CHARACTERS, f"what differs is “{part}”")
    else:
        trial.skip("C1.unguessable", endpoint, f"there is no second session to compare: {another}")


def _what_differs(first: str, second: str) -> str:
    """The part of the first address that the second one does not have."""
    others = set(re.split(r"[/?&=#]", second))
    return max((part for part in re.split(r"[/?&=#]", first) if part not in others), key=len, default="")


async def refuses(trial: Trial, endpoint: Endpoint) -> None:
    """C2."""
    right = str(trial.offer(endpoint))
    other = await trial.wire.send("POST", endpoint.url, token=endpoint.token, body=right, kind="text/plain")
    await trial.end(endpoint, other)
    trial.judge_refusal("C2.type", endpoint, other, 415)
    malformed = await trial.post(endpoint, "This is no session description.")
    await trial.end(endpoint, malformed)
    trial.judge_refusal("C2.malformed", endpoint, malformed, 400)
    trial.judge("C2.problem", endpoint, malformed.kind == "application/problem+json", malformed.shows("Content-Type"))


async def goes_one_way(trial: Trial, endpoint: Endpoint) -> None:
    """C4."""
    async with trial.session(endpoint) as session:
        directions = [session.answer.direction(part) for part in session.answer.taken]
        one_way = bool(directions) and set(directions) == {endpoint.answered}
        trial.judge("C4.answer", endpoint, one_way, f"the answer's m-sections are {', '.join(directions) or 'none'}")
    wrong = endpoint.answered
    for name, direction, once in (("wrong", wrong, False), ("inactive", "inactive", False), ("default", wrong, True)):
        seen = await trial.post(endpoint, trial.offer(endpoint, direction=direction, once=once))
        await trial.end(endpoint, seen)
        trial.judge_refusal(f"C4.{name}", endpoint, seen)


async def is_complete(trial: Trial, endpoint: Endpoint) -> None:
    """C11."""
    async with trial.session(endpoint) as session:
        answer, parts = session.answer, session.answer.taken
        mids = [part.values("mid")[0] for part in parts if part.values("mid")]
        trial.judge("C11.candidates", endpoint, bool(answer.candidates), f"UDP candidates: {answer.candidates}")
        bundled = len(mids) == len(parts) and answer.bundled == set(mids)
        trial.judge("C11.bundle", endpoint, bundled, f"mids {mids}, bundled {sorted(answer.bundled)}")
        for name, attribute in (("mux", "rtcp-mux"), ("mux_only", "rtcp-mux-only")):
            lacking = [part.kind for part in parts if not part.has(attribute)]
            trial.judge(f"C11.{name}", endpoint, not lacking, f"without {attribute}: {', '.join(lacking) or 'none'}")
        added = sorted({value for part in parts for value in part.values("rtcp-fb")})
        trial.judge("C11.feedback", endpoint, not added, f"not offered: {', '.join(added) or 'none'}")
        if endpoint.kind == "whep":
            sent = [part for part in parts if answer.direction(part) == "sendonly"]
            named = all(part.values("msid") for part in sent) and len(answer.streams) == 1
            trial.judge("C11.stream", endpoint, named, f"streams: {', '.join(sorted(answer.streams)) or 'none'}")
        else:
            trial.skip("C11.stream", endpoint, "a WHIP answer sends no stream")
    both = (("audio", AUDIO), ("video", VIDEO))
    seen, surplus = await _try(trial, endpoint, media=both + both)
    kinds = [part.kind for part in surplus.answer.taken] if surplus else []
    met = len(kinds) == len(set(kinds)) if surplus else seen.refused
    words = f"of two audios and two videos are taken: {', '.join(kinds) or 'none'} ({seen})"
    trial.judge_looked("C11.kinds", endpoint, seen, met, words)


async def is_whole(trial: Trial, endpoint: Endpoint) -> None:
    """C12, of WHIP: what WHEP does with such offers is free."""
    if endpoint.kind == "whep":
        trial.skip("C12", endpoint, "asked of WHIP only")
        return
    refusals = {400, 422}
    seen, taken = await _try(trial, endpoint, media=(("video", VIDEO), ("video", VIDEO)))
    if taken and len(taken.answer.taken) == 2:
        trial.skip("C12.tracks", endpoint, "two videos are served")
    else:
        trial.judge_looked("C12.tracks", endpoint, seen, seen.status in refusals)
    seen, taken = await _try(trial, endpoint, setup="active")
    met = taken is not None and taken.answer.setup == "passive"
    words = f"{seen}, setup:{taken.answer.setup}" if taken else str(seen)
    trial.judge_looked("C12.active", endpoint, seen, met or seen.status in refusals, words)
    seen, taken = await _try(trial, endpoint, media=(("audio", AUDIO), ("video", UNKNOWN_VIDEO)))
    words = f"{seen}, {len(taken.answer.taken)} of 2 m-sections taken" if taken else str(seen)
    trial.judge_looked("C12.whole", endpoint, seen, seen.refused, words)


async def _try(trial: Trial, endpoint: Endpoint, **wishes: object) -> tuple[Seen, Session | None]:
    offer = trial.offer(endpoint, **wishes)
    seen = await trial.post(endpoint, offer)
    await trial.end(endpoint, seen)
    try:
        return seen, trial.read(endpoint, seen, str(offer))
    except NoSession:
        return seen, None


async def names_ice_servers(trial: Trial, endpoint: Endpoint) -> None:
    """C15."""
    async with trial.session(endpoint) as session:
        links = session.created.headers.getall("Link", [])
    servers = [(uri, named) for uri, named in read_links(", ".join(links)) if named.get("rel") == "ice-server"]
    if not servers:
        trial.skip("C15", endpoint, "the 201 names no ICE servers")
        return
    odd = [uri for uri, _ in servers if not re.match(r"(?:stun|turn)s?:[^/]", uri)]
    trial.judge("C15.links", endpoint, not odd, f"servers: {', '.join(uri for uri, _ in servers)}")
    relays = [(uri, named) for uri, named in servers if uri.startswith("turn")]
    if not relays:
        trial.skip("C15", endpoint, "no TURN server is named")
        return
    wanted = ("username", "credential", "credential-type")
    lacking = [f"{uri} lacks {name}" for uri, named in relays for name in wanted if not named.get(name)]
    trial.judge("C15.credentials", endpoint, not lacking, "; ".join(lacking) or "all are there")
    ends = [named.get("username", "").partition(":")[0] for _, named in relays]
    if all(end.isdecimal() for end in ends):
        left = [int(end) - time.time() for end in ends]
        seen = f"seconds left: {', '.join(str(round(seconds)) for seconds in left)}"
        trial.judge("C15.short_lived", endpoint, all(0 < seconds <= _DAY for seconds in left), seen)
    else:
        trial.skip("C15.short_lived", endpoint, "the user names do not say when the credentials end")


def read_links(header: str) -> list[tuple[str, dict[str, str]]]:
    """The targets and parameters of a `Link` header, several joined with commas (RFC 8288)."""
    return [
        (uri, {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)})
        for uri, rest in _LINK.findall(header)
    ]
