"""What every check is given: the endpoints, the wire, the findings, and sessions that are ended again."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin

from liveroom.conformance.description import Description, read_description
from liveroom.conformance.findings import Findings
from liveroom.conformance.offers import Offer
from liveroom.conformance.probe import Echo, Target, probe
from liveroom.conformance.wire import Seen, Wire


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`kind` is whip or whep; an empty `token` means that none is needed."""

    kind: str
    url: str
    token: str = ""

    @property
    def offered(self) -> str:
        """The direction of this endpoint's offers."""
        return "sendonly" if self.kind == "whip" else "recvonly"

    @property
    def answered(self) -> str:
        """The direction of its answers."""
        return "recvonly" if self.kind == "whip" else "sendonly"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds.

    `silence` is how long a silent peer may be sent media, `patience` how long it should be, `slack` what a slow machine
    is granted.
    """

    answer: float = 10.0
    connect: float = 15.0
    live: float = 20.0
    echo: float = 1.6
    goodbye: float = 3.0
    silence: float = 30.0
    patience: float = 15.0
    slack: float = 5.0


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: what created it, its address and the answer."""

    endpoint: Endpoint
    created: Seen
    url: str
    answer: Description
    own_ufrag: str

    @property
    def tag(self) -> str:
        return self.created.headers.get("ETag", "")

    @property
    def target(self) -> Target:
        return Target(self.answer.candidates, self.answer.ufrag, self.answer.password, self.own_ufrag)


class NoSession(Exception):
    """An offer was not taken; the message is what was seen."""


@dataclass(slots=True)
class Trial:
    """One run against a server. Checks share nothing but what stands here."""

    wire: Wire
    findings: Findings
    whip: Endpoint | None
    whep: Endpoint | None
    pace: Pace = field(default_factory=Pace)
    flood: int = 0

    def offer(self, endpoint: Endpoint, **wishes: object) -> Offer:
        """A right offer of a new client, or with `wishes` a wrong one."""
        return Offer(**{"direction": endpoint.offered, "seed": secrets.token_hex(8), **wishes})  # type: ignore[arg-type]

    async def post(self, endpoint: Endpoint, offer: object) -> Seen:
        return await self.wire.post_offer(endpoint.url, str(offer), endpoint.token)

    async def end(self, endpoint: Endpoint, created: Seen) -> None:
        """DELETE what an offer made, if it made anything."""
        if "Location" in created.headers and (created.ok or created.status == 406):
            await self.wire.send("DELETE", self.address(created), token=endpoint.token)

    @asynccontextmanager
    async def session(self, endpoint: Endpoint, offer: object = None) -> AsyncIterator[Session]:
        """A session that ends with the block. Raises `NoSession`."""
        offer = offer or self.offer(endpoint)
        created = await self.post(endpoint, offer)
        try:
            yield self.read(endpoint, created, str(offer))
        finally:
            await self.end(endpoint, created)

    def read(self, endpoint: Endpoint, created: Seen, offer: str) -> Session:
        """The session that an offer made. Raises `NoSession`."""
        if created.status != 201:
            raise NoSession(f"no session was opened: {created}")
        if not created.headers.get("Location"):
            raise NoSession("the session has no Location")
        try:
            answer = read_description(created.body)
        except ValueError as error:
            raise NoSession(f"the answer cannot be read: {error}") from error
        return Session(endpoint, created, self.address(created), answer, read_description(offer).ufrag)

    @staticmethod
    def address(created: Seen) -> str:
        return urljoin(created.url, created.headers.get("Location", ""))

    async def is_alive(self, session: Session) -> bool:
        return (await self.wire.send("GET", session.url, token=session.endpoint.token)).ok

    async def lives_on(self, session: Session) -> bool:
        """Whether a session is there, and its ICE answers as it was negotiated first."""
        return await self.is_alive(session) and await probe(session.target, self.pace.echo) is Echo.ANSWERED

    def judge(self, key: str, endpoint: Endpoint, met: bool, seen: object) -> None:
        self.findings.judge(key, endpoint.kind, met, str(seen))

    def judge_refusal(self, key: str, endpoint: Endpoint, seen: Seen, best: int = 0) -> None:
        """Whether what is wrong was refused for that; with `best`, also whether that was the status (`C2.type_415`)."""
        self.judge_looked(key, endpoint, seen, seen.refused)
        if best:
            self.judge_looked(f"{key}_{best}", endpoint, seen, seen.status == best)

    def judge_looked(self, key: str, endpoint: Endpoint, seen: Seen, met: bool, words: object = "") -> None:
        """Judge what a server makes of a request, unless it turned us away before it can have looked at it."""
        if seen.turned_away:
            self.skip(key, endpoint, f"it could not be looked at: {seen}")
        else:
            self.judge(key, endpoint, met, words or seen)

    def skip(self, keys: str, endpoint: Endpoint, why: object) -> None:
        self.findings.skip(keys, endpoint.kind, str(why))
