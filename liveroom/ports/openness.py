"""What the actions need to tell everybody how matters stand: figures, promises, news. Knows no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from liveroom.matters.periods import Period
from liveroom.matters.promises import Standing
from liveroom.matters.statistics import Case, Opened
from liveroom.ports.matters import Listed, Wanted
from liveroom.rooms.roles import Actor

CASES_A_PAGE = 50


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


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figure: of a kind of matter, a period, and of some of `GROUPS`."""

    kind: str
    period: Period
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Behind:
    """Some of the public matters behind a figure; `total` counts all of them, `hidden` the confidential ones."""

    rows: Sequence[Listed]
    total: int
    hidden: int


class Openness(Protocol):
    """What is published of all matters together."""

    async def cases(self, kind: str, period: Period) -> list[Case]:
        """Everything of a kind that can count in a period because one of its days lies in it."""

    async def behind(self, scope: Scope, wanted: Opened, today: date, page: int) -> Behind:
        """What `statistics.behind` lists of these, `CASES_A_PAGE` a page, from page 1 on."""

    async def days_to_reply(self, scope: Scope) -> list[int]:
        """How long what was first replied in the period had taken since its assignment, the shortest first."""

    async def promises(self, standing: Standing | None, today: date, after: str = "") -> PromisePage:
        """Those that stand so, by day, the earliest first; None means open, due or not. `Refused("bad_page")`."""

    async def standings(self, today: date) -> dict[Standing, int]:
        """How many promises stand how."""

    async def told(self, wanted: Wanted, limit: int) -> list[Told]:
        """What is public and fits, the newest told first."""

    async def freeze(self, frozen: Frozen, by: Actor) -> None:
        """Keep a quarter; `Refused("already_frozen")`: what was published stays."""

    async def frozen(self, quarter: str) -> Frozen | None: ...

    async def frozen_quarters(self) -> list[str]:
        """The newest first."""
