"""Steps of one or several matters, decided and kept, with what has to wait for them. Knows no kind by name."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from msgspec import structs

from liveroom.actions.instead import COMMAND, KIND, linked, order_instead
from liveroom.clock import Clock, day
from liveroom.errors import Stale, Unavailable
from liveroom.matters import engine
from liveroom.matters.calendar import WorkingDays
from liveroom.matters.enclosures import CARRYING, carried, party
from liveroom.matters.guards import Circumstances
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.reminding import reminders
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.sight import everybody_reads
from liveroom.matters.timers import alarms, late
from liveroom.matters.workflow import Row
from liveroom.ports.bus import Bus, matter_topic, session_topic
from liveroom.ports.files import Attachments
from liveroom.ports.jobs import Job
from liveroom.ports.matters import MatterChange, Matters
from liveroom.ports.people import People
from liveroom.ports.rules import RuleBook
from liveroom.rooms.roles import SYSTEM, Actor, Role

TRIES = 8


class Starter(Protocol):
    """Makes the first change of a new matter, without waiting for anything."""

    def __call__(
        self, matter: Matter, values: Mapping[str, str], by: Actor, sources: Sequence[SourceQuestion] = ()
    ) -> MatterChange: ...


class MatterSteps:
    """Load, decide, save, ring; once more from the start when somebody else was faster."""

    def __init__(
        self,
        matters: Matters,
        people: People,
        rules: RuleBook,
        bus: Bus,
        clock: Clock,
        days: WorkingDays,
        attachments: Attachments | None = None,
    ) -> None:
        self._matters = matters
        self._people = people
        self._rules = rules
        self._bus = bus
        self._clock = clock
        self._days = days
        self._attachments = attachments

    async def begin(
        self,
        matter: Matter,
        command: str,
        values: Mapping[str, str],
        by: Actor,
        sources: Sequence[SourceQuestion] = (),
    ) -> Matter:
        """A new matter of the kind that `matter` names, under the rule set in force."""
        for _ in range(TRIES):
            now = self._clock()
            try:
                start = await self.starter(matter.kind, command)
                after = await self._matters.begin(start(matter, values, by, sources), by, now)
            except Stale:
                continue
            await self._bus.publish(matter_topic(after.id))
            return after
        raise Unavailable("too many matters began at once")

    async def starter(self, kind: str, command: str) -> Starter:
        """What makes the first change of a matter of that kind, to be kept together with something else."""
        rules = await self._rules.current()
        row = rules.kind(kind).beginning(command)
        at = await self._circumstances(Matter("", kind=kind), rules, [row] if row else [])

        def start(
            matter: Matter, values: Mapping[str, str], by: Actor, sources: Sequence[SourceQuestion] = ()
        ) -> MatterChange:
            return self._change(matter, engine.begin(matter, rules, command, values, by, at, sources), rules, by)

        return start

    async def take(
        self, matter: Matter, command: str, values: Mapping[str, str], by: Actor, *, asks: bool = False
    ) -> Matter:
        """A step of a matter that `by` may see, as it was loaded; `Stale` when it is not the newest any more.

        Raises what `engine.decide` raises.
        """
        changes = await self.prepare(matter, command, values, by, asks=asks)
        (after, *_) = await self._matters.save(changes, by, self._clock())
        await self.ring(changes)
        return after

    async def prepare(
        self, matter: Matter, command: str, values: Mapping[str, str], by: Actor, *, asks: bool = False
    ) -> list[MatterChange]:
        """Everything that the step changes, the matter itself first, to be kept in one transaction."""
        rules = await self._rules.get(matter.rules)
        rows = rules.kind(matter.kind).rows_of(command, matter.state)
        at = await self._circumstances(matter, rules, rows)
        if any(field.kind == "matter" for row in rows for field in row.fields):
            target = await self._matters.by_number(values.get("into", "").strip().upper())
            at = replace(at, target=target)
        events = engine.decide(matter, rules, command, values, by, replace(at, asks=asks))
        events = [await self._with_files(matter, event, by) for event in events]
        begun: list[MatterChange] = []
        for place, event in enumerate(events):
            if (instead := order_instead(matter, event)) is not None:
                start = await self.starter(KIND, COMMAND)
                events[place], change = linked(matter, event, start(*instead, by, matter.sources))
                begun.append(change)
        return [self._change(matter, events, rules, by), *await self._other_sides(matter, events), *begun]

    async def ring(self, changes: Sequence[MatterChange]) -> None:
        """Matters have changed, and it is committed."""
        for change in changes:
            await self._bus.publish(matter_topic(change.before.id))

    async def ring_session(self, session: str) -> None:
        """Questions of a session have changed with a matter."""
        await self._bus.publish(session_topic(session))

    async def expire(self, matter: Matter, clock: str, ends: date, job: Job | None = None) -> bool:
        """What the system does because a clock has ended; False when it does not stand so any more."""
        if matter.clocks.get(clock) != ends:
            return False
        rules = await self._rules.get(matter.rules)
        events = engine.expire(matter, rules, clock, await self._circumstances(matter, rules, []))
        return await self._kept_by_the_system(matter, events, rules, job)

    async def note(self, matter: Matter, events: Sequence[MatterStep], job: Job | None = None) -> bool:
        """Facts of the system that leave the matter where it stands."""
        return await self._kept_by_the_system(matter, events, await self._rules.get(matter.rules), job)

    async def late(self, matter: Matter, clock: str) -> str:
        """Who is late when that clock has ended."""
        return late(matter, clock, await self._rules.get(matter.rules))

    async def bring_under_rules(self) -> int:
        """Matters of before there were rule sets come under the one in force; how many did."""
        rules, count = await self._rules.current(), 0
        while found := await self._matters.without_rules():
            brought = 0
            for matter in found:
                at = await self._circumstances(matter, rules, [])
                with contextlib.suppress(Stale):  # another process was faster
                    brought += await self._kept_by_the_system(matter, engine.adopt_rules(matter, rules, at), rules)
            if not brought:
                break
            count += brought
        return count

    def today(self) -> date:
        return day(self._clock())

    async def _kept_by_the_system(
        self, matter: Matter, events: Sequence[MatterStep], rules: RuleSet, job: Job | None = None
    ) -> bool:
        if not events:
            return False
        await self._matters.save([self._change(matter, events, rules, SYSTEM)], SYSTEM, self._clock(), job)
        await self._bus.publish(matter_topic(matter.id))
        return True

    async def _with_files(self, matter: Matter, event: MatterStep, by: Actor) -> MatterStep:
        """The step with the files that wait for it: what the log says of them nobody changes behind its back."""
        if self._attachments is None or event.what not in CARRYING:
            return event
        waiting = [a for a in await self._attachments.of(matter.id) if not a.step and a.party == party(by)]
        return structs.replace(event, values={**event.values, "files": carried(waiting)}) if waiting else event

    async def _other_sides(self, matter: Matter, events: Sequence[MatterStep]) -> list[MatterChange]:
        """What a link says of the matter at its other end, in the same transaction."""
        found = []
        for event in events:
            if event.what not in {"consolidate", "separate"}:
                continue
            linked = event.values.get("into_id") or matter.consolidated_into
            other = await self._matters.load(linked)
            what = "took_in" if event.what == "consolidate" else "let_go"
            fact = engine.note(
                other,
                what,
                {"matter": matter.id, "linked": matter.number if everybody_reads(matter) else ""},
                self.today(),
            )
            found.append(MatterChange(other, [fact]))
        return found

    async def _circumstances(self, matter: Matter, rules: RuleSet, rows: Sequence[Row]) -> Circumstances:
        now = self._clock()
        number = ""
        if not matter.number and any(row.numbers for row in rows):
            number = await self._matters.next_number(rules.kind(matter.kind).prefix, day(now).year)
        accounts = await self._people.accounts()
        return Circumstances(
            today=day(now),
            days=self._days,
            units={unit.id: unit.name for unit in await self._matters.units()},
            deputies={account.id: account.name for account in accounts if Role.DEPUTY in account.roles},
            number=number,
        )

    def _change(self, matter: Matter, events: Sequence[MatterStep], rules: RuleSet, by: Actor) -> MatterChange:
        timers = alarms(matter, apply(matter, events), rules, self._days)
        return MatterChange(matter, events, timers, reminders(matter, events, rules, by))
