"""What a moderator's move covers, whatever else has happened by the time it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from liveroom.actions.moderate import Moderating
from liveroom.actions.sittings import Decider
from liveroom.errors import Refused
from liveroom.ports.rooms import Sitting
from liveroom.qa import commands as c
from liveroom.qa.apply import apply
from liveroom.qa.question import Question, Queue
from liveroom.rooms.roles import Actor, Role
from liveroom.rooms.session import Session, SessionState
from tests.support.screening import no_lists

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODERATOR = Actor("m", "M", frozenset({Role.MODERATOR}))


class Busy:
    """Sittings of a session in which a colleague at another process adds lines after each change."""

    def __init__(self, sitting: Sitting) -> None:
        self.sitting = sitting

    async def change(self, _session: str, decide: Decider, _by: Actor) -> Sitting:
        events = decide(self.sitting, NOW).events
        queue = apply(self.sitting.queue, events)
        self.sitting = replace(self.sitting, queue=queue, seq=self.sitting.seq + len(events) + 3)
        return self.sitting


class NobodyClaims:
    async def taken(self, _session: str, _by: Actor) -> Mapping[str, Refused]:
        return {}


async def test_a_move_covers_its_own_lines_and_no_colleagues() -> None:
    questions = (Question(n, n.upper(), n, n, "d", n, "", "", NOW) for n in "ab")
    session = Session("s", "r", "t", NOW, ("d",), SessionState.LIVE, started_at=NOW)
    sittings: Any = Busy(Sitting(session, Queue("s").put(questions), 7))
    nothing: Any = None
    claims: Any = NobodyClaims()
    moderating = Moderating(nothing, sittings, claims, nothing, no_lists())
    moved = await moderating.do_all("s", [c.Publish("a"), c.Publish("b")], MODERATOR)
    assert (moved.first, moved.last) == (8, 9)
    unchanged = await moderating.do_all("s", [c.Tag("a", ())], MODERATOR)
    assert unchanged.last < unchanged.first, "there is nothing to take back"
