"""What must be waiting for a matter because of its clocks: reminders, the end, the list of the overdue.

Knows no queue: it says what to wake up for and when, and the jobs of the database do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from liveroom.clock import CHINA
from liveroom.matters.calendar import WorkingDays, add_working_days
from liveroom.matters.matter import Matter
from liveroom.matters.rules import RuleSet

MORNING = time(9)
"""When people are reminded. What the system does by itself it does at midnight."""

REMINDER, DUE, END, OVERDUE, LISTED = "reminder", "due", "end", "overdue", "overdue-listed"


@dataclass(frozen=True, slots=True)
class Timer:
    """Something to wake up for. `what` is `due`, `end`, `overdue`, `overdue-listed` or `reminder-15`."""

    clock: str
    what: str
    at: datetime
    ends: date
    """The last day of the clock as it stood; a timer whose clock was moved since means nothing any more."""

    def key(self, matter: str) -> str:
        return f"{prefix(matter, self.clock)}{self.what}"


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a save changes of what is waiting: clocks whose timers are void, and new timers."""

    void: tuple[str, ...] = ()
    timers: tuple[Timer, ...] = ()


def prefix(matter: str, clock: str) -> str:
    """Where the keys of all timers of one clock begin."""
    return f"matter:{matter}:clock:{clock}:"


def waiting(matter: Matter, rules: RuleSet, days: WorkingDays) -> list[Timer]:
    """Everything that must be waiting for a matter, earliest first."""
    found = [timer for name in matter.clocks for timer in _timers(matter, name, rules, days)]
    return sorted(found, key=lambda timer: timer.at)


def late(matter: Matter, clock: str, rules: RuleSet) -> str:
    """Who is late when that clock has ended. Where no unit has it yet no unit is."""
    whose = rules.clocks[clock].whose if clock in rules.clocks else ""
    return matter.turn if not whose or (whose == "unit" and not matter.unit) else whose


def alarms(before: Matter, after: Matter, rules: RuleSet, days: WorkingDays) -> Alarms:
    """What changes of what is waiting. Timers of clocks that go on as they were are not touched: none runs twice."""
    names = dict.fromkeys((*before.clocks, *after.clocks))
    moved = [name for name in names if _stands(before, name, rules) != _stands(after, name, rules)]
    timers = [timer for name in moved if name in after.clocks for timer in _timers(after, name, rules, days)]
    return Alarms(tuple(moved), tuple(sorted(timers, key=lambda timer: timer.at)))


def _timers(matter: Matter, name: str, rules: RuleSet, days: WorkingDays) -> Iterator[Timer]:
    clock, ends = rules.clocks.get(name), matter.clocks[name]
    if clock is None:
        return
    start = matter.since.get(name, date.min)
    for before in clock.reminders:
        reminded = ends - timedelta(days=before)
        # One that would have come before the clock began, or on that very day, says nothing new.
        if reminded > start:
            yield Timer(name, f"{REMINDER}-{before}", _instant(reminded, MORNING), ends)
    if clock.reminders and ends >= start:
        yield Timer(name, DUE, _instant(ends, MORNING), ends)
    after = ends + timedelta(days=1)
    if rules.kind(matter.kind).at_end_of(name, matter.state) is not None:
        yield Timer(name, END, _instant(after), ends)
        return
    yield Timer(name, OVERDUE, _instant(after), ends)
    if clock.listed_after:
        listed = add_working_days(ends, clock.listed_after, days) + timedelta(days=1)
        yield Timer(name, LISTED, _instant(listed), ends)


def _instant(day: date, at: time = time()) -> datetime:
    return datetime.combine(day, at, CHINA).astimezone(UTC)


def _stands(matter: Matter, name: str, rules: RuleSet) -> tuple[date | None, date | None, bool]:
    """How a clock stands: when it began, when it ends, and whether the system does something then."""
    ends = rules.kind(matter.kind).at_end_of(name, matter.state) is not None
    return matter.since.get(name), matter.clocks.get(name), ends
