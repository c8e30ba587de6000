"""A rule set (办理规则): clocks, letters, limits and the workflow of every kind, because provinces differ.

Knows neither how it is written down nor what today is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from liveroom.errors import Refused
from liveroom.matters.calendar import WorkingDays, add_months, add_working_days
from liveroom.matters.workflow import Workflow


class Span(StrEnum):
    """In what a clock is counted."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Clock:
    """How long something may take.

    `dated_by` names the field whose date is taken instead, where somebody wrote one; `while_` names a condition without
    which the clock does not run; `extendable` clocks are moved by a granted extension, and by nothing else.
    `reminders` are days before the end; `listed_after` working days after it the matter is listed as overdue, unless it
    is 0. `whose` clock it is: office, deputy, unit, co_units or askers; empty where it is whose turn it is.
    """

    name: str
    amount: int
    span: Span
    dated_by: str = ""
    while_: str = ""
    extendable: bool = False
    reminders: tuple[int, ...] = ()
    listed_after: int = 0
    whose: str = ""

    def ends(self, start: date, days: WorkingDays) -> date:
        """The last day, counted from the day after `start`."""
        if self.span is Span.WORKING_DAYS:
            return add_working_days(start, self.amount, days)
        return add_months(start, self.amount) if self.span is Span.MONTHS else start + timedelta(days=self.amount)

    def guesses(self, start: date, end: date, days: WorkingDays) -> bool:
        """Whether holidays that are not published yet had to be counted."""
        return self.span is Span.WORKING_DAYS and not (days.covers(start) and days.covers(end))


@dataclass(frozen=True, slots=True)
class Letter:
    """A class of replies (答复类别).

    Only a `solved` one may ever be counted as solved; one that `needs_promise` names a date; `after` is where an
    evaluation that is not dissatisfied leads: a key in the tables of the steps.
    """

    name: str
    zh: str
    en: str
    solved: bool
    needs_promise: bool
    after: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How often, and how far."""

    returns: int = 2
    """How often units may say of one matter that they are not competent."""

    extended_months: int = 6
    """From the start of a clock to its end with every extension, in months."""

    reopenings: int = 1
    """How often those who asked may have a matter reopened by right."""

    dissatisfied: int = 2
    """With which dissatisfied evaluation a matter is escalated."""

    archive_days: int = 3
    """Working days after the end of a session in which every question has its outcome and it is archived."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the rules of one place. What a matter began with it keeps."""

    id: str
    version: int
    zh: str
    en: str
    letters: Mapping[str, Letter]
    clocks: Mapping[str, Clock]
    limits: Limits
    kinds: Mapping[str, Workflow]

    @property
    def reference(self) -> str:
        """How a matter names it: `standard@1`."""
        return f"{self.id}@{self.version}"

    def kind(self, name: str) -> Workflow:
        """Raises `Refused("unknown_kind")`."""
        if name not in self.kinds:
            raise Refused("unknown_kind", kind=name)
        return self.kinds[name]
