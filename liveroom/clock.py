"""Where the time comes from: the one place that reads a clock for the parts that think; and the days of the country."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from time import time_ns

Clock = Callable[[], datetime]

# The one time zone of the whole country (no summer time), for what people read and for days of a deadline.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def milliseconds() -> int:
    """The current time in milliseconds since 1970, as messages to browsers tell it."""
    return time_ns() // 1_000_000


def day(moment: datetime) -> date:
    """The date in China."""
    return moment.astimezone(CHINA).date()


def next_at(now: datetime, at: time) -> datetime:
    """The next moment after now at which clocks in China show this time."""
    local = now.astimezone(CHINA)
    then = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return then if then > local else then + timedelta(days=1)
