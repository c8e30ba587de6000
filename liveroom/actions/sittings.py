"""The one way in which a session and its questions change. Knows no command by name."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from liveroom.clock import Clock
from liveroom.errors import Stale, Unavailable
from liveroom.ports.bus import ROOMS_TOPIC, Bus, session_topic
from liveroom.ports.matters import MatterChange
from liveroom.ports.rooms import Records, Renamed, Sitting
from liveroom.qa.events import AnyEvent
from liveroom.rooms.roles import Actor
from liveroom.rooms.session import AnySessionEvent, SessionEvent

TRIES = 16
PAUSE = 0.002
"""Seconds to wait after losing to another process, drawn at random and doubled a few times: both shall win in turn."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision adds to a session: facts, matters that are born with them, voters under other names."""

    events: Sequence[AnyEvent | AnySessionEvent]
    drafts: Sequence[MatterChange] = ()
    renamed: Sequence[Renamed] = ()


Decider = Callable[[Sitting, datetime], Change]


class Sittings:
    """Load, decide, save, ring; once more from the start when somebody else was faster."""

    def __init__(self, records: Records, bus: Bus, clock: Clock) -> None:
        self._records = records
        self._bus = bus
        self._clock = clock
        # One decision at a time in a session: within this process nobody has to decide twice.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def change(self, session: str, decide: Decider, by: Actor) -> Sitting:
        """The sitting after the change, committed. Raises what the decider raises, or `Unavailable`."""
        lock = self._locks.setdefault(session, asyncio.Lock())
        async with lock:
            after, change = await self._decide(session, decide, by)
        await self._bus.publish(session_topic(session))
        if any(isinstance(event, SessionEvent) for event in change.events):
            await self.announce()
        return after

    async def announce(self) -> None:
        """What rooms show may be another session now, or the same in another state."""
        await self._bus.publish(ROOMS_TOPIC)

    async def _decide(self, session: str, decide: Decider, by: Actor) -> tuple[Sitting, Change]:
        for lost in range(TRIES):
            if lost:
                await asyncio.sleep(PAUSE * 2 ** min(lost, 5) * random.random())
            sitting = await self._records.load(session)
            now = self._clock()
            change = decide(sitting, now)
            if not change.events:
                return sitting, change
            try:
                after = await self._records.save(
                    sitting, change.events, by, now, drafts=change.drafts, renamed=change.renamed
                )
                return after, change
            except Stale:
                continue
        raise Unavailable("too many people changed this session at once")
