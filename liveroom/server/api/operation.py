"""One address of the API as data: who may call it, what it takes, what it answers. Knows no handler's work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPMethod
from typing import Any

import msgspec
from aiohttp import web

from liveroom.rooms.roles import Actor, Role

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may be made: by whom, with what. `query` and `body` are of the operation's types."""

    request: web.Request
    actor: Actor
    query: Any = None
    body: Any = None

    def named(self, name: str) -> str:
        """A part of the address."""
        return self.request.match_info[name]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said. Without a `tag` its own digest is its entity tag."""

    value: msgspec.Struct
    tag: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def next(self, call: Call, cursor: str) -> Answer:
        """The same with the address of the next page (`Link`, RFC 8288), if there is one."""
        if not cursor:
            return self
        url = call.request.rel_url.update_query(cursor=cursor)
        return replace(self, headers={**self.headers, "Link": f'<{url}>; rel="next"'})


@dataclass(frozen=True, slots=True)
class Operation:
    """`who` are the roles that may call it; None lets in everybody, also without a token."""

    name: str
    method: HTTPMethod
    path: str
    summary: str
    handle: Callable[[Call], Awaitable[Answer]]
    answers: type[msgspec.Struct]
    who: frozenset[Role] | None = None
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    """The parts of the address, each in words."""

    refuses: tuple[int, ...] = ()
    """Statuses of refusals beside those that every address may answer."""

    matches: bool = True
    """Whether it changes something that may have been read before (`If-Match`)."""

    @property
    def address(self) -> str:
        return PREFIX + self.path

    def lets_in(self, actor: Actor) -> bool:
        return self.who is None or bool(self.who & actor.roles)
