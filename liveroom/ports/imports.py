"""What the actions need to import lists and to read what came of them. Knows no file and no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from liveroom.exchange.plans import Change, Known, Plan
from liveroom.ports.matters import MatterChange
from liveroom.rooms.roles import Actor
from liveroom.rooms.station import Station


@dataclass(frozen=True, slots=True)
class Import:
    """An import that changed something: of what, when, by whom, and name and SHA-256 of the file."""

    id: str
    kind: str
    at: datetime
    by_name: str
    digest: str
    added: int
    changed: int
    removed: int
    file: str


Making = Callable[[Change, str], MatterChange]
"""What a row of old suggestions becomes: the first step of a matter; with the identifier of the import."""


class Imports(Protocol):
    """Lists that come from files."""

    async def known(self, kind: str) -> Known:
        """What is there of a kind."""

    async def carry_out(
        self,
        kind: str,
        decide: Callable[[Known], Plan],
        digest: str,
        by: Actor,
        now: datetime,
        *,
        file: str = "",
        make: Making | None = None,
    ) -> Plan:
        """Decide on what is there and do it, in one transaction; a plan with problems changes nothing.

        Old suggestions need `make`. Raises `Stale` when somebody else changed the same at the same time.
        """

    async def latest(self, count: int) -> list[Import]:
        """Imports that changed something, the newest first."""

    async def stations(self) -> list[Station]:
        """All liaison stations, by their codes."""

    async def holidays(self) -> Mapping[date, bool]:
        """Whether a day is worked, of all days that were imported."""


class Learning(Protocol):
    """Working days that can learn the years that their own source does not know."""

    def learn(self, days: Mapping[date, bool]) -> None:
        """From now on a year of which there is any day counts as known."""
