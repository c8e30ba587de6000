"""How often somebody may do something, here and, where it matters, over all processes. Knows counters, not reasons.

The generic cell rate algorithm, in ten lines: of a library's limiters the cheapest cost 0.4 ms a request in its timer
threads, a sixth of a viewer's whole join.
"""

from __future__ import annotations

import time

from liveroom.bus.alone import OwnCounts
from liveroom.errors import slow_down
from liveroom.ports.counts import Counts

NETWORK_FACTOR = 40
"""How many devices a shared network (a village's one router, a mobile operator's gateway) counts as."""

_SWEEP_EVERY = 1024
_MINUTE = 60.0
_ROUNDING = 1e-6
"""Seconds that sums and differences of clock times may be off: whoever has one a minute has it whole."""


class Limits:
    """So many a minute by kind and key: all at once, or evenly. In memory, one number for each who came lately.

    `take` counts for this process, which is what it protects; `share` counts over all of them besides. While the others
    cannot be reached each process counts its own.
    """

    def __init__(
        self,
        ask_per_minute: int,
        publish_per_minute: int,
        watch_per_minute: int,
        api_per_minute: int = 600,
        *,
        counts: Counts | None = None,
    ) -> None:
        self._counts = counts or OwnCounts()
        self.per_minute = {
            "ask": ask_per_minute,
            "ask_network": ask_per_minute * NETWORK_FACTOR,
            "ask_shield": 1,
            "ask_shield_network": NETWORK_FACTOR,
            "similar": 240,
            "similar_network": 240 * NETWORK_FACTOR,
            "second": 120,
            "second_network": 3000,
            "sign_in": 10,
            "sign_in_network": 60,
            "track_miss": 20,
            "code_try": 60,
            "attach": 60,
            "api": api_per_minute,
            "export": 10,
            "clip": 1200,
            "follow": 60,
            "publish": publish_per_minute,
            "watch": watch_per_minute,
        }
        # When each will have all of its minute again; whoever is not here has it now.
        self._rested_at: dict[tuple[str, ...], float] = {}
        self._until_sweep = _SWEEP_EVERY

    def take(self, kind: str, *keys: str) -> None:
        """Count one; `Refused("slow_down")` with the seconds to wait when the minute is used up."""
        wait, rested_at = self._look(kind, keys)
        if wait > 0:
            raise slow_down(wait)
        self._rested_at[kind, *keys] = rested_at
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._sweep()

    async def share(self, kind: str, *keys: str) -> None:
        """Count one here, which may refuse it without a question to anybody, and one for all processes."""
        self.take(kind, *keys)
        counted = await self._counts.add(" ".join((kind, *keys)), _MINUTE)
        if counted is not None and counted.number > self.per_minute[kind]:
            raise slow_down(counted.seconds)

    async def require(self, kind: str, *keys: str) -> None:
        """Count nothing; `Refused("slow_down")` when the minute is used up already, here or over all processes."""
        wait, _ = self._look(kind, keys)
        if wait <= 0:
            counted = await self._counts.add(" ".join((kind, *keys)), _MINUTE, 0)
            wait = counted.seconds if counted is not None and counted.number >= self.per_minute[kind] else 0.0
        if wait > 0:
            raise slow_down(wait)

    def _look(self, kind: str, keys: tuple[str, ...]) -> tuple[float, float]:
        """Seconds to wait, and when one more would have been rested from."""
        now = time.monotonic()
        rested_at = max(self._rested_at.get((kind, *keys), now), now) + _MINUTE / self.per_minute[kind]
        return rested_at - now - _MINUTE - _ROUNDING, rested_at

    def _sweep(self) -> None:
        now = time.monotonic()
        self._rested_at = {key: at for key, at in self._rested_at.items() if at > now}
        self._until_sweep = max(_SWEEP_EVERY, len(self._rested_at))
