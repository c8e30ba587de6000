"""What a process has of its neighbours, wired: nothing when it is alone, else all that goes over Redis.

Knows no page; what the neighbours may call is given to it as an application.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable

from aiohttp import web

from liveroom.bus.alone import OwnCounts, OwnDirectory, OwnPresence
from liveroom.bus.memory import MemoryBus
from liveroom.ports.bus import Bus
from liveroom.ports.counts import Counts
from liveroom.ports.directory import Directory
from liveroom.ports.presence import Presence
from liveroom.server.calls import key_of
from liveroom.server.neighbours import HttpNeighbours
from liveroom.settings import Settings


class Sharing:
    """The ports of a process that is alone: everything is in its memory."""

    def __init__(self) -> None:
        self.bus: Bus = MemoryBus()
        self.presence: Presence = OwnPresence()
        self.directory: Directory = OwnDirectory()
        self.counts: Counts = OwnCounts()
        self.neighbours: HttpNeighbours | None = None

    async def open(self, door: web.Application, yielded: Callable[[str], None]) -> None:
        """Begin to hear and to be heard; `door` is what neighbours call.

        `yielded` is called with a stream that was here and is at another process now.
        """

    async def close(self) -> None:
        """Nobody is sent here any more."""


class SharingOverRedis(Sharing):
    """The ports of one of several processes with the same records. Redis need not be there yet."""

    def __init__(self, settings: Settings, secret: bytes) -> None:
        # A process that is alone never loads the driver.
        from liveroom.bus.cards import Cards
        from liveroom.bus.connection import connect
        from liveroom.bus.counts import SharedCounts
        from liveroom.bus.directory import CardDirectory
        from liveroom.bus.presence import SharedPresence
        from liveroom.bus.redis import RedisBus

        name, key = secrets.token_hex(4), key_of(secret)
        self._redis = connect(settings.redis)
        self._internal = settings.internal_address
        self._rings, self._cards = RedisBus(self._redis, name), Cards(self._redis, name)
        self._cards.mine.media = settings.media
        self._opened = contextlib.AsyncExitStack()
        self.bus = self._rings
        self.directory = self._entries = CardDirectory(self._cards, self.bus)
        self.presence = SharedPresence(self._redis, self._cards, key)
        self.counts = SharedCounts(self._redis, key)
        self.neighbours = HttpNeighbours(self.directory, key)

    async def open(self, door: web.Application, yielded: Callable[[str], None]) -> None:
        """Raises OSError when the internal address cannot be used."""
        host, port = self._internal
        self._entries.yielded = yielded
        opened = self._opened
        opened.push_async_callback(self._redis.aclose)
        if self.neighbours is not None:
            await opened.enter_async_context(self.neighbours)
        runner = web.AppRunner(door, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        opened.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, host, port).start()
        self._cards.mine.address = f"http://{host}:{runner.addresses[0][1]}"
        self._rings.start()
        opened.push_async_callback(self._rings.close)
        self._cards.start()
        opened.push_async_callback(self._cards.close)

    async def close(self) -> None:
        await self._opened.aclose()
