"""The duties of a WHIP and WHEP server, as one table: what the standards ask for, how firmly, and where they say so.

WHIP is RFC 9725, WHEP is draft-ietf-wish-whep. Knows no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How firmly something is asked for (RFC 2119). What a server MAY do is only looked at when it does it."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that can be seen from outside. `key` is the duty's number and a name: `C1.location`."""

    key: str
    level: Level
    source: str
    words: str

    @property
    def duty(self) -> str:
        return self.key.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Duty:
    number: str
    title: str
    requirements: tuple[Requirement, ...]


def _duty(number: str, title: str, *requirements: tuple[str, Level, str, str]) -> Duty:
    found = (Requirement(f"{number}.{name}", level, source, words) for name, level, source, words in requirements)
    return Duty(number, title, tuple(found))


_SETUP = "RFC 9725, 4.2; WHEP, playback session set up"
_PATCH = "RFC 9725, 4.3.1; WHEP, HTTP PATCH usage"
_SECURITY = "RFC 9725, 5; WHEP, security considerations"
_CORS = "RFC 9725, 4.2; WHEP, session termination; Fetch, CORS protocol"

DUTIES = (
    _duty(
        "C1",
        "An offer opens a session",
        ("created", MUST, _SETUP, "POST of an SDP offer is answered 201 Created"),
        ("answer", MUST, _SETUP, "the 201 holds an SDP answer with Content-Type: application/sdp"),
        ("location", MUST, _SETUP, "the 201 names the new session in Location"),
        ("unguessable", SHOULD, _SECURITY, "session addresses cannot be guessed: 16 random characters or more"),
        ("etag", MUST, _PATCH, "an ETag in the 201 is strong; without ICE restart there may be none"),
        ("media", MUST, _SETUP, "ICE and DTLS connect, and what a publisher sends arrives at a player"),
    ),
    _duty(
        "C2",
        "What is no offer is refused",
        ("type", MUST, _SETUP, "POST of another Content-Type is refused with 4xx"),
        ("type_415", SHOULD, "RFC 9110, 15.5.16", "… with 415 Unsupported Media Type"),
        ("malformed", MUST, _SETUP, "POST of malformed SDP is refused with 4xx"),
        ("malformed_400", SHOULD, "RFC 9110, 15.5.1", "… with 400 Bad Request"),
        ("problem", MAY, "RFC 9725, 4.1; RFC 9457", "a refusal says more as application/problem+json"),
    ),
    _duty(
        "C3",
        "Addresses can be looked at",
        ("endpoint", MUST, "RFC 9725, 4.1; WHEP, HTTP usage", "GET of the endpoint is 2xx without content"),
        ("session", MUST, "RFC 9725, 4.1; WHEP, HTTP usage", "GET of a session is 2xx without content"),
        ("head", MUST, "RFC 9110, 9.3.2", "HEAD is answered like GET: status, Content-Type, Accept-Post"),
        ("head_type", MAY, "RFC 9110, 9.3.2", "HEAD of a WHEP endpoint says Content-Type: application/sdp"),
    ),
    _duty(
        "C4",
        "Media go one way",
        ("answer", MUST, _SETUP, "a WHIP answer is recvonly, a WHEP answer sendonly, in every m-section"),
        ("wrong", SHOULD, _SETUP, "an offer of the opposite direction is refused with 4xx"),
        ("inactive", SHOULD, _SETUP, "an inactive offer is refused with 4xx"),
        (
            "default",
            SHOULD,
            "RFC 8866, 6.7; RFC 9725, 4.2; WHEP, playback session set up",
            "the opposite direction is also refused where the offer says it once, for all its m-sections",
        ),
    ),
    _duty(
        "C5",
        "DELETE ends a session",
        ("ended", MUST, "RFC 9725, 4.2; WHEP, session termination", "DELETE of a session is answered 2xx"),
        ("ended_200", SHOULD, "RFC 9725, 3; WHEP, overview", "… with 200 OK"),
        ("tags", MUST, _PATCH, "DELETE ignores entity tags"),
        ("consent", MUST, "RFC 7675, 5.2", "connectivity checks of the ended session are not answered any more"),
        ("dtls", MUST, "RFC 9725, 4.2; RFC 7675, 5.2", "the media server closes DTLS, or answers checks with 403"),
        ("again", SHOULD, "RFC 9110, 9.2.2", "a second DELETE does no harm: 2xx, 404 or 410"),
    ),
    _duty(
        "C6",
        "Pages of other sites can use it",
        ("preflight", MUST, _CORS, "a CORS preflight (OPTIONS) of the endpoint is 2xx, without credentials"),
        ("session", MUST, _CORS, "a CORS preflight of a session is 2xx, without credentials"),
        ("allowed", MUST, _CORS, "preflights allow the origin, the methods and the request headers that clients use"),
        ("accept_post", SHOULD, _CORS, "OPTIONS of the endpoint says Accept-Post: application/sdp"),
        ("readable", MUST, _CORS, "the 201 may be read by another origin, and exposes Location"),
        ("exposed", SHOULD, _CORS, "the 201 exposes ETag and Link where it has them"),
    ),
    _duty(
        "C7",
        "What is no fragment is refused",
        ("type", MUST, _PATCH, "PATCH of another Content-Type is refused with 4xx"),
        ("type_415", SHOULD, "RFC 5789, 2.2", "… with 415 Unsupported Media Type"),
        ("malformed", MUST, _PATCH, "PATCH of a malformed fragment is refused with 4xx"),
        ("malformed_400", SHOULD, "RFC 5789, 2.2", "… with 400 Bad Request"),
        ("unsupported", MUST, _PATCH, "who supports only one of trickle and restart answers the other with 422"),
    ),
    _duty(
        "C8",
        "PATCH is conditional",
        ("missing", MUST, _PATCH, "PATCH without If-Match is refused with 428"),
        ("differs", MUST, _PATCH, "PATCH with another entity tag is refused with 412"),
        ("outdated", MUST, _PATCH, "PATCH with the tag from before an ICE restart is refused with 412"),
        ("any", MUST, "RFC 9725, 4.3.3; RFC 9110, 13.1.1", "If-Match: * is any ICE session"),
        ("any_quoted", SHOULD, "RFC 9725, 4.3.3 (its example)", 'If-Match: "*" is any ICE session, too'),
    ),
    _duty(
        "C9",
        "Candidates are trickled",
        ("accepted", MUST, "RFC 9725, 4.3.2; WHEP, Trickle ICE", "new candidates are answered 204 without a body"),
        ("no_etag", MUST, "RFC 9725, 4.3.2; WHEP, Trickle ICE", "the 204 has no ETag"),
        ("unusable", MUST, "RFC 9725, 4.3.2; WHEP, Trickle ICE", "unusable candidates are dropped silently: 204"),
    ),
    _duty(
        "C10",
        "ICE is restarted",
        ("restarted", MUST, "RFC 9725, 4.3.3; WHEP, ICE Restarts", "new credentials are answered 200 with a fragment"),
        ("renewed", MUST, "RFC 9725, 4.3.3; WHEP, ICE Restarts", "the fragment holds a new ufrag and password"),
        ("candidates", SHOULD, "RFC 9725, 4.3.3; WHEP, ICE Restarts", "the fragment holds the server's candidates"),
        ("tag", MUST, "RFC 9725, 4.3.3; WHEP, ICE Restarts", "the 200 has a new strong ETag"),
        ("answers", MUST, "RFC 8445, 9", "connectivity checks with the new credentials are answered"),
        ("survives", MUST, "RFC 9725, 4.3.3; WHEP, ICE Restarts", "a restart that is refused does not end the session"),
    ),
    _duty(
        "C11",
        "The answer is complete and bundled",
        ("candidates", MUST, "RFC 9725, 4.3.2; WHEP, Trickle ICE", "the answer holds the server's candidates"),
        ("bundle", MUST, "RFC 9725, 4.4.1; WHEP, SDP Bundle", "one BUNDLE group holds all m-sections"),
        ("mux", MUST, "RFC 9725, 4.4.1; RFC 8858", "every m-section has rtcp-mux"),
        ("mux_only", MUST, "RFC 9725, 4.4.1; RFC 8858, 3", "every m-section has rtcp-mux-only"),
        ("stream", MUST, "WHEP, Single MediaStream", "all m-sections of a WHEP answer name one and the same stream"),
        ("kinds", MUST, "RFC 9725, 4.4.2; WHEP, Single MediaStream", "at most one audio and one video are taken"),
        ("feedback", MUST, "RFC 4585, 4.2; RFC 3264, 6.1", "the answer has no a=rtcp-fb that was not offered"),
    ),
    _duty(
        "C12",
        "An offer is taken whole or not at all",
        ("tracks", MUST, "RFC 9725, 4.4.2", "two videos, where they are not served, are refused with 422 or 400"),
        ("active", SHOULD, "RFC 9725, 4.4.4", "setup:active is met, or refused with 422 or 400"),
        ("whole", SHOULD, "RFC 9725, 4.4.3", "one m-section that cannot be served refuses the whole offer"),
    ),
    _duty(
        "C13",
        "Clients are moved and held off properly",
        ("moved", MUST, "RFC 9725, 4.5; WHEP, load balancing", "nothing is ever answered 301 or 302"),
        ("busy", SHOULD, "RFC 9725, 4.5; WHEP, load balancing", "503 says when to come back in Retry-After"),
    ),
    _duty(
        "C14",
        "Who may is told by a bearer token",
        ("none", MUST, "RFC 9725, 4.7.1; RFC 6750", "without its token an offer is refused with 401 or 403"),
        ("wrong", MUST, "RFC 9725, 4.7.1; RFC 6750", "with a wrong token an offer is refused with 401 or 403"),
        ("challenge", MUST, "RFC 9110, 15.5.2", "a 401 names the scheme in WWW-Authenticate"),
        ("session", SHOULD, "RFC 9725, 4.7.1", "PATCH and DELETE of a session without its token are refused, too"),
        ("stranger", SHOULD, "RFC 9725, 4.7.1; RFC 6750, 3.1", "… and with a wrong token, and the session lives on"),
        ("kind", SHOULD, _SECURITY, "nobody controls a session under the endpoint of the other kind"),
        ("preflight", MUST, "RFC 9725, 4.7.1; Fetch, CORS protocol", "preflights are not asked for a token"),
        ("flood", SHOULD, _SECURITY, "a flood of offers is answered 429 with Retry-After"),
    ),
    _duty(
        "C15",
        "ICE servers are named",
        ("links", MUST, "RFC 9725, 4.6", "each ice-server Link names a stun or turn URI"),
        ("credentials", MUST, "RFC 9725, 4.6", "turn servers come with username, credential and credential-type"),
        ("short_lived", SHOULD, "RFC 9725, 4.6; draft-uberti-behave-turn-rest", "credentials end within a day"),
    ),
    _duty(
        "C16",
        "A player without a publisher is told to come back",
        ("conflict", MUST, "WHEP, Session Management", "an offer to watch what nobody publishes is answered 409"),
        ("retry", MUST, "WHEP, Session Management", "the 409 says when to come back in Retry-After"),
    ),
    _duty(
        "C17",
        "A player gets a counter-offer",
        ("offer", MUST, "WHEP, counter-offer", "the 406 holds an SDP offer with Content-Type: application/sdp"),
        ("location", MUST, "WHEP, counter-offer", "the 406 names the session to be in Location"),
        ("direction", MUST, "WHEP, media direction", "the counter-offer is sendonly or sendrecv"),
        ("malformed", MUST, "WHEP, counter-offer", "a malformed answer is refused with 4xx"),
        ("answered", MUST, "WHEP, counter-offer", "PATCH of an SDP answer is answered 204"),
        ("media", MUST, "WHEP, counter-offer", "ICE and DTLS connect, and media arrive"),
    ),
    _duty(
        "C18",
        "A silent peer is let go",
        (
            "stops",
            MUST,
            "RFC 7675, 5.1; RFC 9725, 4.2",
            "30 s after a player's last sign of life, media stop",
        ),
        ("patient", SHOULD, "RFC 7675, 5.1", "half of that time, media still come: a short gap is no goodbye"),
    ),
)

REQUIREMENTS = {requirement.key: requirement for duty in DUTIES for requirement in duty.requirements}
