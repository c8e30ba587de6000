"""How many votes the new devices of one network may give together, over all processes. Knows counters, not votes.

Whoever wants a thousand votes makes a thousand devices; they share a network and are new. Known devices are not counted
here, so a village behind one address is held up for a moment once, at its first session.
"""

from __future__ import annotations

import time
from collections import deque
from typing import NoReturn

from liveroom.bus.alone import OwnCounts
from liveroom.errors import slow_down
from liveroom.ports.counts import Counts

_MINUTE = 60.0
_FLAG_AGAIN = 600.0
_SWEEP_EVERY = 1024


class Newcomers:
    """So many votes of new devices by network in any minute. In memory, one time for each vote of the last minute.

    Over all processes it is so many in a minute from the first one on; while the others cannot be reached each process
    counts its own.
    """

    def __init__(self, per_minute: int, counts: Counts | None = None) -> None:
        self.per_minute = per_minute
        self._counts = counts or OwnCounts()
        self.refused = 0
        """Votes since the start."""
        self.flagged = 0
        self._given: dict[str, deque[float]] = {}
        self._flagged_at: dict[str, float] = {}
        self._until_sweep = _SWEEP_EVERY

    async def take(self, network: str) -> None:
        """Count a vote of a new device; `Refused("slow_down")` with the seconds until the network may give another."""
        self._take_here(network)
        counted = await self._counts.add(f"newcomers {network}", _MINUTE)
        if counted is not None and counted.number > self.per_minute:
            self._refuse(counted.seconds)

    async def give_back(self, network: str) -> None:
        """The vote changed nothing."""
        given = self._given.get(network)
        if given:
            given.pop()
        await self._counts.add(f"newcomers {network}", _MINUTE, -1)

    def _take_here(self, network: str) -> None:
        now = time.monotonic()
        given = self._given.setdefault(network, deque(maxlen=self.per_minute))
        if len(given) == self.per_minute and now - given[0] < _MINUTE:
            self._refuse(given[0] + _MINUTE - now)
        given.append(now)
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._given = {name: times for name, times in self._given.items() if times and now - times[-1] < _MINUTE}
            self._until_sweep = max(_SWEEP_EVERY, len(self._given))

    def _refuse(self, wait: float) -> NoReturn:
        self.refused += 1
        raise slow_down(wait)

    def flag(self, question: str) -> bool:
        """Whether the desks are to be told of this question now: once in ten minutes is enough."""
        now = time.monotonic()
        if now - self._flagged_at.get(question, -_FLAG_AGAIN) < _FLAG_AGAIN:
            return False
        if len(self._flagged_at) >= _SWEEP_EVERY:
            self._flagged_at = {name: at for name, at in self._flagged_at.items() if now - at < _FLAG_AGAIN}
        self._flagged_at[question] = now
        self.flagged += 1
        return True
