"""The votes of a session that is over: counted for the last time, and signed. Knows no page."""

from __future__ import annotations

from datetime import datetime

from liveroom.actions.sittings import Change, Sittings
from liveroom.ports.rooms import Records, Sitting
from liveroom.ports.signing import Signer
from liveroom.qa.events import VotesSealed
from liveroom.qa.votes import digest, statement, tally
from liveroom.rooms.roles import SYSTEM


class SealingVotes:
    """One seal for each session, after which nobody can vote."""

    def __init__(self, records: Records, sittings: Sittings, signer: Signer) -> None:
        self._records = records
        self._sittings = sittings
        self._signer = signer

    async def seal(self, session: str) -> None:
        """Seal the votes of a session that has ended; sealing twice is once, also by two processes at a time."""
        while True:
            entries = await self._records.since(session, 0)
            if any(isinstance(entry.event, VotesSealed) for entry in entries):
                return
            await self._seal(session, entries[-1].seq)

    async def _seal(self, session: str, seen: int) -> None:
        """Nothing when the feed has moved on since it was looked at: the seal may be there."""
        voters = await self._records.voters(session)
        sealed = digest(voters)

        def sealing(sitting: Sitting, now: datetime) -> Change:
            if sitting.seq != seen:
                return Change([])
            counts = tally(sitting.queue, voters)
            signature = self._signer.sign(statement(session, counts, sealed))
            return Change([VotesSealed(counts, sealed, self._signer.key, signature)])

        await self._sittings.change(session, sealing, SYSTEM)

    async def seal_what_was_left(self) -> None:
        """At the start of the process: sessions whose end was committed without the seal."""
        for session in await self._records.unsealed():
            await self.seal(session)
