"""What the actions need to tell other programs what happened. Knows no HTTP and no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from liveroom.ports.jobs import Job

HOOK = "hook"
"""The kind of the jobs that deliver."""


class HookEvent(StrEnum):
    """What a program can be told of; everything else of a matter is `step`."""

    REGISTERED = "matter.registered"
    ASSIGNED = "matter.assigned"
    REPLIED = "matter.replied"
    CLOSED = "matter.closed"
    STEP = "matter.step"


class Way(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Hook:
    """An address of another program, and what it is told of. `off_because` is empty while it is told."""

    id: str
    name: str
    url: str
    events: frozenset[HookEvent]
    made_at: datetime
    made_by: str
    off_because: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that a program is told. `matter` is empty for a trial. `status` is the last answer, 0 without one."""

    id: str
    hook: str
    event: str
    matter: str
    seq: int
    planned_at: datetime
    way: Way = Way.WAITING
    attempts: int = 0
    tried_at: datetime | None = None
    status: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out: the body, and what proves whose it is (Standard Webhooks 1.0.0)."""

    url: str
    body: bytes
    headers: dict[str, str]


class Hooks(Protocol):
    """Addresses of programs and what they were told, kept. Secrets are sealed."""

    async def all(self) -> list[Hook]:
        """By name."""

    async def add(self, hook: Hook, secret: bytes) -> None: ...

    async def remove(self, hook: str) -> bool:
        """Its deliveries go with it."""

    async def switch(self, hook: str, off_because: str) -> bool:
        """Off with a reason, on with none."""

    async def secret(self, hook: str) -> bytes | None: ...

    async def plan(self, deliveries: Sequence[Delivery], now: datetime) -> int:
        """Keep deliveries with the jobs that make them, in one transaction; how many are new. The same step of the same
        matter is planned for a hook once, however often it is asked for. Old ones are forgotten.
        """

    async def delivery(self, delivery: str) -> tuple[Delivery, Hook] | None: ...

    async def tried(self, delivery: str, now: datetime, way: Way, status: int, problem: str, job: Job) -> None:
        """What became of an attempt. One that is over ends its job in the same transaction."""

    async def again(self, delivery: str, now: datetime) -> bool:
        """Plan one that failed anew."""

    async def latest(self, hook: str, count: int) -> list[Delivery]:
        """The newest first."""


class Poster(Protocol):
    """Carries parcels."""

    async def post(self, parcel: Parcel) -> int:
        """The status of the answer. `Unavailable` when there was none; `Refused("hook_address")` when the address is
        one to which nothing may be sent.
        """
