"""What is signed of a quarter that is frozen: written once, read for ever after. Knows no key and no page.

Titles do not stand in it: what is made confidential later must be able to go, and what is signed stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from liveroom.matters.periods import Period
from liveroom.matters.statistics import FORMULAS, Case, behind, count, days_taken, opened


class Entry(msgspec.Struct, frozen=True):
    """A public matter in one of the lists, with the unit that has it and the day that has passed."""

    number: str
    unit: str
    day: date


class Lists(msgspec.Struct, frozen=True):
    """Numbers of the public matters behind both parts of a fraction."""

    holds: list[str]
    of: list[str]


class Fraction(msgspec.Struct, frozen=True):
    """A figure; what is confidential is counted, and not named in `cases`."""

    holds: int
    of: int
    cases: Lists


class DaysToReply(msgspec.Struct, frozen=True):
    """From assignment to first reply. `cases` says how many days each public matter took; None in old statements."""

    replies: int
    median: int | None
    p90: int | None
    cases: dict[str, int] | None = None


class Statement(msgspec.Struct, frozen=True):
    """A quarter as it was published. Fields that may be None are missing in statements of before there were those."""

    quarter: str
    counted_on: date
    formulas: int
    figures: dict[str, Fraction]
    units: dict[str, dict[str, tuple[int, int]]]
    days_to_reply: DaysToReply
    published_at: datetime | None = None
    unit_names: dict[str, str] | None = None
    overdue: list[Entry] | None = None
    broken: list[Entry] | None = None
    """Promises whose day had passed."""

    earlier: int | None = None
    """Of all that is counted, how many were taken over from lists of earlier years."""


def written(
    cases: Sequence[Case],
    period: Period,
    at: datetime,
    today: date,
    names: Mapping[str, str],
    overdue: Sequence[Entry],
    broken: Sequence[Entry],
) -> str:
    """JSON with sorted keys and no spaces. `names` are those of the units; `overdue` and `broken` as of `today`."""
    counted = count(cases, period, today, "unit")
    units = {*counted.groups, *(entry.unit for entry in (*overdue, *broken))}
    said = Statement(
        quarter=period.name,
        counted_on=today,
        formulas=FORMULAS,
        figures={
            name: Fraction(figure.holds, figure.of, _lists(cases, period, today, name))
            for name, figure in counted.figures.items()
        },
        units={
            unit: {name: (figure.holds, figure.of) for name, figure in figures.items()}
            for unit, figures in counted.groups.items()
        },
        days_to_reply=DaysToReply(
            counted.waiting.count,
            counted.waiting.median,
            counted.waiting.p90,
            {case.number: days for case, days in days_taken(cases, period) if case.public},
        ),
        published_at=at,
        unit_names={unit: names.get(unit, unit) for unit in units},
        overdue=list(overdue),
        broken=list(broken),
        earlier=counted.earlier,
    )
    return msgspec.json.encode(said, order="sorted").decode()


def read(text: str) -> Statement | None:
    """What a statement says; None when it is none."""
    try:
        return msgspec.json.decode(text.encode(), type=Statement)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def _lists(cases: Sequence[Case], period: Period, today: date, name: str) -> Lists:
    return Lists(
        *(
            [case.number for case in behind(cases, period, today, opened(name, part)) if case.public]
            for part in ("holds", "of")
        )
    )
