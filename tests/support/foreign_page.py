"""A foreign client in a page of its own in Chromium: what it said to the server, what it decoded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Response

from tests.support.browser import Person

PATIENCE = 60
"""Seconds for a client to connect and decode, several of them at once, on a machine that is busy."""


@dataclass
class ForeignPage:
    """`answers` are (method, status) of every request of the client to the server, in order."""

    person: Person
    answers: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    async def open(cls, browser: Browser, site: str) -> ForeignPage:
        found = cls(await Person.arrive(browser, site))
        found.person.page.on("response", found._hear)
        return found

    def _hear(self, response: Response) -> None:
        if "/rooms/" in response.url:
            self.answers.append((response.request.method, response.status))

    async def start(self, what: str, url: str, token: str = "", kinds: tuple[str, ...] = ()) -> None:
        """Begin; raises what the client throws. `kinds` are those of the tracks to publish."""
        await self.person.page.evaluate(
            "([what, url, token, kinds]) => foreign.start(what, url, token, kinds)", [what, url, token, list(kinds)]
        )

    async def call(self, name: str) -> Any:
        return await self.person.page.evaluate(f"foreign.{name}()")

    async def until(self, kind: str, more: int, seconds: float = PATIENCE) -> dict[str, int]:
        """Wait for further decoded frames of a kind; all figures so far."""
        frames: dict[str, int] = await self.call("frames")
        wanted = frames[kind] + more
        async with asyncio.timeout(seconds):
            while frames[kind] < wanted:
                await asyncio.sleep(0.1)
                frames = await self.call("frames")
        return frames

    async def restart(self) -> None:
        """Restart ICE; media take a path that was checked with the new names when this returns."""
        former = await self.call("path")
        await self.call("restart")
        async with asyncio.timeout(PATIENCE):
            while await self.call("path") in {"", former}:
                await asyncio.sleep(0.1)

    async def heard(self, method: str, seconds: float = PATIENCE) -> int:
        """The status of the last answer to a method, once there is one."""
        async with asyncio.timeout(seconds):
            while not (statuses := [status for asked, status in self.answers if asked == method]):
                await asyncio.sleep(0.05)
        return statuses[-1]

    async def answered(self, method: str, status: int) -> None:
        """Wait until a request of this method was answered so: the page may know it before this test hears of it."""
        async with asyncio.timeout(PATIENCE):
            while (method, status) not in self.answers:
                await asyncio.sleep(0.05)
