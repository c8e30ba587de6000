"""What the API says of figures and promises, as types: they write the answers and describe them. Knows no record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from liveroom.server.api.matter_views import MatterSaid
from liveroom.server.api.views import Cursor

Name = Annotated[str, msgspec.Meta(max_length=40)]


class Links(msgspec.Struct, frozen=True):
    """Where the matters of each part of a figure are listed, as addresses of this API."""

    of: str
    holds: str
    rest: str


class Parts(msgspec.Struct, frozen=True):
    """Both parts of a fraction, as they were published."""

    holds: int
    of: int


class FigureSaid(msgspec.Struct, frozen=True):
    """A figure: `holds` of `of`. `title` and `formula` are words; `rate` is null while nothing is counted.

    `published` is what a frozen quarter says, null where it is not frozen.
    """

    name: str
    title: str
    formula: str
    of: int
    holds: int
    rest: int
    rate: float | None
    links: Links
    published: Parts | None


class TimeLinks(msgspec.Struct, frozen=True):
    """Where the matters are listed that were replied to, within the median, within p90, and later."""

    of: str
    median: str
    p90: str
    rest: str


class TimeSaid(msgspec.Struct, frozen=True):
    """Days from the assignment to the first reply; null while there is none."""

    title: str
    formula: str
    replies: int
    median: int | None
    p90: int | None
    links: TimeLinks


class FrozenSaid(msgspec.Struct, frozen=True):
    """A quarter that is published for good. `holds` says whether the signature under its statement is right."""

    holds: bool
    counted_on: date | None
    published_at: datetime | None
    key: str
    signature: str
    statement: str
    """Where the statement is, with key and signature."""


class PeriodSaid(msgspec.Struct, frozen=True):
    """All figures of a quarter or a year as they are counted today, and what was published of them."""

    period: str
    first: date
    last: date
    over: bool
    counted_on: date
    formulas: int
    """The version of the formulas."""

    earlier: int
    """Of all that is counted, how many were taken over from lists of earlier years."""

    figures: list[FigureSaid]
    time_to_reply: TimeSaid
    frozen: FrozenSaid | None


class CasesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of a figure, and of whose matters."""

    part: Annotated[
        Literal["of", "holds", "rest", "median", "p90"],
        msgspec.Meta(description="The part; median and p90 are of time_to_reply alone, holds of the others"),
    ] = "of"
    unit: Annotated[Name, msgspec.Meta(description="The identifier of the lead unit")] = ""
    deputy: Annotated[Name, msgspec.Meta(description="The identifier of the lead deputy")] = ""
    session: Annotated[Name, msgspec.Meta(description="The identifier of a session")] = ""
    cursor: Cursor = ""


class CasesSaid(msgspec.Struct, frozen=True):
    """The matters behind a figure. `hidden` of `total` are confidential: counted, and in no list."""

    items: list[MatterSaid]
    total: int
    hidden: int
    next: str = ""


Stands = Literal["promised", "due", "kept", "broken", "explained"]


class PromisesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which promises; without a standing those that are open."""

    standing: Annotated[Stands | None, msgspec.Meta(description="How they stand")] = None
    cursor: Cursor = ""


class PromiseSaid(msgspec.Struct, frozen=True):
    """A promise with its day, and the day that was said first."""

    matter: MatterSaid
    promised: date
    said_first: date | None
    standing: str


class PromisesSaid(msgspec.Struct, frozen=True):
    """The promise ledger by day, the earliest first; `counts` says how many stand how."""

    items: list[PromiseSaid]
    counts: dict[str, int]
    next: str = ""
