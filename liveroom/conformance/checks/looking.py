"""What can be seen without an offer, and from pages of other sites: C3 and C6."""

from __future__ import annotations

from liveroom.conformance.trial import Endpoint, Trial
from liveroom.conformance.wire import SDP, Seen

ORIGIN = "https://player.example"


async def can_be_looked_at(trial: Trial, endpoint: Endpoint) -> None:
    """C3."""

    async def look(method: str, url: str) -> Seen:
        return await trial.wire.send(method, url, token=endpoint.token)

    async with trial.session(endpoint) as session:
        for name, url in (("endpoint", endpoint.url), ("session", session.url)):
            got, head = await look("GET", url), await look("HEAD", url)
            trial.judge(f"C3.{name}", endpoint, got.ok and not got.body, f"{got}, {len(got.body)} bytes")
            told = [f"{seen}, {_says(seen)}" for seen in (got, head)]
            alike = head.ok and (got.status, _says(got)) == (head.status, _says(head))
            trial.judge("C3.head", endpoint, alike, f"{'; '.join(told)} ({name})")
    if endpoint.kind == "whep":
        seen = await look("HEAD", endpoint.url)
        trial.judge("C3.head_type", endpoint, seen.kind == SDP, seen.shows("Content-Type"))
    else:
        trial.skip("C3.head_type", endpoint, "asked of WHEP only")


def _says(seen: Seen) -> str:
    """What GET and HEAD say alike of an address without content (RFC 9110, section 9.3.2)."""
    return ", ".join(f"{name}: {seen.headers.get(name, 'none')}" for name in ("Content-Type", "Accept-Post"))


async def serves_other_sites(trial: Trial, endpoint: Endpoint) -> None:
    """C6."""
    offer = trial.offer(endpoint)
    headers = {"Origin": ORIGIN}
    created = await trial.wire.post_offer(endpoint.url, str(offer), endpoint.token, headers)
    try:
        session = trial.read(endpoint, created, str(offer))
        at_endpoint = await _preflight(trial, endpoint.url, "POST", "authorization, content-type")
        at_session = await _preflight(trial, session.url, "PATCH", "authorization, content-type, if-match")
        to_end = await _preflight(trial, session.url, "DELETE", "authorization")
        plain = await trial.wire.send("OPTIONS", endpoint.url)
    finally:
        await trial.end(endpoint, created)
    trial.judge("C6.preflight", endpoint, at_endpoint.ok, at_endpoint)
    trial.judge("C6.session", endpoint, at_session.ok and to_end.ok, at_session)
    for seen, method, asked in (
        (at_endpoint, "POST", ("authorization", "content-type")),
        (at_session, "PATCH", ("authorization", "content-type", "if-match")),
        (to_end, "DELETE", ("authorization",)),
    ):
        lacking = _lacking(seen, method, asked)
        trial.judge("C6.allowed", endpoint, not lacking, f"{method}: {'; '.join(lacking) or 'all is allowed'}")
    says = [seen for seen in (plain, at_endpoint) if SDP in seen.headers.get("Accept-Post", "")]
    trial.judge("C6.accept_post", endpoint, bool(says), plain.shows("Accept-Post"))
    origin_is_allowed = created.headers.get("Access-Control-Allow-Origin") in {"*", ORIGIN}
    exposed = _exposed(created)
    trial.judge(
        "C6.readable",
        endpoint,
        origin_is_allowed and bool(exposed & {"*", "location"}),
        f"{created.shows('Access-Control-Allow-Origin')}, exposed: {', '.join(sorted(exposed)) or 'nothing'}",
    )
    hidden = [name for name in ("ETag", "Link") if name in created.headers and not exposed & {"*", name.lower()}]
    trial.judge("C6.exposed", endpoint, not hidden, f"not exposed: {', '.join(hidden) or 'none'}")


async def _preflight(trial: Trial, url: str, method: str, asked: str) -> Seen:
    """As a browser sends it: without credentials (Fetch, CORS-preflight fetch)."""
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": asked}
    return await trial.wire.send("OPTIONS", url, headers=headers)


def _lacking(seen: Seen, method: str, asked: tuple[str, ...]) -> list[str]:
    """What a browser would miss in the answer to a preflight."""
    lacking = []
    if seen.headers.get("Access-Control-Allow-Origin") not in {"*", ORIGIN}:
        lacking.append(f"origin not allowed ({seen})")
    # POST is allowed without being named; authorization must be named even where there is a "*" (Fetch).
    if method != "POST" and not _names(seen, "Access-Control-Allow-Methods") & {"*", method.lower()}:
        lacking.append("method not allowed")
    allowed = _names(seen, "Access-Control-Allow-Headers")
    return lacking + [f"{name} not allowed" for name in asked if name not in allowed]


def _exposed(seen: Seen) -> set[str]:
    return _names(seen, "Access-Control-Expose-Headers")


def _names(seen: Seen, header: str) -> set[str]:
    return {name.strip().lower() for value in seen.headers.getall(header, []) for name in value.split(",")} - {""}
