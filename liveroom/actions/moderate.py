"""What the desk, the host and the deputy do with questions while the session runs. Knows no keys and no columns."""

from __future__ import annotations

from datetime import datetime

from liveroom.actions.sittings import Change, Sittings
from liveroom.errors import Refused
from liveroom.ports.rooms import Sitting
from liveroom.qa.commands import GiveOutcome, QuestionCommand
from liveroom.qa.decide import decide
from liveroom.rooms.roles import Actor


class Moderating:
    """One command about one question."""

    def __init__(self, sittings: Sittings) -> None:
        self._sittings = sittings

    async def do(self, session: str, command: QuestionCommand, by: Actor) -> Sitting:
        """Committed, or `Refused` as `qa.decide` says; outcomes are given in `actions.conclude`."""
        if isinstance(command, GiveOutcome):
            raise Refused("forbidden")

        def moderating(sitting: Sitting, now: datetime) -> Change:
            return Change(decide(sitting.queue, sitting.session, command, by, now))  # type: ignore[arg-type]

        return await self._sittings.change(session, moderating, by)
