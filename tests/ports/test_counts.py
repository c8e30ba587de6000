"""Counts and limits over several processes, on a real Valkey that may go away, and alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from liveroom.bus.alone import OwnCounts
from liveroom.bus.connection import connect
from liveroom.bus.counts import ANSWER_WITHIN, REST, SharedCounts
from liveroom.errors import Refused
from liveroom.server.limits import Limits
from liveroom.server.newcomers import Newcomers
from tests.support.valkey import Valkey


@pytest.fixture
def server() -> Iterator[Valkey]:
    with Valkey.running() as running:
        yield running


@asynccontextmanager
async def counts(server: Valkey) -> AsyncIterator[SharedCounts]:
    client = connect(server.url)
    yield SharedCounts(client, b"secret")
    await client.aclose()


@asynccontextmanager
async def two(server: Valkey) -> AsyncIterator[tuple[SharedCounts, SharedCounts]]:
    async with counts(server) as here, counts(server) as there:
        yield here, there


async def test_all_processes_count_together_in_a_window_that_ends(server: Valkey) -> None:
    async with two(server) as (here, there):
        for number, process in enumerate((here, there, here), 1):
            counted = await process.add("votes 192.0.2.1", 0.4)
            assert counted is not None
            assert counted.number == number
            assert 0 < counted.seconds <= 0.4
        looked = await there.add("votes 192.0.2.1", 0.4, 0)
        assert looked is not None
        assert looked.number == 3, "looking counts nothing"
        other = await there.add("votes 192.0.2.2", 0.4)
        assert other is not None
        assert other.number == 1
        assert "192.0.2" not in str(server.do("KEYS", "*")), "nobody is to be found in Redis"
        async with asyncio.timeout(20):
            while server.do("KEYS", "*"):
                await asyncio.sleep(0.05)
        again = await here.add("votes 192.0.2.1", 0.4)
        assert again is not None
        assert again.number == 1


async def test_whoever_is_alone_is_told_nothing() -> None:
    assert await OwnCounts().add("votes", 60) is None


async def test_new_devices_share_their_votes_whichever_process_serves_them(server: Valkey) -> None:
    async with two(server) as (here, there):
        processes = [Newcomers(30, here), Newcomers(30, there)]
        for number in range(30):
            await processes[number % 2].take("one")
        for process in processes:
            with pytest.raises(Refused, match="slow_down") as refused:
                await process.take("one")
            assert 0 < (refused.value.retry_after or 0) <= 60
            await process.take("another")
        assert [process.refused for process in processes] == [1, 1]


async def test_guesses_are_counted_over_all_processes_and_refused_before_the_next_one(server: Valkey) -> None:
    async with two(server) as (here, there):
        limits = [Limits(30, 240, 6000, counts=here), Limits(30, 240, 6000, counts=there)]
        for number in range(20):
            await limits[number % 2].require("track_miss", "one")
            await limits[number % 2].share("track_miss", "one")
        for one in limits:
            with pytest.raises(Refused, match="slow_down"):
                await one.require("track_miss", "one")
            with pytest.raises(Refused, match="slow_down"):
                await one.share("track_miss", "one")
        await limits[0].require("track_miss", "another")


@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_without_redis_each_process_counts_its_own_and_nobody_waits_long(server: Valkey, fault: str) -> None:
    async with two(server) as (here, there):
        processes = [Newcomers(30, here), Newcomers(30, there)]
        for process in processes:
            await process.take("one")
        (server.kill if fault == "killed" else server.freeze)()
        began = time.monotonic()
        for process in processes:
            for _ in range(29):
                await process.take("one")
            with pytest.raises(Refused, match="slow_down"):
                await process.take("one")
        # 58 votes were held up for one answer that did not come each, not for 58 of them.
        assert time.monotonic() - began < 58 * ANSWER_WITHIN
        (server.start if fault == "killed" else server.thaw)()
        await asyncio.sleep(REST)
        async with asyncio.timeout(20):
            while await here.add("back", 60) is None:
                await asyncio.sleep(0.1)


async def test_a_flush_only_begins_the_count_anew(server: Valkey) -> None:
    async with two(server) as (here, there):
        newcomers = Newcomers(2, here)
        await newcomers.take("one")
        server.do("FLUSHALL")
        await newcomers.take("one")
        with pytest.raises(Refused):
            await newcomers.take("one")
        await Newcomers(2, there).take("one")
