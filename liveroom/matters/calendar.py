"""Working days and months between dates. Knows no holiday: which days are worked is asked of a port."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Protocol

DAY_BY_DAY = 1100
"""Days that are looked at one by one, three years of them; of those beyond, five in seven count as worked."""


class WorkingDays(Protocol):
    """Which days are worked, holidays and make-up days included."""

    def is_working_day(self, day: date) -> bool: ...

    def covers(self, day: date) -> bool:
        """Whether the holidays of that year are known; otherwise counting them is a guess."""


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_working_days(day: date, count: int, days: WorkingDays) -> date:
    """The working day that is `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= days.is_working_day(day)
    return day


def working_days_until(today: date, due: date, days: WorkingDays) -> int:
    """Working days left after today, up to and including `due`; negative when it is past.

    However far away the day is, the work of counting has a bound.
    """
    if due < today:
        return -working_days_until(due, today, days)
    span = (due - today).days
    near = min(span, DAY_BY_DAY)
    counted = sum(days.is_working_day(today + timedelta(days=n)) for n in range(1, near + 1))
    return counted + (span - near) * 5 // 7
