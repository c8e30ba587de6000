"""The bus of several processes: rings by Redis or Valkey pub/sub. Knows no topic's meaning, and keeps nothing.

Nothing depends on Redis noticing or being noticed: what happens here is rung here at once, and every followed topic is
rung once a second in any case. A lost ring, a frozen server, a flush, a failover or a neighbour that is cut off costs
at most that second; whoever is rung reads the records.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis

from liveroom.background import keep_running
from liveroom.bus.connection import PATIENCE, Supervised, end
from liveroom.bus.memory import MemoryBus
from liveroom.ports.bus import Ring

CHANNEL = "liveroom:rings"
EVERYTHING = "*"
"""Stands for all topics in a message that could not name them."""

ROUND_EVERY = 1.0
SILENCE = 3.0
"""Seconds without a word on the subscription, not even an answer to a ping, after which it is opened anew."""

NAMED_AT_MOST = 500


class RedisBus:
    """Satisfies `liveroom.ports.bus.Bus`. `start` it, and `close` it."""

    def __init__(self, redis: Redis, name: str) -> None:
        """`name` tells this process from its neighbours: its own rings are not heard twice."""
        self._redis = redis
        self._name = name
        self._here = MemoryBus()
        self._waiting: set[str] = set()
        self._wake = asyncio.Event()
        self._sender = Supervised("rings out", self._send)
        self._listener = Supervised("rings in", self._listen)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to send and to listen; Redis need not be there yet."""
        parts = {"rings_out": self._sender.run, "rings_in": self._listener.run, "rounds": self._make_rounds}
        self._tasks = [asyncio.create_task(keep_running(name, part)) for name, part in parts.items()]

    async def close(self) -> None:
        await end(self._tasks)

    async def publish(self, topic: str) -> None:
        """Rings here before it returns, at the neighbours soon after; never waits for Redis."""
        self._here.ring(topic)
        self._waiting.add(topic)
        if len(self._waiting) > NAMED_AT_MOST:
            self._waiting = {EVERYTHING}
        self._wake.set()

    def follow(self, topic: str, ring: Ring) -> Callable[[], None]:
        return self._here.follow(topic, ring)

    async def _make_rounds(self) -> None:
        while True:
            await asyncio.sleep(ROUND_EVERY)
            self._ring_all()

    def _ring_all(self) -> None:
        for topic in self._here.topics:
            self._here.ring(topic)

    async def _send(self) -> None:
        """All that has gathered goes in one message; what gathers meanwhile, in the next."""
        await self._wake.wait()
        self._wake.clear()
        topics, self._waiting = self._waiting, set()
        try:
            await self._redis.publish(CHANNEL, "\n".join((self._name, *topics)))
        except BaseException:
            # The neighbours may or may not have heard it, and who knows what they missed: tell them so when it works.
            self._waiting = {EVERYTHING}
            self._wake.set()
            raise
        self._sender.worked()

    async def _listen(self) -> None:
        """Hear the neighbours until the subscription fails or falls silent."""
        subscription = self._redis.pubsub()
        try:
            await subscription.subscribe(CHANNEL)
            heard_at = time.monotonic()
            while time.monotonic() - heard_at < SILENCE:
                heard: dict[str, Any] | None = await subscription.get_message(timeout=PATIENCE)
                if heard is None:
                    await subscription.ping()
                    continue
                heard_at = time.monotonic()
                self._listener.worked()
                if heard["type"] == "message":
                    self._hear(heard["data"])
                elif heard["type"] == "subscribe":
                    self._ring_all()  # before now nothing was heard
            raise TimeoutError
        finally:
            with contextlib.suppress(Exception):
                await subscription.aclose()  # type: ignore[no-untyped-call]

    def _hear(self, message: str) -> None:
        sender, *topics = message.split("\n")
        if sender == self._name:
            return
        if EVERYTHING in topics:
            self._ring_all()
            return
        for topic in topics:
            self._here.ring(topic)
