"""What the desk, the host and the deputy do with questions while the session runs. Knows no keys and no columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from liveroom.actions.claim import Claiming
from liveroom.actions.screen import Screening
from liveroom.actions.sittings import Change, Sittings
from liveroom.errors import Refused
from liveroom.ports.people import People
from liveroom.ports.rooms import Records, Sitting
from liveroom.qa.apply import apply
from liveroom.qa.commands import Assign, Edit, GiveOutcome, QuestionCommand
from liveroom.qa.decide import decide
from liveroom.qa.events import AnyEvent
from liveroom.qa.question import TEXT_LIMIT
from liveroom.qa.undo import Line, undo
from liveroom.rooms.roles import Actor, Permission, Role, may
from liveroom.text import require_text

MANY = 500
"""Questions that one move may be about."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question of a larger move that it did not fit, and why."""

    label: str
    refused: Refused


@dataclass(frozen=True, slots=True)
class Moved:
    """What was committed: the lines `first` to `last` of the feed, which undo takes back as one; none when `last` is
    smaller."""

    sitting: Sitting
    first: int
    last: int
    skipped: Sequence[Skipped] = ()


class Moderating:
    """Commands about one question or many, and taking them back."""

    def __init__(
        self, records: Records, sittings: Sittings, claiming: Claiming, people: People, screening: Screening
    ) -> None:
        self._records = records
        self._sittings = sittings
        self._claiming = claiming
        self._people = people
        self._screening = screening

    async def do(self, session: str, command: QuestionCommand, by: Actor) -> Moved:
        """Committed, or `Refused` as `qa.decide` says, or `claimed`; outcomes are given in `actions.conclude`."""
        moved = await self.do_all(session, [command], by)
        if moved.skipped:
            raise moved.skipped[0].refused
        return moved

    async def do_all(self, session: str, commands: Sequence[QuestionCommand], by: Actor) -> Moved:
        """Every command that is granted, in one transaction; the others are told of. Refuses `too_many`."""
        if len(commands) > MANY:
            raise Refused("too_many", field="questions", limit=MANY)
        if any(isinstance(command, GiveOutcome) for command in commands):
            raise Refused("forbidden")
        taken = await self._claiming.taken(session, by)
        named = [await self._completed(command) for command in commands]
        skipped: list[Skipped] = []

        def moderating(sitting: Sitting, now: datetime) -> list[AnyEvent]:
            skipped.clear()
            facts: list[AnyEvent] = []
            queue = sitting.queue
            for command in named:
                try:
                    if command.question in taken:
                        raise taken[command.question]
                    events = decide(queue, sitting.session, command, by, now)  # type: ignore[arg-type]
                except Refused as refused:
                    found = queue.get(command.question)
                    skipped.append(Skipped(found.label if found else "", refused))
                    continue
                facts += events
                queue = apply(queue, events)
            return facts

        moved = await self._move(session, moderating, by)
        return replace(moved, skipped=tuple(skipped))

    async def undo(self, session: str, first: int, last: int, by: Actor) -> Moved:
        """Take back one's own move of a moment ago. Raises what `qa.undo` raises."""
        lines = [entry for entry in await self._records.since(session, first - 1) if entry.seq <= last]
        about = {getattr(entry.event, "question", "") for entry in lines} - {""}
        history = [
            Line(entry.seq, entry.at, entry.by, entry.event) for entry in await self._records.about(session, about)
        ]

        def undoing(sitting: Sitting, now: datetime) -> list[AnyEvent]:
            return undo(sitting.queue, sitting.session, history, first, last, by, now)

        return await self._move(session, undoing, by)

    async def _move(self, session: str, deciding: Callable[[Sitting, datetime], list[AnyEvent]], by: Actor) -> Moved:
        before = lines = 0

        def moving(sitting: Sitting, now: datetime) -> Change:
            nonlocal before, lines
            facts = deciding(sitting, now)
            before, lines = sitting.seq, len(facts)
            return Change(facts)

        after = await self._sittings.change(session, moving, by)
        # What is known after the commit may hold a colleague's lines already, from another process.
        return Moved(after, before + 1, before + lines)

    async def _completed(self, command: QuestionCommand) -> QuestionCommand:
        """The command with what only the records know: the name of whoever is to have the question, and the lists."""
        if isinstance(command, Edit):
            text = require_text(command.text, "text", TEXT_LIMIT)
            looked = await self._screening.look(text=text)
            return Edit(command.question, looked.shown["text"], looked.hits)
        if not isinstance(command, Assign):
            return command
        if not command.to:
            return Assign(command.question, "")
        account = await self._people.account(command.to)
        if account is None or not (Role.DEPUTY in account.roles or may(account.actor, Permission.TRIAGE)):
            raise Refused("not_found")
        return Assign(command.question, account.id, account.name)
