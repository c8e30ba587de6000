"""Votes on their way to the disk: those that come together are kept together. Knows no rule about who may vote.

A transaction ends with the disk's own word, which takes milliseconds; three hundred a second would leave it nothing
else to do. So a vote waits a moment for others, and each voter is answered after the commit that holds theirs.
"""

from __future__ import annotations

import asyncio

from liveroom.errors import Refused, Unavailable
from liveroom.ports.bus import Bus, votes_topic
from liveroom.ports.rooms import Kept, Records, Vote

GATHER = 0.02
"""Seconds for which a transaction waits for votes: at most fifty a second, whatever it costs to end one."""

TOGETHER = 500
"""Votes in one transaction at most."""


class GroupCommit:
    """One transaction at a time for any number of voters."""

    def __init__(self, records: Records, bus: Bus) -> None:
        self._records = records
        self._bus = bus
        self._waiting: list[tuple[Vote, asyncio.Future[Kept]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.votes = 0
        """Votes that were new, since the start."""
        self.commits = 0

    async def keep(self, vote: Vote) -> bool:
        """Until the vote is committed: whether it is new.

        Raises `session_closed`, and `Unavailable` when nothing could be kept.
        """
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._waiting.append((vote, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        kept = await future
        if kept is Kept.CLOSED:
            raise Refused("session_closed")
        return kept is Kept.NEW

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER)
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            try:
                kept = await self._records.second_all([vote for vote, _ in batch])
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(_again(error))
                continue
            self.commits += 1
            for (_, future), how in zip(batch, kept, strict=True):
                if not future.done():
                    future.set_result(how)
            rung = {vote.session for (vote, _), how in zip(batch, kept, strict=True) if how is Kept.NEW}
            self.votes += sum(how is Kept.NEW for how in kept)
            for session in rung:
                await self._bus.publish(votes_topic(session))


def _again(error: Exception) -> Exception:
    """An error of its own for each voter: one that is raised twice collects the traces of both."""
    return (
        Unavailable(str(error)) if isinstance(error, Unavailable) else RuntimeError(f"votes were not kept: {error!r}")
    )
