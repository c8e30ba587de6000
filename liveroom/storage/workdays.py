"""The Chinese calendar of working days: of the package chinese_calendar, and of years that were imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import chinese_calendar
from chinese_calendar.constants import holidays as _holidays

PUBLISHED_YEARS = frozenset(range(min(_holidays).year, max(_holidays).year + 1))
"""Years whose notice the installed package holds."""


class ChineseWorkingDays:
    """Holidays and make-up days as published by the State Council.

    The list of a year is published in the autumn before it. A year that the installed package does not cover can be
    imported (`learn`). For any other one Monday to Friday count as worked; `covers` says so, and pages then write
    “about”.
    """

    def __init__(self) -> None:
        self._learned: Mapping[date, bool] = {}
        self._years: frozenset[int] = frozenset()

    def learn(self, days: Mapping[date, bool]) -> None:
        """Whether days are worked, of years that were imported; what was learned before is forgotten."""
        self._learned = dict(days)
        self._years = frozenset(day.year for day in days)

    def is_working_day(self, day: date) -> bool:
        known = _published(day)
        if known is None:
            known = self._learned.get(day)
        return day.weekday() < 5 if known is None else known

    def covers(self, day: date) -> bool:
        return _published(day) is not None or day.year in self._years


@lru_cache(maxsize=8192)
def _published(day: date) -> bool | None:
    """Whether the day is worked, None in a year without a list; kept, because lists of suggestions ask it of many."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
