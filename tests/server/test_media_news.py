"""What the media plane sees becomes a fact of the session, also when the disk refuses once or something fails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from liveroom.bus.alone import OwnDirectory
from liveroom.errors import Unavailable
from liveroom.media.plane import MediaPlane
from liveroom.media.results import StreamHappening
from liveroom.news import MediaNews


class Broadcasting:
    """Notes what it is told; fails as often as it is asked to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.told: list[tuple[str, str]] = []
        self.tries = 0

    async def media_flows(self, _media: object, stream: str) -> None:
        await self._tell(stream, "flows")

    async def media_lost(self, stream: str) -> None:
        await self._tell(stream, "lost")

    async def _tell(self, stream: str, what: str) -> None:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        self.told.append((stream, what))

    async def hears(self, count: int) -> list[tuple[str, str]]:
        async with asyncio.timeout(30):
            while len(self.told) < count:
                await asyncio.sleep(0.001)
        return self.told


@contextlib.asynccontextmanager
async def telling(broadcasting: Any) -> AsyncIterator[MediaNews]:
    news = MediaNews(broadcasting, OwnDirectory(), pause=0.01)
    task = asyncio.create_task(news.tell(cast(MediaPlane, None)))
    yield news
    assert not task.done()
    task.cancel()


async def test_a_stream_is_noted_once_the_records_can_be_written_again() -> None:
    broadcasting = Broadcasting(*[Unavailable("disk full")] * 3)
    async with telling(broadcasting) as news:
        news.hear(StreamHappening("s", "flowing", "p"))
        assert await broadcasting.hears(1) == [("s", "flows")]
        assert broadcasting.tries == 4


async def test_the_newer_state_wins_and_the_work_that_waits_stays_small() -> None:
    broadcasting = Broadcasting(*[Unavailable("disk full")] * 2)
    async with telling(broadcasting) as news:
        for _ in range(500):
            news.hear(StreamHappening("s", "flowing", "p"))
            news.hear(StreamHappening("s", "lost", "p"))
        assert await broadcasting.hears(1) == [("s", "lost")]
        assert broadcasting.tries == 3


@pytest.mark.parametrize("failure", [RuntimeError("unforeseen"), KeyError("s")])
async def test_something_unforeseen_in_one_stream_does_not_end_the_telling(failure: Exception) -> None:
    broadcasting = Broadcasting(failure)
    async with telling(broadcasting) as news:
        news.hear(StreamHappening("a", "flowing", "p"))
        news.hear(StreamHappening("b", "taken_over", "p"))
        news.hear(StreamHappening("b", "stopped", "p"))
        assert await broadcasting.hears(1) == [("b", "lost")]
