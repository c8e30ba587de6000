"""What the actions need to know who is working on which question. Knows no database."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from liveroom.rooms.roles import Actor


class Claim(msgspec.Struct, frozen=True):
    """A moderator's lease on a question: whose, and until when; nobody has to give it back."""

    question: str
    by: str
    by_name: str
    until: datetime


class Claims(Protocol):
    """Leases, kept where every process sees them."""

    async def take(
        self, session: str, question: str, by: Actor, until: datetime, now: datetime, *, over: bool = False
    ) -> Claim:
        """The claim on the question after this wish: the actor's own, new or longer, or that of whoever was first.

        `over` takes it away from them.
        """

    async def release(self, session: str, question: str, by: Actor) -> None:
        """Give one's own claim back; somebody else's stays."""

    async def held(self, session: str, now: datetime) -> list[Claim]:
        """The claims that have not run out, by question."""
