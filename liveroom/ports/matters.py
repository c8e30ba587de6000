"""What the actions need to keep matters, to list and to find them. Knows no database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.reminding import Reminder
from liveroom.matters.timers import Alarms
from liveroom.ports.jobs import Job
from liveroom.rooms.roles import Actor

PAGE = 50
"""Rows of one page of a list."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A handling unit (承办单位)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a matter's history: when, by whom, what."""

    seq: int
    at: datetime
    by: str
    by_name: str
    event: MatterStep


@dataclass(frozen=True, slots=True)
class MatterChange:
    """Steps of one matter, and what they change of the timers that wait for it. `before` is what was loaded.

    `reminders` are for the staff, of each step.
    """

    before: Matter
    events: Sequence[MatterStep]
    alarms: Alarms = field(default_factory=Alarms)
    reminders: Sequence[Sequence[Reminder]] = ()


class Order(StrEnum):
    """How a list is ordered."""

    NEWEST = "newest"  # by the day it began, the newest first
    DUE = "due"  # what is due first; what has no date comes last


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows: everything that fits all that is set.

    `parties` are names of `matters.parties`: those whom it concerns, or whose turn it is. `theirs` are names of whoever
    looks, of which one must be concerned whatever else is wanted. `public` has a number and is not confidential; a
    list for everybody also says of which kinds. `text` is searched in number,
    title, body, names, reply and the public wordings of the questions. Of the flags None means either.
    """

    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    final: bool | None = None
    public: bool | None = None
    unit: str = ""
    deputy: str = ""
    parties: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    due_before: date | None = None
    """Open, and the running clock ends before that day: with today's date what is overdue."""

    due_from: date | None = None
    closed_from: date | None = None
    """Open, or closed from that day on."""

    listed: bool | None = None
    """Overdue for so long that it is listed (通报), whoever is late."""

    late: str = ""
    """Listed, and this one is late: `unit`, `office`, `deputy`."""

    replied: bool | None = None
    dissatisfied: bool | None = None
    returned: bool | None = None
    supervised: bool | None = None
    extended: bool | None = None
    reopened: bool | None = None
    year: int | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    brought_by: str = ""
    """The import that brought them: suggestions of earlier years."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A matter as a list shows it."""

    id: str
    kind: str
    rules: str
    number: str
    state: str
    end: str
    turn: str
    title: str
    deputy: str
    deputy_name: str
    unit: str
    unit_name: str
    clock: str
    due: date | None
    guessed: bool
    """Whether `due` rests on holidays that were not published yet."""

    letter: str
    result: str
    round: int
    votes: int
    confidential: bool
    supervised: bool
    late: str
    """Who is listed as overdue now; empty when nobody is."""

    created_at: datetime
    assigned_on: date | None
    first_due: date | None
    said_due: date | None
    """When the first reply was due before any extension; `first_due` counts them."""

    first_reply_on: date | None
    first_letter: str
    reopenings: int
    closed_on: date | None

    @property
    def final(self) -> bool:
        return bool(self.end)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list; `after` is where the next page goes on, empty at the end."""

    rows: Sequence[Listed]
    after: str = ""


@dataclass(frozen=True, slots=True)
class UnitTally:
    """How many matters of a unit are alike. `falls` says when the clock ends: `over`, `soon` or `later`."""

    unit: str
    name: str
    kind: str
    state: str
    falls: str
    replied: bool
    count: int


class Matters(Protocol):
    """Matters and their histories, kept; and the units that handle them."""

    async def units(self) -> list[Unit]: ...

    async def add_unit(self, unit: Unit) -> None: ...

    async def load(self, matter: str) -> Matter:
        """`Refused("not_found")` when there is none."""

    async def by_number(self, number: str) -> Matter | None: ...

    async def find(self, wanted: Wanted, order: Order = Order.NEWEST, after: str = "", limit: int = PAGE) -> Page:
        """One page. `after` is a page's own `after`; `Refused("bad_page")` when it is none."""

    async def count(self, wanted: Wanted) -> int:
        """How many the list would show."""

    async def tallies(self, kinds: Collection[str], since: date, today: date, later: date) -> list[UnitTally]:
        """Of every unit, what is open and what was closed from `since` on."""

    async def states(self, matters: Collection[str]) -> Mapping[str, str]:
        """Where each of these stands, by identifier."""

    async def confidential_among(self, matters: Collection[str]) -> frozenset[str]:
        """Which of these are."""

    async def concerning(self, matters: Collection[str], parties: Collection[str]) -> frozenset[str]:
        """Those of these matters that have one of these parties (`matters.parties`)."""

    async def begin(self, change: MatterChange, by: Actor, now: datetime) -> Matter:
        """Keep a new matter; `Stale` when its number is taken."""

    async def save(
        self, changes: Sequence[MatterChange], by: Actor, now: datetime, job: Job | None = None
    ) -> list[Matter]:
        """Keep the steps of one or several matters, their timers, their reminders, and an announcement of each that is
        not internal.

        All in one transaction, in which a `job` whose work it is ends; `Stale` when a matter is not the newest, a
        number is taken, or the job is not ours.
        """

    async def next_number(self, prefix: str, year: int) -> str:
        """The next free number of a year: 2026-0007, C2026-0007."""

    async def without_rules(self, limit: int = PAGE) -> list[Matter]:
        """Open matters of before there were rule sets."""

    async def history(self, matter: str) -> list[Line]: ...
