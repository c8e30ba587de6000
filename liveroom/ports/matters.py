"""What the actions need to keep suggestions. Knows no database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from liveroom.matters.suggestion import AnyMatterEvent, Matter
from liveroom.rooms.roles import Actor


@dataclass(frozen=True, slots=True)
class Unit:
    """A handling unit (承办单位)."""

    id: str
    name: str


PAGE = 50
"""Rows of one page of a list."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a suggestion's history: when, by whom, what."""

    seq: int
    at: datetime
    by: str
    by_name: str
    event: AnyMatterEvent


class Order(StrEnum):
    """How a list is ordered."""

    NEWEST = "newest"  # by the day it began, the newest first
    DUE = "due"  # what is due first; what has no date comes last


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows: everything that fits all that is set.

    `party` is whose matters they are: `deputy:ID` (lead, joint or invited), `unit:ID` (lead or co-unit); `turn` who
    must act now. `text` is searched in number, title, body, names and reply. Of the flags None means either.
    """

    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    final: bool | None = None
    public: bool | None = None
    unit: str = ""
    deputy: str = ""
    party: str = ""
    turn: str = ""
    letters: tuple[str, ...] = ()
    due_before: date | None = None
    """Open, and the running clock ends before that day: with today's date what is overdue."""

    due_from: date | None = None
    listed: bool | None = None
    """Overdue for so long that it is listed (通报)."""

    replied: bool | None = None
    dissatisfied: bool | None = None
    returned: bool | None = None
    supervised: bool | None = None
    extended: bool | None = None
    reopened: bool | None = None
    year: int | None = None
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
    listed: bool
    began_on: date | None
    assigned_on: date | None
    first_due: date | None
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
