"""One connection to Redis or Valkey, and work with it that goes on through outages. Knows no key and no topic."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger()

PATIENCE = 1.0
"""Seconds that Redis has for any answer: a frozen one is as good as gone."""

BACK_OFF = (0.1, 0.2, 0.5, 1.0)
"""Seconds before the first tries after a failure, and before all further ones."""

FAILURES = (RedisError, OSError, TimeoutError)


def connect(url: str) -> Redis:
    """A client that gives up quickly and never repeats by itself: when to try again is decided in one place, here."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


class Supervised:
    """Repeats a piece of work for as long as the process lives, and says once when Redis goes and when it is back."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """`work` returns when it should be done again; what it raises of `FAILURES` is tried again after a pause."""
        self._name = name
        self._work = work
        self._away_since: float | None = None
        self._failures = 0

    def worked(self) -> None:
        """To be called by the work as soon as it has proof that Redis answers."""
        self._failures = 0
        if self._away_since is not None:
            log.info("redis_back", part=self._name, seconds=round(time.monotonic() - self._away_since, 1))
            self._away_since = None

    async def run(self) -> None:
        while True:
            try:
                await self._work()
            except FAILURES as error:
                if self._away_since is None:
                    self._away_since = time.monotonic()
                    log.warning("redis_away", part=self._name, problem=type(error).__name__)
                await asyncio.sleep(BACK_OFF[min(self._failures, len(BACK_OFF) - 1)])
                self._failures += 1


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel and wait. More than once where needed: a client that is about to connect may swallow a cancellation."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)
