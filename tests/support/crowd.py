"""Many people with an open page each, who come back by themselves when their process dies."""

from __future__ import annotations

import asyncio
import json
import random
import time

import aiohttp

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds before a page connects anew, as `web/js/net/socket.js` does it: doubled with every failure, with chance."""


class Visitor:
    """One page: its socket is kept open, and when it was last greeted is known."""

    def __init__(self, base: str, seed: int) -> None:
        self._base = base
        self._chance = random.Random(seed)
        self.greeted_at = 0.0
        self.connected = False
        self.losses = 0

    async def stay(self) -> None:
        """For as long as the task lives."""
        pause = FIRST_PAUSE
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            while True:
                try:
                    await self._look(client)
                    pause = FIRST_PAUSE
                except (aiohttp.ClientError, OSError, TimeoutError, TypeError, ValueError):
                    pass
                self.losses += self.connected
                self.connected = False
                await asyncio.sleep(pause * (0.5 + self._chance.random()))
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _look(self, client: aiohttp.ClientSession) -> None:
        timeout = aiohttp.ClientWSTimeout(ws_close=1.0)
        async with asyncio.timeout(60):
            socket = await client.ws_connect(f"{self._base}/rooms/r/socket", timeout=timeout)
            await socket.send_json({"type": "hello", "view": "room"})
            while json.loads(await socket.receive_str())["type"] != "snapshot":
                pass
        self.greeted_at, self.connected = time.monotonic(), True
        while True:
            await socket.receive_str()


class Crowd:
    """So many visitors of one address."""

    def __init__(self, base: str, size: int) -> None:
        self.visitors = [Visitor(base, number) for number in range(size)]
        self._tasks: list[asyncio.Task[None]] = []

    async def gather(self, seconds: float = 240) -> None:
        """Until all have been greeted; they do not all come in the same instant."""
        for visitor in self.visitors:
            self._tasks.append(asyncio.create_task(visitor.stay()))
            await asyncio.sleep(0.02)
        async with asyncio.timeout(seconds):
            while not all(visitor.connected for visitor in self.visitors):
                await asyncio.sleep(0.1)

    async def until_back(self, since: float, hit: float, back: float, seconds: float) -> float:
        """Until a share of all was `hit` by what was done, and then a share is `back`; seconds after `since`."""
        size = len(self.visitors)
        async with asyncio.timeout(seconds):
            while sum(visitor.losses > 0 for visitor in self.visitors) < hit * size:
                await asyncio.sleep(0.02)
            while sum(visitor.connected for visitor in self.visitors) < back * size:
                await asyncio.sleep(0.02)
        return max(visitor.greeted_at for visitor in self.visitors if visitor.connected) - since

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
