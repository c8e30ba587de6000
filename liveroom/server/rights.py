"""Who may call which address, on one page: docs/authorisation.md is made from it. Knows no handler.

Handlers and verbs refuse by themselves; a test calls every address as everybody and compares what they do with this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from liveroom.matters.parties import WORKERS
from liveroom.rooms.roles import GRANTS, STAFF_OF_THE_DESK, Permission, Role
from liveroom.server.api.operation import PREFIX, Operation
from liveroom.server.api.table import OPERATIONS


@dataclass(frozen=True, slots=True)
class Right:
    """`who` are the roles that are let in, None lets in everybody; `besides` is what is asked of them, too.

    What is `hidden` does not exist (404) for whom it does not concern; else they are told that they may not (403).
    """

    who: frozenset[Role] | None = None
    besides: str = ""
    hidden: bool = False

    @property
    def roles(self) -> str:
        """As the page has it."""
        return "everyone" if self.who is None else ", ".join(f"`{role}`" for role in Role if role in self.who)


def _may(*permissions: Permission, besides: str = "") -> Right:
    wanted = frozenset(permissions)
    return Right(frozenset(role for role in Role if GRANTS[role] & wanted), besides)


_PATTERN = re.compile(r"\{(\w+):[^}]*\}")
_P = Permission
_EVERYONE, _CODE, _LINK = Right(), Right(besides="the tracking code"), Right(besides="the link of one follower")
_BROWSER = Right(besides="what the browser itself seconded, and nothing else")
_WORK = _may(*WORKERS)
_MATTER = Right(_WORK.who, "whose work the matter is", hidden=True)
_PEER = Right(besides="the address of the watching session")
_PUBLISHER = _may(_P.BROADCAST, besides="the bearer token or sign-in of who broadcasts; deputies those of the session")
_OFFICE, _HOOKS, _IMPORT, _WORDS = _may(_P.REVIEW), _may(_P.CONNECT), _may(_P.IMPORT), _may(_P.WORDS)
_SCHEDULE, _ENTER, _OUTCOME = _may(_P.SCHEDULE), _may(_P.ENTER), _may(_P.OUTCOME)

PAGES: Mapping[str, Right] = {
    "GET /": _EVERYONE,
    "GET /account": _WORK,
    "POST /account": _WORK,
    "GET /api/v1/openapi.json": _EVERYONE,
    "GET /figures": _EVERYONE,
    "POST /figures/{period}/freeze": _OFFICE,
    "GET /figures/{period}/notice": _EVERYONE,
    "GET /figures/{period}/notice.pdf": _EVERYONE,
    "GET /figures/{period}/statement": _EVERYONE,
    "GET /figures/{period}/{measure}": _EVERYONE,
    "GET /files/{attachment}": Right(besides="a step public in whole, the code of who asked, or the work", hidden=True),
    "GET /following/{follower}": _LINK,
    "POST /following/{follower}": _LINK,
    "POST /following/{follower}/again": Right(besides="the link, and the device that asked"),
    "POST /following/{follower}/code": Right(besides="the link, and the device that asked"),
    "GET /following/{follower}/feed": _LINK,
    "GET /healthz": _EVERYONE,
    "GET /metrics": _EVERYONE,
    "GET /office": _SCHEDULE,
    "GET /office/deliveries": _OFFICE,
    "POST /office/deliveries/{notice}": _OFFICE,
    "GET /office/deliveries/{notice}/poster": _OFFICE,
    "GET /office/hooks": _HOOKS,
    "POST /office/hooks": _HOOKS,
    "POST /office/hooks/deliveries/{delivery}/again": _HOOKS,
    "POST /office/hooks/{hook}/{deed}": _HOOKS,
    "GET /office/import": _IMPORT,
    "POST /office/import": _IMPORT,
    "POST /office/import/apply": _IMPORT,
    "GET /office/import/{kind}/template": _IMPORT,
    "POST /office/jobs/{job}": _OFFICE,
    "GET /office/people": _IMPORT,
    "POST /office/people/{account}": _IMPORT,
    "GET /office/retention": _may(_P.ARCHIVE, _P.ADMINISTER, _P.AUDIT),
    "POST /office/rooms": _SCHEDULE,
    "POST /office/sessions": _SCHEDULE,
    "POST /office/sessions/{session}/{command}": _SCHEDULE,
    "GET /office/words": _WORDS,
    "POST /office/words": _WORDS,
    "POST /office/words/try": _WORDS,
    "GET /office/words/{list}": _WORDS,
    "POST /office/words/{list}": _WORDS,
    "GET /office/words/{list}/export": _WORDS,
    "GET /open311/discovery.{form}": _EVERYONE,
    "GET /open311/v2/requests.{form}": _EVERYONE,
    "POST /open311/v2/requests.{form}": Right(besides="an `api_key`: a token of a role with `enter`"),
    "GET /open311/v2/requests/{id}.{form}": _EVERYONE,
    "GET /open311/v2/services.{form}": _EVERYONE,
    "GET /open311/v2/services/{code}.{form}": _EVERYONE,
    "POST /preferences": _EVERYONE,
    "GET /promises": _EVERYONE,
    "GET /readyz": _EVERYONE,
    "GET /rooms/{slug}": _EVERYONE,
    "POST /rooms/{slug}/ask": _EVERYONE,
    "GET /rooms/{slug}/desk": Right(STAFF_OF_THE_DESK),
    "GET /rooms/{slug}/figures": _EVERYONE,
    "GET /rooms/{slug}/figures/{part}": _EVERYONE,
    "GET /rooms/{slug}/operator": _ENTER,
    "POST /rooms/{slug}/operator": _ENTER,
    "GET /rooms/{slug}/outcomes": _OUTCOME,
    "POST /rooms/{slug}/outcomes": _OUTCOME,
    "GET /rooms/{slug}/prompter": _may(_P.BROADCAST, _P.ON_AIR),
    "GET /rooms/{slug}/qr.svg": _EVERYONE,
    "POST /rooms/{slug}/second": _EVERYONE,
    "GET /rooms/{slug}/sessions/{session}": _EVERYONE,
    "GET /rooms/{slug}/sessions/{session}/clips/{label}": _EVERYONE,
    "GET /rooms/{slug}/sessions/{session}/clips/{label}/sound": _EVERYONE,
    "GET /rooms/{slug}/sessions/{session}/report": _EVERYONE,
    "GET /rooms/{slug}/sessions/{session}/report.pdf": _EVERYONE,
    "GET /rooms/{slug}/slips/{code}": _ENTER,
    "GET /rooms/{slug}/socket": Right(besides="each message as docs/workflow.md says; the desk its people alone"),
    "GET /rooms/{slug}/studio": _may(_P.BROADCAST),
    "GET /rooms/{slug}/whep": _EVERYONE,
    "OPTIONS /rooms/{slug}/whep": _EVERYONE,
    "POST /rooms/{slug}/whep": _EVERYONE,
    "DELETE /rooms/{slug}/whep/{peer}": _PEER,
    "GET /rooms/{slug}/whep/{peer}": _PEER,
    "OPTIONS /rooms/{slug}/whep/{peer}": _EVERYONE,
    "PATCH /rooms/{slug}/whep/{peer}": _PEER,
    "GET /rooms/{slug}/whip": _EVERYONE,
    "OPTIONS /rooms/{slug}/whip": _EVERYONE,
    "POST /rooms/{slug}/whip": _PUBLISHER,
    "DELETE /rooms/{slug}/whip/{peer}": _PUBLISHER,
    "GET /rooms/{slug}/whip/{peer}": _EVERYONE,
    "OPTIONS /rooms/{slug}/whip/{peer}": _EVERYONE,
    "PATCH /rooms/{slug}/whip/{peer}": _PUBLISHER,
    "POST /rooms/{slug}/withdraw": Right(besides="the device that asked"),
    "GET /seconded": _BROWSER,
    "GET /seconded/data.json": _BROWSER,
    "POST /seconded/erase": _BROWSER,
    "GET /sign-in": _EVERYONE,
    "POST /sign-in": Right(besides="the form of this browser, and a link that was sent"),
    "GET /sign-in/{token}": Right(besides="a link that was sent"),
    "POST /sign-out": _EVERYONE,
    "GET /static/{version}/{name}": _EVERYONE,
    "GET /suggestions": _EVERYONE,
    "GET /suggestions/export": _EVERYONE,
    "GET /suggestions/feed": _EVERYONE,
    "GET /suggestions/{number}": _EVERYONE,
    "GET /suggestions/{number}/card": _EVERYONE,
    "GET /suggestions/{number}/card.svg": _EVERYONE,
    "POST /suggestions/{number}/check": Right(besides="the device that asked or seconded"),
    "POST /suggestions/{number}/follow": _EVERYONE,
    "GET /suggestions/{number}/poster": _EVERYONE,
    "GET /track": _EVERYONE,
    "GET /track/{code}": _CODE,
    "POST /track/{code}/appeal": _CODE,
    "POST /track/{code}/check": _CODE,
    "GET /track/{code}/data": _CODE,
    "GET /track/{code}/data.json": _CODE,
    "POST /track/{code}/erase": _CODE,
    "POST /track/{code}/follow": _CODE,
    "POST /track/{code}/reach": _CODE,
    "GET /verify": _EVERYONE,
    "POST /verify/code": _EVERYONE,
    "POST /verify/contact": _EVERYONE,
    "POST /verify/forget": _EVERYONE,
    "GET /work-orders/new": _ENTER,
    "POST /work-orders/new": _ENTER,
    "GET /worklist": _WORK,
    "POST /worklist/assign": _OFFICE,
    "GET /worklist/board": _OFFICE,
    "GET /worklist/export": _WORK,
    "POST /worklist/filters": _WORK,
    "GET /reminders": _WORK,
    "POST /reminders": _WORK,
    "GET /worklist/{matter}": _MATTER,
    "POST /worklist/{matter}/askers/{question}": Right(_WORK.who, "its unit, while the asker agrees", hidden=True),
    "POST /worklist/{matter}/files": Right(_WORK.who, "who may take a step that takes files along", hidden=True),
    "POST /worklist/{matter}/files/{attachment}/remove": Right(_WORK.who, "those whose file it is", hidden=True),
    "GET /worklist/{matter}/news": _MATTER,
    "POST /worklist/{matter}/{command}": Right(_WORK.who, "as the step of the rule set says", hidden=True),
}  # fmt: skip
"""Everything but the API, whose own table says it."""


def called(method: str, path: str) -> str:
    """A method and an address as they are called here: `GET /worklist/{matter}`."""
    return " ".join((method, _PATTERN.sub(r"{\1}", path)))


def rights() -> dict[str, Right]:
    """What every address that somebody thought of asks for."""
    return dict(PAGES) | {called(o.method.value, PREFIX + o.path): _of(o) for o in OPERATIONS}


def _of(operation: Operation) -> Right:
    if operation.who is None:
        return _EVERYONE
    return Right(operation.who, "a token of the role" + ("; whose work the matter is" if operation.named else ""))


def table(routes: Iterable[web.RouteDef]) -> str:
    """The rows of docs/authorisation.md, by address. KeyError for one that nobody has thought of."""
    known = rights()
    there = sorted({called(route.method, route.path) for route in routes}, key=lambda one: one.split()[::-1])
    rows = ["| address | method | who | besides | others |", "|---|---|---|---|---|"]
    for one in there:
        method, path = one.split()
        right = known[one]
        others = "" if right.who is None else "sign in; 404" if right.hidden else "sign in; 403"
        if path.startswith(PREFIX) and others:
            others = "401; 403"
        rows.append(f"| `{path}` | {method} | {right.roles} | {right.besides} | {others} |")
    return "\n".join(rows) + "\n"
