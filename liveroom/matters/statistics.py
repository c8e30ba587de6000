"""The published figures: each formula once, as what it counts and what of that fulfils it. Knows no database.

A figure is a fraction. Both its parts are lists of matters, so that whoever doubts a number can read them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from liveroom.matters.periods import Period

FORMULAS = 2
"""Raised with every change of a formula: a frozen quarter says by which it was counted."""

JUDGED = frozenset({"satisfied", "basically_satisfied", "dissatisfied"})


@dataclass(frozen=True, slots=True)
class Case:
    """What figures need to know of a matter."""

    id: str
    number: str
    public: bool
    unit: str
    deputy: str
    session: str
    end: str
    letter: str
    first_letter: str
    result: str
    dissatisfied: int
    round: int
    reopenings: int
    asked: int
    said_solved: int
    said_unsolved: int
    assigned_on: date | None
    first_due: date | None
    first_reply_on: date | None
    closed_on: date | None
    earlier: bool = False
    """Taken over from a list of earlier years, which tells days and the last reply, and not how often there was one."""

    @property
    def evaluation(self) -> str:
        """The newest evaluation there is: of a reply that waits for its own, that of the reply before.

        Only one who was dissatisfied was sent back, and a new reply does not make that unsaid.
        """
        return self.result or ("dissatisfied" if self.dissatisfied else "")

    @property
    def closed(self) -> bool:
        """Ended, and with a reply: what was withdrawn or not admitted before counts nowhere."""
        return bool(self.end) and self.first_reply_on is not None


@dataclass(frozen=True, slots=True)
class Measure:
    """A published figure: `of` says how much a matter counts below the line, `holds` how much of it above.

    `day` is the field of the day that puts it into a period: without one in it nothing is counted.
    """

    name: str
    day: str
    of: Callable[[Case, Period, date], int]
    holds: Callable[[Case], int]


@dataclass(frozen=True, slots=True)
class Figure:
    """A fraction; `rate` is None while nothing is counted."""

    holds: int = 0
    of: int = 0

    @property
    def rate(self) -> float | None:
        return self.holds / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long replies took, in days from the assignment: the median, and what nine of ten did not exceed."""

    count: int
    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """All figures of a period, of everything and by group."""

    figures: Mapping[str, Figure]
    waiting: Waiting
    groups: Mapping[str, Mapping[str, Figure]]
    earlier: int = 0
    """Of all that is counted somewhere, how many were taken over from lists of earlier years."""


def _due(case: Case, period: Period, today: date) -> int:
    """The clock ended in the period, or was met before its end; not what ended before without a reply."""
    if not period.has(case.first_due) or case.first_due is None:
        return 0
    return case.first_reply_on is not None or (not case.end and case.first_due < today)


def _on_time(case: Case) -> int:
    return case.first_reply_on is not None and case.first_due is not None and case.first_reply_on <= case.first_due


def _accepted(case: Case, period: Period, _today: date) -> int:
    return period.has(case.assigned_on)


def _closed(case: Case, period: Period, _today: date) -> int:
    return case.closed and period.has(case.closed_on)


def _solved(case: Case) -> int:
    return case.end == "solved" and not case.reopenings


def _evaluated(case: Case, period: Period, _today: date) -> int:
    return period.has(case.first_reply_on) and case.evaluation in JUDGED


def _answered_or_silent(case: Case, period: Period, _today: date) -> int:
    return period.has(case.first_reply_on) and bool(case.evaluation)


def _says(word: str) -> Callable[[Case], int]:
    return lambda case: case.evaluation == word


def _asked(case: Case, period: Period, today: date) -> int:
    """People, not matters: whoever asked or seconded what was closed as solved, or was answered for by them."""
    came = case.end == "solved" or case.said_solved + case.said_unsolved > 0
    return case.asked if came and _closed(case, period, today) else 0


def _planned(case: Case, period: Period, _today: date) -> int:
    return period.has(case.first_reply_on) and case.first_letter == "B" and not case.earlier


def _followed(case: Case, period: Period, _today: date) -> int:
    return period.has(case.first_reply_on) and not case.earlier


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("replied_on_time", "first_due", _due, _on_time),
        Measure("closed", "assigned_on", _accepted, lambda case: case.closed),
        Measure("solved", "closed_on", _closed, _solved),
        Measure("satisfied", "first_reply_on", _evaluated, _says("satisfied")),
        Measure("basically_satisfied", "first_reply_on", _evaluated, _says("basically_satisfied")),
        Measure("dissatisfied", "first_reply_on", _evaluated, _says("dissatisfied")),
        Measure("no_response", "first_reply_on", _answered_or_silent, _says("no_response")),
        Measure("confirmed", "closed_on", _asked, lambda case: min(case.said_solved, case.asked)),
        Measure("planned_then_solved", "first_reply_on", _planned, lambda case: case.letter == "A"),
        Measure("rehandled", "first_reply_on", _followed, lambda case: case.round > 1),
    )
}
"""In the order in which they are shown."""

DAYS = ("assigned_on", "first_due", "first_reply_on", "closed_on")
"""Every day that can bring a matter into a period."""

TIME_TO_REPLY = "time_to_reply"
"""No fraction, but days: its lists stand beside those of the figures."""

PARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(MEASURES, ("of", "holds", "rest")),
    TIME_TO_REPLY: ("of", "median", "p90", "rest"),
}
"""The lists that each figure opens."""


def day_of(name: str) -> str:
    """The field of the day that puts matters into a period, for a figure or the time to reply."""
    return "first_reply_on" if name == TIME_TO_REPLY else MEASURES[name].day


GROUPS: Mapping[str, Callable[[Case], str]] = {
    "unit": lambda case: case.unit,
    "deputy": lambda case: case.deputy,
    "session": lambda case: case.session,
}


def count(cases: Iterable[Case], period: Period, today: date, by: str = "") -> Statistics:
    """Every figure of the period; `by` is one of `GROUPS`, or empty."""
    group = GROUPS.get(by)
    below: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
    above: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
    took: list[int] = []
    earlier = 0
    for case in cases:
        counted = False
        keys = ("", group(case)) if group and group(case) else ("",)
        for name, measure in MEASURES.items():
            of = measure.of(case, period, today)
            if of:
                counted = True
                holds = measure.holds(case)
                for key in keys:
                    below[key][name] += of
                    above[key][name] += holds
        earlier += counted and case.earlier
        days = _took(case, period)
        if days is not None:
            took.append(days)
    figures = {
        key: {name: Figure(above[key][name], below[key][name]) for name in MEASURES} for key in {*below, *above, ""}
    }
    return Statistics(figures.pop(""), waiting(took), figures, earlier)


def waiting(took: Sequence[int]) -> Waiting:
    """Nearest rank: both are numbers of days that a reply really took."""
    ordered = sorted(took)
    return Waiting(len(ordered), _rank(ordered, 50), _rank(ordered, 90))


def days_taken(cases: Iterable[Case], period: Period) -> list[tuple[Case, int]]:
    """What was first replied in the period, with the days from its assignment: the longest first."""
    found = [(case, days) for case in cases if (days := _took(case, period)) is not None]
    return sorted(found, key=lambda one: (-one[1], one[0].number))


def behind(cases: Iterable[Case], period: Period, today: date, name: str, part: str) -> list[Case]:
    """The matters of a figure: `part` is one of its `PARTS`; `rest` is counted below the line and not above it.

    Of the time to reply `median` and `p90` are what took no longer than that, `rest` what took longer than p90.
    """
    if name == TIME_TO_REPLY:
        return _within(days_taken(cases, period), part)
    measure = MEASURES[name]
    found: list[Case] = []
    for case in cases:
        of = measure.of(case, period, today)
        holds = measure.holds(case) if of else 0
        if {"of": of > 0, "holds": holds > 0, "rest": of > holds}[part]:
            found.append(case)
    return found


def _took(case: Case, period: Period) -> int | None:
    """Days from the assignment to the first reply, if that falls into the period."""
    if not period.has(case.first_reply_on) or case.first_reply_on is None or case.assigned_on is None:
        return None
    return (case.first_reply_on - case.assigned_on).days


def _within(taken: Sequence[tuple[Case, int]], part: str) -> list[Case]:
    time = waiting([days for _, days in taken])
    median, p90 = time.median or 0, time.p90 or 0
    inside: Mapping[str, Callable[[int], bool]] = {
        "of": lambda _days: True,
        "median": lambda days: days <= median,
        "p90": lambda days: days <= p90,
        "rest": lambda days: days > p90,
    }
    return [case for case, days in taken if inside[part](days)]


def _rank(ordered: Sequence[int], percent: int) -> int | None:
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
