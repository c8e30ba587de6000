"""What the office does with many matters at once: assign them, find what is alike, see where units stand.

Knows no page and decides no step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from liveroom.actions.follow_up import FollowingUp
from liveroom.errors import Refused, Unavailable, refusal
from liveroom.matters.matter import Matter
from liveroom.matters.stages import Stage, later_from, stage, stages_of
from liveroom.ports.matters import Listed, Matters, Wanted
from liveroom.ports.rules import RuleBook
from liveroom.qa.similar import Index
from liveroom.rooms.roles import Actor, Permission, require

AT_ONCE = 50
"""Matters that one form may name."""

COMPARED = 200
"""The newest open ones among which what is alike is looked for."""

ALIKE = 5
BOARD_KINDS = ("suggestion", "work_order")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a selection: how many took the step, and which did not, with the reason."""

    taken: int = 0
    refused: Sequence[tuple[Matter, Refused]] = ()


@dataclass(slots=True)
class UnitRow:
    """A unit on the board: how many of its matters are at each stage."""

    unit: str
    name: str
    counts: dict[Stage, int] = field(default_factory=lambda: dict.fromkeys(Stage, 0))


class ManyMatters:
    """The office's view of more than one matter."""

    def __init__(self, matters: Matters, rules: RuleBook, following: FollowingUp) -> None:
        self._matters = matters
        self._rules = rules
        self._following = following

    async def assign(self, chosen: Sequence[str], values: Mapping[str, str], by: Actor) -> Done:
        """The same units and the same date for all; each is a step of its own, and one refused stops no other."""
        require(by, Permission.REVIEW)
        chosen = list(dict.fromkeys(chosen))
        if not chosen:
            raise Refused("no_matter_chosen")
        if len(chosen) > AT_ONCE:
            raise Refused("too_many", limit=AT_ONCE)
        taken, refused = 0, []
        for matter in chosen:
            try:
                await self._following.step(matter, "assign", values, by)
                taken += 1
            except (Refused, Unavailable) as error:
                why = refusal(error)
                if why.code in _OF_THE_FORM:
                    # What is wrong with the form is wrong for all.
                    raise why from error
                refused.append((await self._matters.load(matter), why))
        return Done(taken, refused)

    async def alike(self, matter: Matter) -> list[Listed]:
        """Open ones of the same kind that read like it, likeliest first."""
        wanted = Wanted(kinds=(matter.kind,), final=False)
        found = await self._matters.find(wanted, limit=COMPARED)
        others = {one.id: one for one in found.rows if one.number and one.id not in {matter.id, *matter.consolidates}}
        return [others[key] for key in await asyncio.to_thread(self._search, matter.title, others)]

    async def board(self, today: date) -> list[UnitRow]:
        """Every unit that has something, with what was closed this year; the most overdue first."""
        stages = stages_of(await self._rules.all())
        units: dict[str, UnitRow] = {}
        for tally in await self._matters.tallies(BOARD_KINDS, _new_year(today), today, later_from(today)):
            at = stage(stages.get((tally.kind, tally.state), "rests"), tally.falls, tally.replied)
            if at is not None:
                row = units.setdefault(tally.unit, UnitRow(tally.unit, tally.name))
                row.counts[at] += tally.count
        return sorted(units.values(), key=lambda row: (-row.counts[Stage.OVERDUE], -row.counts[Stage.SOON], row.name))

    async def at_stage(self, at: Stage, today: date) -> Wanted:
        """The list behind a number of the board."""
        said = stages_of(await self._rules.all())

        def standing(*which: str) -> Wanted:
            states = {state for (kind, state), what in said.items() if kind in BOARD_KINDS and what in which}
            return Wanted(kinds=BOARD_KINDS, states=tuple(sorted(states)))

        later = later_from(today)
        match at:
            case Stage.NOT_TAKEN:
                return replace(standing("waits"), due_from=today)
            case Stage.IN_TIME:
                return replace(standing("works"), due_from=later)
            case Stage.SOON:
                return replace(standing("works"), due_from=today, due_before=later)
            case Stage.OVERDUE:
                return replace(standing("waits", "works"), due_before=today)
            case Stage.REPLIED:
                return replace(standing("rests"), replied=True, closed_from=_new_year(today))

    @staticmethod
    def _search(text: str, others: Mapping[str, Listed]) -> list[str]:
        index = Index()
        for key, one in others.items():
            index.put(key, one.title)
        return [match.key for match in index.search(text, ALIKE)]


def _new_year(today: date) -> date:
    return date(today.year, 1, 1)


_OF_THE_FORM = frozenset({"empty", "bad_choice", "bad_time", "date_out_of_range", "too_long", "forbidden"})
