"""What the actions need to tell everybody how matters stand: figures, promises, news. Knows no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol

from liveroom.matters.periods import Period
from liveroom.matters.promises import Standing
from liveroom.matters.statistics import DAYS, Case
from liveroom.ports.matters import Listed, Wanted
from liveroom.rooms.roles import Actor

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Promise:
    """A public matter with the day that is promised for it, and the one that was before any extension."""

    matter: Listed
    promised: date
    said: date


@dataclass(frozen=True, slots=True)
class PromisePage:
    """Some promises by their day; `after` is where the next page goes on, empty at the end."""

    rows: Sequence[Promise]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A matter and when something of it was last told to everybody."""

    matter: Listed
    at: datetime


@dataclass(frozen=True, slots=True)
class Frozen:
    """A quarter as it was published: the statement, and the installation's signature under it, in hex."""

    quarter: str
    statement: str
    key: str
    signature: str
    at: datetime
    by_name: str


class Openness(Protocol):
    """What is published of all matters together."""

    async def cases(
        self, kind: str, period: Period, days: Sequence[str] = DAYS, narrowed: Mapping[str, str] = NOTHING
    ) -> list[Case]:
        """Everything of a kind that can count in a period because one of these `days` lies in it.

        `narrowed` has values for some of `GROUPS`.
        """

    async def promises(self, standing: Standing | None, today: date, after: str = "") -> PromisePage:
        """Those that stand so, by day, the earliest first; None means open, due or not. `Refused("bad_page")`."""

    async def standings(self, today: date) -> dict[Standing, int]:
        """How many promises stand how."""

    async def told(self, wanted: Wanted, limit: int) -> list[Told]:
        """What is public and fits, the newest told first."""

    async def listed(self, matters: Sequence[str]) -> list[Listed]:
        """These matters, in this order."""

    async def freeze(self, frozen: Frozen, by: Actor) -> None:
        """Keep a quarter; `Refused("already_frozen")`: what was published stays."""

    async def frozen(self, quarter: str) -> Frozen | None: ...

    async def frozen_quarters(self) -> list[str]:
        """The newest first."""
