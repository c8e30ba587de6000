"""Suggestions of earlier years become matters under the rules in force. Knows no file and no page."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from liveroom import ids
from liveroom.clock import Clock, day
from liveroom.exchange.past import OldSuggestion
from liveroom.exchange.plans import Change
from liveroom.exchange.sheets import Entry
from liveroom.exchange.tables import SHOWN, Problem
from liveroom.matters.calendar import WorkingDays
from liveroom.matters.earlier import Unclear, take_over
from liveroom.matters.guards import Circumstances
from liveroom.matters.matter import Matter
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.timers import alarms
from liveroom.ports.imports import Making
from liveroom.ports.matters import MatterChange, Matters
from liveroom.ports.people import People
from liveroom.ports.rules import RuleBook
from liveroom.rooms.roles import Role


@dataclass(frozen=True, slots=True)
class Ready:
    """The rules, the people and the day by which rows are judged, all of a file alike."""

    rules: RuleSet
    at: Circumstances

    def check(self, row: int, entry: Entry) -> Problem | None:
        """Why the row can be no matter; None when it can."""
        if not isinstance(entry, OldSuggestion):
            return None
        try:
            take_over(entry.values, self.rules, self.at)
        except Unclear as unclear:
            return Problem(row, unclear.code, unclear.column, entry.values[unclear.column][:SHOWN])
        return None

    def make(self, file: str) -> Making:
        """What a row of that file becomes."""

        def making(change: Change, named: str) -> MatterChange:
            if not isinstance(change.entry, OldSuggestion):
                raise TypeError(change.entry)
            fact = take_over(change.entry.values, self.rules, self.at)
            said = {"import": named, "file": file, "row": str(change.row)}
            fact = structs.replace(fact, values={**fact.values, **said})
            before = Matter(ids.new_id())
            return MatterChange(before, [fact], alarms(before, apply(before, [fact]), self.rules, self.at.days))

        return making


class Bringing:
    """Looks up what rows are judged by."""

    def __init__(self, matters: Matters, people: People, rules: RuleBook, days: WorkingDays, clock: Clock) -> None:
        self._matters = matters
        self._people = people
        self._rules = rules
        self._days = days
        self._clock = clock

    async def ready(self) -> Ready:
        accounts = await self._people.accounts()
        at = Circumstances(
            today=day(self._clock()),
            days=self._days,
            units={unit.id: unit.name for unit in await self._matters.units()},
            deputies={a.id: a.name for a in accounts if Role.DEPUTY in a.roles and not a.removed},
        )
        return Ready(await self._rules.current(), at)
