"""The Chinese calendar of working days, from the package chinese_calendar. Knows no deadline."""

from __future__ import annotations

from datetime import date

import chinese_calendar


class ChineseWorkingDays:
    """Holidays and make-up days as published by the State Council.

    The list of a year is published in the autumn before it. For a year that the installed package does not cover yet,
    Monday to Friday count as worked; `covers` says so, and pages then write “about”.
    """

    def is_working_day(self, day: date) -> bool:
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5

    def covers(self, day: date) -> bool:
        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:
            return False
        return True
