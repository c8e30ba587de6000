"""Who works on which question: leases that show, hold for a minute and let go by themselves. Knows no desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from liveroom.clock import Clock
from liveroom.errors import Refused
from liveroom.ports.bus import Bus, claims_topic
from liveroom.ports.claims import Claim, Claims
from liveroom.ports.rooms import Records
from liveroom.rooms.roles import Actor, Permission, require

LEASE = timedelta(seconds=60)
"""How long a claim holds without a sign of life."""


class Claiming:
    """Claims of moderators."""

    def __init__(self, records: Records, claims: Claims, bus: Bus, clock: Clock) -> None:
        self._records = records
        self._claims = claims
        self._bus = bus
        self._clock = clock

    async def claim(self, session: str, question: str, by: Actor, *, take_over: bool = False) -> Claim:
        """Take a question, or keep it for another minute.

        Raises `forbidden`, `not_found`, and `claimed` (with the label, the name and the seconds left) when a colleague
        has it and `take_over` is not wished.
        """
        require(by, Permission.TRIAGE)
        sitting = await self._records.load(session)
        found = sitting.queue.get(question)
        if found is None:
            raise Refused("not_found")
        now = self._clock()
        claim = await self._claims.take(session, question, by, now + LEASE, now, over=take_over)
        if claim.by != by.id:
            raise self._taken(claim, found.label)
        await self._bus.publish(claims_topic(session))
        return claim

    async def release(self, session: str, question: str, by: Actor) -> None:
        """Give a question back; one that is somebody else's stays theirs."""
        await self._claims.release(session, question, by)
        await self._bus.publish(claims_topic(session))

    async def held(self, session: str) -> list[Claim]:
        """The claims that hold now."""
        return await self._claims.held(session, self._clock())

    def ran_out(self, claims: Sequence[Claim]) -> bool:
        """Whether one of them holds no longer."""
        now = self._clock()
        return any(claim.until <= now for claim in claims)

    async def taken(self, session: str, by: Actor) -> dict[str, Refused]:
        """The questions that colleagues have now, each with the refusal `claimed` for a move of this person."""
        queue = (await self._records.load(session)).queue
        return {
            claim.question: self._taken(claim, found.label if (found := queue.get(claim.question)) else "")
            for claim in await self.held(session)
            if claim.by != by.id
        }

    def _taken(self, claim: Claim, label: str) -> Refused:
        seconds = max(1, round((claim.until - self._clock()).total_seconds()))
        return Refused("claimed", label=label, name=claim.by_name, seconds=seconds)
