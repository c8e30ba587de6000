"""What the API says, as types: they write the answers and describe them. Knows no record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from liveroom.qa.wire import QuestionView

MOST = 100
"""Rows of one answer."""

Cursor = Annotated[str, msgspec.Meta(max_length=200, description="Where the answer before ended: its `next`")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST, description="Rows at most")]


class Paged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of a list."""

    cursor: Cursor = ""
    limit: Limit = 50


class SessionsQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which sessions."""

    room: Annotated[str, msgspec.Meta(max_length=40, description="The address of a room")] = ""


class SessionSaid(msgspec.Struct, frozen=True):
    """A broadcast as everybody may know it."""

    id: str
    room: str
    topic: str
    state: str
    starts_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    deputies: list[str]


class SessionsSaid(msgspec.Struct, frozen=True):
    """Sessions, the latest first; `next` is empty at the end."""

    items: list[SessionSaid]
    next: str = ""


class QuestionFigures(msgspec.Struct, frozen=True):
    """The questions of a session in numbers; refused ones by reason."""

    received: int
    published: int
    merged: int
    answered: int
    deferred: int
    withdrawn: int
    waiting: int
    refused: dict[str, int]


class SessionWhole(msgspec.Struct, frozen=True):
    """A session with its public questions."""

    session: SessionSaid
    questions: list[QuestionView]
    figures: QuestionFigures


class FiguresSaid(msgspec.Struct, frozen=True):
    """Questions and suggestions so far."""

    questions: int
    answered: int
    suggestions: int
    closed: int
    solved: int


class UnitSaid(msgspec.Struct, frozen=True):
    """A handling unit."""

    id: str
    name: str


class UnitsSaid(msgspec.Struct, frozen=True):
    """All handling units, by their names."""

    items: list[UnitSaid]


class StationSaid(msgspec.Struct, frozen=True):
    """A liaison station; `jurisdictions` are the places that it is for."""

    id: str
    name: str
    island: str
    address: str
    jurisdictions: list[str]


class StationsSaid(msgspec.Struct, frozen=True):
    """All liaison stations, by their codes."""

    items: list[StationSaid]
