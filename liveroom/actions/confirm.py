"""“Is it solved?”: what those who asked or seconded say of the result, each of them once. Knows no page."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.actions.matter_steps import TRIES, MatterSteps
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters import engine
from liveroom.matters.forgetting import person
from liveroom.matters.matter import Matter
from liveroom.matters.rules import RuleSet
from liveroom.ports.matters import Matters
from liveroom.ports.rooms import Records
from liveroom.ports.rules import RuleBook
from liveroom.rooms.roles import visitor

RATE = "rate"


@dataclass(frozen=True, slots=True)
class Voice:
    """Whether somebody can say it now and by which `command`, what they have said last, and whether a no reopens it.

    Where it does not, a no still `counts` by the rules that look at it when the matter is closed.

    `check` takes `solved`: yes or no, from each of them; `rate` takes a `result`, from the first of them.
    """

    command: str = ""
    open: bool = False
    said: str = ""
    reopens: bool = False
    counts: bool = False


class Confirming:
    """Who may say it, and saying it."""

    def __init__(self, matters: Matters, records: Records, steps: MatterSteps, rules: RuleBook) -> None:
        self._matters = matters
        self._records = records
        self._steps = steps
        self._rules = rules

    async def voice(self, matter: Matter, device: str) -> Voice:
        """What a device may say of a matter: nothing unless it asked or seconded one of its questions."""
        rules = await self._rules.get(matter.rules)
        command, who = _command(matter, rules), person(matter.id, device)
        said = await self._said(matter, command, who)
        if said:
            return Voice(command, said=said)
        asks = any(row.command == command for row in engine.possible(matter, rules, visitor(who), asks=True))
        if not asks or not await self._concerned(matter, device):
            return Voice(command)
        reopens = command == RATE or matter.reopenings < rules.limits.reopenings
        counts = any(row.decided_by == "objections" for row in rules.kind(matter.kind).from_state(matter.state))
        return Voice(command, open=True, reopens=reopens, counts=counts)

    async def say(self, matter_id: str, device: str, values: Mapping[str, str]) -> Matter:
        """Say it. Refuses `not_asked` to whoever neither asked nor seconded, and what `engine.decide` raises.

        The lines of a matter are public in part and kept for long: they name nobody by the device.
        """
        for _ in range(TRIES):
            matter = await self._matters.load(matter_id)
            if not await self._concerned(matter, device):
                raise Refused("not_asked")
            by = visitor(person(matter.id, device))
            command = _command(matter, await self._rules.get(matter.rules))
            try:
                return await self._steps.take(matter, command, values, by, asks=True)
            except Stale:
                continue
        raise Unavailable("too many people changed this matter at once")

    async def _said(self, matter: Matter, command: str, who: str) -> str:
        """What this person has said of the newest reply."""
        if command != RATE:
            said = next((check for check in matter.checks if check.who == who and not check.reopened), None)
            return "" if said is None else "yes" if said.solved else "no"
        if not matter.result:
            return ""
        rated = [line for line in await self._matters.history(matter.id) if line.event.what == RATE]
        return matter.result if rated and rated[-1].by == who else ""

    async def _concerned(self, matter: Matter, device: str) -> bool:
        """Whether the device asked or seconded a question of the matter, or one that was merged into it."""
        for session in dict.fromkeys(source.session for source in matter.sources):
            # A session whose personal data are erased knows nobody any more.
            with contextlib.suppress(Refused):
                queue = (await self._records.load(session)).queue
                roots = [queue.get(source.question) for source in matter.sources if source.session == session]
                questions = [q for root in roots if root for q in (root, *queue.merged(root.id))]
                if any(question.device == device for question in questions):
                    return True
                seconded = set(await self._records.seconded(session, device))
                if seconded & {question.id for question in questions}:
                    return True
        return False


def _command(matter: Matter, rules: RuleSet) -> str:
    """The step of its kind that is for those who asked; empty when there is none."""
    return next((row.command for row in rules.kind(matter.kind).rows if "asker" in row.guards), "")
