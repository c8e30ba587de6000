"""When somebody is told: not at night, and once a day for whoever wants it so. Pure: knows no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from liveroom.clock import CHINA, next_at
from liveroom.notices.followers import Follower

MARGIN = timedelta(minutes=5)
"""What comes so shortly before a digest goes into the next one: that one may be on its way already."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in China in which nobody is disturbed; they may go over midnight."""

    begins: time
    ends: time

    def holds(self, moment: datetime) -> bool:
        clock = moment.astimezone(CHINA).time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


def read_quiet(written: str) -> Quiet | None:
    """`21:00-08:00`; None for `none`. Raises ValueError."""
    if written == "none":
        return None
    begins, _, ends = written.partition("-")
    return Quiet(time.fromisoformat(begins), time.fromisoformat(ends))


def at_once(now: datetime, quiet: Quiet | None) -> datetime:
    """Now, or the end of the quiet hours."""
    return next_at(now, quiet.ends) if quiet is not None and quiet.holds(now) else now


def digest(now: datetime, at: time) -> datetime:
    """The next digest that surely has not begun to be sent."""
    return next_at(now + MARGIN, at)


def due(follower: Follower, now: datetime, quiet: Quiet | None, digest_at: time) -> datetime:
    """When somebody is told what happens now; what is fetched or printed is there at once."""
    if not follower.way.carried:
        return now
    return digest(now, digest_at) if follower.digest else at_once(now, quiet)


def for_staff(now: datetime, morning: time, quiet: Quiet | None, *, urgent: bool) -> tuple[datetime, bool]:
    """When somebody of the staff is told, and whether together with everything else of that morning.

    What is urgent is told at once from the morning's message until the quiet hours begin. What happens at night, such
    as that something is overdue, comes with the morning's: nobody can do anything about it before.
    """
    local = now.astimezone(CHINA)
    awake = local.replace(hour=morning.hour, minute=morning.minute, second=0, microsecond=0) - MARGIN <= local
    if urgent and awake and not (quiet is not None and quiet.holds(now)):
        return now, False
    return digest(now, morning), True
