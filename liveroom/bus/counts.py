"""Counts over several processes in Redis or Valkey: a number for each name, which ends with its window.

Knows no limit. Names are hidden: Redis is for counting, no address is to be found in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time

import structlog
from redis.asyncio import Redis

from liveroom.bus.connection import FAILURES
from liveroom.ports.counts import Count

log = structlog.get_logger()

ANSWER_WITHIN = 0.25
"""Seconds that a count may hold somebody up."""

REST = 2.0
"""Seconds for which Redis is not asked after it did not answer."""


class SharedCounts:
    """Satisfies `liveroom.ports.counts.Counts`."""

    def __init__(self, redis: Redis, key: bytes) -> None:
        self._redis = redis
        self._key = key
        self._rest_until = 0.0
        self._away = False

    async def add(self, name: str, window: float, more: int = 1) -> Count | None:
        if time.monotonic() < self._rest_until:
            return None
        key = f"liveroom:count:{self._hide(name)}"
        counting = self._redis.pipeline(transaction=True)
        counting.set(key, 0, px=int(window * 1000), nx=True)
        counting.incrby(key, more)
        counting.pttl(key)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                _, number, left = await counting.execute()
        except FAILURES as error:
            self._rest_until = time.monotonic() + REST
            if not self._away:
                log.warning("counts_are_own", problem=type(error).__name__)
            self._away = True
            return None
        if self._away:
            self._away = False
            log.info("counts_are_shared")
        return Count(int(number), max(0.0, int(left) / 1000))

    def _hide(self, name: str) -> str:
        return hashlib.blake2b(name.encode(), key=self._key[:64], digest_size=12).hexdigest()
