"""What the actions need to keep suggestions. Knows no database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveroom.matters.suggestion import AnyMatterEvent, Matter
from liveroom.rooms.roles import Actor


@dataclass(frozen=True, slots=True)
class Unit:
    """A handling unit (承办单位)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a suggestion's history: when, by whom, what."""

    seq: int
    at: datetime
    by: str
    by_name: str
    event: AnyMatterEvent


class Matters(Protocol):
    """Suggestions and their histories, kept; and the units that handle them."""

    async def units(self) -> list[Unit]: ...

    async def add_unit(self, unit: Unit) -> None: ...

    async def load(self, matter: str) -> Matter:
        """`Refused("not_found")` when there is none."""

    async def by_number(self, number: str) -> Matter | None: ...

    async def all(self, states: Collection[str] | None = None) -> list[Matter]:
        """Newest first."""

    async def save(self, matter: Matter, events: Sequence[AnyMatterEvent], by: Actor, now: datetime) -> Matter:
        """Keep the steps in one transaction; `Stale` when the matter is not the newest or a number is taken."""

    async def next_number(self, year: int) -> str:
        """The next free number of a year: 2026-0007."""

    async def history(self, matter: str) -> list[Line]: ...
