"""What each process tells the others of itself: a card in Redis that lives only while it is renewed.

Knows neither what the lines of a card are used for nor when somebody wants a newer one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
from redis.asyncio import Redis

from liveroom.background import keep_running
from liveroom.bus.connection import FAILURES, Supervised, end

RENEW_EVERY = 1.0
LIFE = 4.0
"""Seconds after which the card of a process that is gone is gone, too."""

INDEX = "liveroom:processes"


class Card(msgspec.Struct, kw_only=True):
    """One process. `renewed` counts: a card that does not change is one that nobody renews."""

    name: str
    address: str = ""
    media: bool = False
    streams: dict[str, int] = {}
    viewers: dict[str, int] = {}
    renewed: int = 0


Rider = Callable[[], Awaitable[None]]
"""More work of the same beat; may raise what Redis raises."""


class Cards:
    """This process's card, and the last known ones of the others. `start` it, and `close` it."""

    def __init__(self, redis: Redis, name: str) -> None:
        self.mine = Card(name=name)
        self.others: dict[str, Card] = {}
        self.riders: list[Rider] = []
        self._redis = redis
        self._looked_at = -LIFE
        self._soon = asyncio.Event()
        self._exchange = Supervised("cards", self._beat)
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    @property
    def known(self) -> bool:
        """Whether the others' cards are as new as cards can be."""
        return time.monotonic() - self._looked_at < LIFE

    def start(self) -> None:
        self._task = asyncio.create_task(keep_running("cards", self._exchange.run))

    async def close(self) -> None:
        """Take the own card back, so that nobody is sent here any more."""
        if self._task is not None:
            await end([self._task])
        with suppress(*FAILURES):
            await self._redis.delete(_key(self.mine.name))

    def soon(self) -> None:
        """Exchange now, not only at the next beat."""
        self._soon.set()

    async def exchange(self) -> None:
        """Show the own card and read all others. Raises what Redis raises."""
        async with self._turn:
            self.mine.renewed += 1
            showing = self._redis.pipeline(transaction=False)
            showing.set(_key(self.mine.name), msgspec.json.encode(self.mine), px=int(LIFE * 1000))
            showing.sadd(INDEX, self.mine.name)
            showing.smembers(INDEX)
            names = sorted((await showing.execute())[2] - {self.mine.name})
            written: list[Any] = await self._redis.mget([_key(name) for name in names]) if names else []
            found = {name: text for name, text in zip(names, written, strict=True) if text}
            if len(found) < len(names):
                await self._redis.srem(INDEX, *(set(names) - set(found)))
            self.others = {name: msgspec.json.decode(text, type=Card) for name, text in found.items()}
            self._looked_at = time.monotonic()

    async def _beat(self) -> None:
        await self.exchange()
        self._exchange.worked()
        for rider in self.riders:
            await rider()
        with suppress(TimeoutError):
            async with asyncio.timeout(RENEW_EVERY):
                await self._soon.wait()
        self._soon.clear()


def _key(name: str) -> str:
    return f"liveroom:process:{name}"
