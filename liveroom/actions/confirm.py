"""“Is it solved?”: what those who asked or seconded say of the result, each of them once. Knows no page."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.actions.matter_steps import TRIES, MatterSteps
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters import engine
from liveroom.matters.matter import Matter
from liveroom.ports.matters import Matters
from liveroom.ports.rooms import Records
from liveroom.ports.rules import RuleBook
from liveroom.rooms.roles import visitor

COMMAND = "check"


@dataclass(frozen=True, slots=True)
class Voice:
    """Whether somebody can say it now, what they have said (`yes`, `no`), and whether a no reopens the matter."""

    open: bool = False
    said: str = ""
    reopens: bool = False


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
        who = person(matter.id, device)
        said = next((check for check in matter.checks if check.who == who and not check.reopened), None)
        if said is not None:
            return Voice(said="yes" if said.solved else "no")
        asks = any(row.command == COMMAND for row in engine.possible(matter, rules, visitor(who), asks=True))
        if not asks or not await self._concerned(matter, device):
            return Voice()
        return Voice(open=True, reopens=matter.reopenings < rules.limits.reopenings)

    async def say(self, matter_id: str, device: str, values: Mapping[str, str]) -> Matter:
        """Say it. Refuses `not_asked` to whoever neither asked nor seconded, and what `engine.decide` raises.

        The lines of a matter are public in part and kept for long: they name nobody by the device.
        """
        for _ in range(TRIES):
            matter = await self._matters.load(matter_id)
            if not await self._concerned(matter, device):
                raise Refused("not_asked")
            by = visitor(person(matter.id, device))
            try:
                return await self._steps.take(matter, COMMAND, values, by, asks=True)
            except Stale:
                continue
        raise Unavailable("too many people changed this matter at once")

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


def person(matter: str, device: str) -> str:
    """A name for whoever speaks, of this matter alone: the same for browser and code, and of no use elsewhere."""
    return hashlib.sha256(f"{matter}:{device}".encode()).hexdigest()[:32]
