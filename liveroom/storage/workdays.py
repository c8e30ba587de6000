"""The Chinese calendar of working days, from the package chinese_calendar. Knows no deadline."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import chinese_calendar


class ChineseWorkingDays:
    """Holidays and make-up days as published by the State Council.

    The list of a year is published in the autumn before it. For a year that the installed package does not cover yet,
    Monday to Friday count as worked; `covers` says so, and pages then write “about”.
    """

    def is_working_day(self, day: date) -> bool:
        known = _published(day)
        return day.weekday() < 5 if known is None else known

    def covers(self, day: date) -> bool:
        return _published(day) is not None


@lru_cache(maxsize=8192)
def _published(day: date) -> bool | None:
    """Whether the day is worked, None in a year without a list; kept, because lists of suggestions ask it of many."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
