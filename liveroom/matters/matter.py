"""A matter (事项) as it stands, and the fact of a step. Knows no rule: what a step did is written in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec


@dataclass(frozen=True, slots=True)
class SourceQuestion:
    """A question that a matter comes from, with votes and marks (milliseconds into the broadcast).

    `wordings` begins with what everybody may read, if it `was_public`; where a moderator changed it, the wording as
    asked follows, which holds what was taken out and is for the desk alone.
    """

    question: str
    session: str
    label: str
    wordings: tuple[str, ...]
    votes: int
    mark_start: int | None = None
    mark_end: int | None = None
    was_public: bool = True
    askers: int = 1
    """Who asked it or what was merged into it; they are not among the votes."""

    @property
    def text(self) -> str:
        return self.wordings[0]

    @property
    def originals(self) -> tuple[str, ...]:
        return self.wordings[1:]


@dataclass(frozen=True, slots=True)
class Named:
    """A deputy or a unit, with the name it had then."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A unit's answer. `solved` is what the letter meant by the rules of the matter."""

    letter: str
    text: str
    solved: bool = False
    promise_due: date | None = None
    signed_by: str = ""
    signed_name: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a co-unit told the lead unit."""

    unit: str
    unit_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Extension:
    """A later end of a clock, asked for or granted, with the public reason.

    `was` is the end before it was granted, `round` in which it was; an extension of before they were written says
    neither.
    """

    clock: str
    until: date
    reason: str
    was: date | None = None
    round: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A clock that was listed as overdue (通报), with the end that was missed and who was late.

    `late` is office, deputy, unit, co_units or askers.
    """

    clock: str
    due: date
    late: str


@dataclass(frozen=True, slots=True)
class Check:
    """What somebody who asked or seconded says of the result; one that `reopened` it was answered by doing it again."""

    who: str
    solved: bool
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """Anything that is followed up, of whichever kind. `seq` counts its steps; dates are days in China.

    `rules` is the rule set that it began with (`standard@1`), and `end` empty, `solved` or `unsolved`. Of `clocks` (the
    running ones by name, with their last day) the first is the one that counts in this state; `since` says when each
    began, `guessed` which ends rest on holidays that were not published yet, `overdue` which ends (`reply/2026-06-01`)
    were noted as missed. `promised` is the last day that was named for the result; it stays when it was kept.
    `continued_in` is the work order that began instead of it, which `continues` it.
    `earlier` is the import of one of earlier years, whose days are those of a list.
    """

    id: str
    kind: str = "suggestion"
    rules: str = ""
    number: str = ""
    state: str = ""
    end: str = ""
    turn: str = ""
    title: str = ""
    body: str = ""
    deputy: str = ""
    deputy_name: str = ""
    others: tuple[str, ...] = ()
    invited: tuple[str, ...] = ()
    joint: tuple[Named, ...] = ()
    unit: str = ""
    unit_name: str = ""
    co_units: tuple[Named, ...] = ()
    clocks: Mapping[str, date] = field(default_factory=dict)
    since: Mapping[str, date] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    round: int = 1
    contacts: int = 0
    returns: int = 0
    wish: Extension | None = None
    extensions: tuple[Extension, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    prepared: Reply | None = None
    reply: Reply | None = None
    promise_due: date | None = None
    promised: date | None = None
    attitude: str = ""
    result: str = ""
    dissatisfied: int = 0
    checks: tuple[Check, ...] = ()
    reopenings: int = 0
    consolidated_into: str = ""
    consolidates: tuple[str, ...] = ()
    supervised: bool = False
    confidential: bool = False
    began_on: date | None = None
    assigned_on: date | None = None
    first_due: date | None = None
    first_reply_on: date | None = None
    first_letter: str = ""
    closed_on: date | None = None
    sources: tuple[SourceQuestion, ...] = ()
    earlier: str = ""
    continues: str = ""
    continued_in: str = ""
    seq: int = 0

    @property
    def final(self) -> bool:
        return bool(self.end)

    @property
    def solved(self) -> bool:
        """Closed as solved: never true of a reply whose letter does not mean it."""
        return self.end == "solved"

    @property
    def clock(self) -> str:
        """The clock that counts now; empty when none runs."""
        return next(iter(self.clocks), "")

    @property
    def due(self) -> date | None:
        """The last day of the clock that counts now."""
        return self.clocks.get(self.clock)

    @property
    def late(self) -> str:
        """Who is listed as overdue now, a unit before others: by the clocks that run, not by one that has stopped."""
        now = [listing.late for listing in self.listings if self.clocks.get(listing.clock) == listing.due]
        return "unit" if "unit" in now else next(iter(now), "")

    def said_end(self, clock: str) -> date | None:
        """When a running clock would have ended without its extensions."""
        own = (e.was for e in self.extensions if e.clock == clock and e.round == self.round and e.was)
        return self.said_promise if clock == "promise" else next(own, self.clocks.get(clock))

    @property
    def said_due(self) -> date | None:
        """When the first reply was due before any extension; `first_due` is the day that it is counted by."""
        return next((e.was for e in self.extensions if e.clock == "reply" and e.was), self.first_due)

    @property
    def said_promise(self) -> date | None:
        """The day that was promised before any extension; `promised` is the one that stands."""
        return next((e.was for e in self.extensions if e.clock == "promise" and e.was), self.promised)

    @property
    def letter(self) -> str:
        return self.reply.letter if self.reply else ""

    @property
    def votes(self) -> int:
        return sum(source.votes for source in self.sources)

    @property
    def asked(self) -> int:
        """How many asked or seconded what it comes from: whoever may say whether it is solved."""
        return sum(source.votes + source.askers for source in self.sources)


class MatterStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fact: the command that was granted, the state it led to, and what was said with it.

    `clocks` are all that run afterwards, None when nothing changed: by name as an interval of days, “since/last day”
    (ISO 8601), with a tilde after it where holidays had to be guessed. `day` is the day in China. `again` begins the
    next round. The first step of a matter names its `kind` and `rules`. Steps of before there were rule sets have no
    day.
    """

    what: str
    to: str
    values: dict[str, str] = {}
    sources: tuple[SourceQuestion, ...] = ()
    day: str = ""
    clocks: dict[str, str] | None = None
    end: str = ""
    turn: str = ""
    again: bool = False
    internal: bool = False
    kind: str = ""
    rules: str = ""


_OLD_INTERNAL = frozenset({"edit", "decline"})
"""Steps of before there were rule sets, which do not say themselves that they are internal."""


def is_public(step: MatterStep) -> bool:
    """Whether everybody whom the matter concerns is told of a step."""
    return not step.internal and (bool(step.day) or step.what not in _OLD_INTERNAL)
