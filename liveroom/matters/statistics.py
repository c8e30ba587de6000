"""The published figures: each formula once, as what it counts and what of that fulfils it. Knows no database.

A figure is a fraction. Both its parts are lists of matters, so that whoever doubts a number can read them. Formulas are
data: the same ones count in memory and find their lists in a database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from liveroom.matters.conditions import Above, Among, Condition, Every, Known, Not, Past, Some, UpTo, Within, predicate
from liveroom.matters.periods import Period

FORMULAS = 2
"""Raised with every change of a formula: a frozen quarter says by which it was counted."""


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


@dataclass(frozen=True, slots=True)
class Measure:
    """A published figure: what is counted below the line, and what of that above.

    `day` is the field of the day that puts a matter into a period: without one in it nothing is counted. Where people
    are counted and not matters, `people` are the fields of how many a matter counts below, and at most above.
    """

    name: str
    day: str
    of: Condition
    holds: Condition
    people: tuple[str, str] | None = None


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


NO_REPLIES = Waiting(0, None, None)


@dataclass(frozen=True, slots=True)
class Statistics:
    """All figures of a period, of everything and by group."""

    figures: Mapping[str, Figure]
    waiting: Waiting
    groups: Mapping[str, Mapping[str, Figure]]
    earlier: int = 0
    """Of all that is counted somewhere, how many were taken over from lists of earlier years."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One list that a figure opens: whose `day` lies in the period, and for whom `holds` is true.

    `slowest_first`: by the days from assignment to first reply, the longest first; otherwise by number.
    """

    day: str
    holds: Condition
    slowest_first: bool = False


_REPLIED = Known("first_reply_on")
_CLOSED = Every(Not(Among("end", ("",))), _REPLIED)
"""Ended, and with a reply: what was withdrawn or not admitted before counts nowhere."""

_HERE = Among("earlier", (False,))
_FIRST_B = Every(Among("first_letter", ("B",)), _HERE)


def _evaluated(*words: str) -> Condition:
    """The newest evaluation there is says so: of a reply that waits for its own, that of the reply before.

    Only one who was dissatisfied was sent back, and a new reply does not make that unsaid.
    """
    said = Among("result", words)
    return Some(said, Every(Among("result", ("",)), Above("dissatisfied", 0))) if "dissatisfied" in words else said


_JUDGED = ("satisfied", "basically_satisfied", "dissatisfied")

MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        # The clock ended in the period, or was met before its end; not what ended before without a reply.
        Measure(
            "replied_on_time",
            "first_due",
            Some(_REPLIED, Every(Among("end", ("",)), Past("first_due"))),
            UpTo("first_reply_on", "first_due"),
        ),
        Measure("closed", "assigned_on", Every(), _CLOSED),
        Measure("solved", "closed_on", _CLOSED, Every(Among("end", ("solved",)), Among("reopenings", (0,)))),
        *(Measure(word, "first_reply_on", _evaluated(*_JUDGED), _evaluated(word)) for word in _JUDGED),
        Measure("no_response", "first_reply_on", _evaluated(*_JUDGED, "no_response"), _evaluated("no_response")),
        # People, not matters: whoever asked or seconded what was closed as solved, or was answered for by them.
        Measure(
            "confirmed",
            "closed_on",
            Every(_CLOSED, Some(Among("end", ("solved",)), Above("said_solved", 0), Above("said_unsolved", 0))),
            Above("said_solved", 0),
            people=("asked", "said_solved"),
        ),
        Measure("planned_then_solved", "first_reply_on", _FIRST_B, Among("letter", ("A",))),
        Measure("rehandled", "first_reply_on", _HERE, Above("round", 1)),
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

_BY_DAY = {
    day: [(one, predicate(one.of), predicate(one.holds)) for one in MEASURES.values() if one.day == day] for day in DAYS
}
"""So that of a matter each day is looked at once: most of them lie in other periods."""

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
        for name, of, holds in _counts(case, period, today):
            counted = True
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


def _counts(case: Case, period: Period, today: date) -> Iterator[tuple[str, int, int]]:
    """Where a matter counts: the figure, how much below the line, and above."""
    for day, measures in _BY_DAY.items():
        if not period.has(getattr(case, day)):
            continue
        for measure, of, holds in measures:
            if not of(case, today):
                continue
            if measure.people is None:
                yield measure.name, 1, int(holds(case, today))
                continue
            asked, said = (getattr(case, field) for field in measure.people)
            if asked:
                yield measure.name, asked, min(said, asked)


def waiting(took: Sequence[int]) -> Waiting:
    """Nearest rank: both are numbers of days that a reply really took."""
    ordered = sorted(took)
    return Waiting(len(ordered), _rank(ordered, 50), _rank(ordered, 90))


def days_taken(cases: Iterable[Case], period: Period) -> list[tuple[Case, int]]:
    """What was first replied in the period, with the days from its assignment: the longest first."""
    found = [(case, days) for case in cases if (days := _took(case, period)) is not None]
    return sorted(found, key=lambda one: (-one[1], one[0].number))


def opened(name: str, part: str, time: Waiting = NO_REPLIES) -> Opened:
    """The list of a figure: `part` is one of its `PARTS`; `rest` is counted below the line and not above it.

    Of the time to reply, which was `time`, `median` and `p90` are what took no longer than that, `rest` what took
    longer than p90.
    """
    if name == TIME_TO_REPLY:
        return Opened("first_reply_on", _within(time, part), slowest_first=True)
    measure = MEASURES[name]
    of, holds = measure.of, measure.holds
    if measure.people is not None:
        below, above = measure.people
        of = Every(of, Above(below, 0))
        holds = UpTo(below, above) if part == "rest" else holds
    parts = {"of": of, "holds": Every(of, holds), "rest": Every(of, Not(holds))}
    return Opened(measure.day, parts[part])


def behind(cases: Iterable[Case], period: Period, today: date, wanted: Opened) -> list[Case]:
    """The matters of a list, in its order."""
    holds = predicate(wanted.holds)
    found = [case for case in cases if period.has(getattr(case, wanted.day)) and holds(case, today)]
    found.sort(key=lambda case: (-(_took(case, period) or 0) if wanted.slowest_first else 0, case.number, case.id))
    return found


def _took(case: Case, period: Period) -> int | None:
    """Days from the assignment to the first reply, if that falls into the period."""
    if not period.has(case.first_reply_on) or case.first_reply_on is None or case.assigned_on is None:
        return None
    return (case.first_reply_on - case.assigned_on).days


def _within(time: Waiting, part: str) -> Condition:
    def no_longer(days: int | None) -> Condition:
        return Within("assigned_on", "first_reply_on", days or 0)

    everything = Known("assigned_on")
    parts = {
        "of": everything,
        "median": no_longer(time.median),
        "p90": no_longer(time.p90),
        "rest": Every(everything, Not(no_longer(time.p90))),
    }
    return parts[part]


def _rank(ordered: Sequence[int], percent: int) -> int | None:
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
