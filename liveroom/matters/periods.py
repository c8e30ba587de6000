"""Quarters and years, in which figures are told. Knows no matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_WRITTEN = re.compile(r"(2\d{3})(?:-Q([1-4]))?", re.ASCII)
EARLIEST = 2000


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day; `name` is `2026-Q3` or `2026`."""

    name: str
    first: date
    last: date

    def has(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    @property
    def is_quarter(self) -> bool:
        return "Q" in self.name

    def over(self, today: date) -> bool:
        return self.last < today


def read_period(written: str) -> Period | None:
    """The period of a name; None when it is none."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    year = int(found[1])
    if found[2] is None:
        return Period(written, date(year, 1, 1), date(year, 12, 31))
    first = date(year, int(found[2]) * 3 - 2, 1)
    after = date(year + 1, 1, 1) if found[2] == "4" else date(year, first.month + 3, 1)
    return Period(written, first, after - timedelta(days=1))


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarters_before(day: date, count: int) -> list[str]:
    """The quarter of a day and those before it, the newest first."""
    found = [quarter_of(day)]
    while len(found) < count:
        period = read_period(found[-1])
        if period is None:
            break
        found.append(quarter_of(period.first - timedelta(days=1)))
    return found
