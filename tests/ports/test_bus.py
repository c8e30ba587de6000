"""What a bus promises, for every bus there is: one process alone, and two that share a real Valkey."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from liveroom.bus import redis
from liveroom.bus.connection import connect
from liveroom.bus.memory import MemoryBus
from liveroom.bus.redis import RedisBus
from liveroom.ports.bus import Bus
from tests.support.valkey import Valkey

LAG = 2.0
"""Seconds that others may lag while Redis is away."""


class Listener:
    """Counts what it hears."""

    def __init__(self, bus: Bus, *topics: str) -> None:
        self.heard: list[str] = []
        self._rung = asyncio.Event()
        self.unfollow = [bus.follow(topic, self._ring) for topic in topics]

    def _ring(self, topic: str) -> None:
        self.heard.append(topic)
        self._rung.set()

    async def hears(self, seconds: float = LAG) -> float:
        """Wait for the next ring; how long it took."""
        self._rung.clear()
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            await self._rung.wait()
        return time.monotonic() - began


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with Valkey.running() as running:
        yield running


@asynccontextmanager
async def redis_bus(url: str, name: str) -> AsyncIterator[RedisBus]:
    client = connect(url)
    bus = RedisBus(client, name)
    bus.start()
    yield bus
    await bus.close()
    await client.aclose()


@asynccontextmanager
async def pair(url: str) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    """Two processes' buses, both listening."""
    async with redis_bus(url, "a") as here, redis_bus(url, "b") as there:
        for bus in (here, there):
            await Listener(bus, "begun").hears(5)
        yield here, there


@pytest.fixture(params=["memory", "redis", "redis that is not there"])
async def bus(request: pytest.FixtureRequest, server: Valkey) -> AsyncIterator[Bus]:
    if request.param == "memory":
        yield MemoryBus()
        return
    async with redis_bus(server.url if request.param == "redis" else "redis://127.0.0.1:1", "a") as made:
        yield made


async def test_a_ring_is_heard_here_before_publishing_returns(bus: Bus) -> None:
    first, second, other = Listener(bus, "t"), Listener(bus, "t"), Listener(bus, "u")
    await bus.publish("t")
    assert (first.heard, second.heard, other.heard) == (["t"], ["t"], [])


async def test_nobody_hears_after_the_end_of_following(bus: Bus) -> None:
    left, stays = Listener(bus, "t"), Listener(bus, "t")
    left.unfollow[0]()
    left.unfollow[0]()
    await bus.publish("t")
    assert (left.heard, stays.heard) == ([], ["t"])


async def test_whoever_leaves_while_it_rings_disturbs_nobody(bus: Bus) -> None:
    heard = []
    leave = [lambda: None]
    leave[0] = bus.follow("t", lambda _topic: leave[0]())
    bus.follow("t", heard.append)
    await bus.publish("t")
    assert heard == ["t"]


async def test_a_ring_reaches_the_other_process_and_comes_back_to_nobody(
    server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "ROUND_EVERY", 3600.0)
    async with redis_bus(server.url, "a") as here, redis_bus(server.url, "b") as there:
        begun = Listener(here, "x"), Listener(there, "x")
        await asyncio.gather(*(listener.hears(5) for listener in begun))
        mine, theirs = Listener(here, "t"), Listener(there, "t")
        await here.publish("t")
        assert await theirs.hears() < 1
        back = asyncio.create_task(mine.hears())
        await asyncio.sleep(0)
        await there.publish("u")
        await there.publish("t")
        await back
        assert mine.heard == ["t", "t"], "its own once, the other's once"


async def test_many_rings_at_once_become_few_messages(server: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "ROUND_EVERY", 3600.0)
    async with redis_bus(server.url, "a") as here, redis_bus(server.url, "b") as there:
        await Listener(there, "x").hears(5)
        theirs = Listener(there, "t", "last")
        for n in range(5000):
            await here.publish(f"m{n}")
            await here.publish("t")
        await here.publish("last")
        await theirs.hears()
        assert 1 <= theirs.heard.count("t") <= 20


async def rings_again(here: Bus, there: Bus) -> None:
    """Rings arrive at once: more of them in a row, and faster, than the rounds of a second could bring."""
    quick = 0
    async with asyncio.timeout(20):
        while quick < 5:
            theirs = Listener(there, "t")
            await here.publish("t")
            quick = quick + 1 if await theirs.hears() < 0.15 else 0
            theirs.unfollow[0]()
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_without_redis_others_lag_two_seconds_at_most_and_it_heals_by_itself(
    fault: str, figures: list[str]
) -> None:
    with Valkey.running() as own:
        async with pair(own.url) as (here, there):
            (own.kill if fault == "killed" else own.freeze)()
            lags = []
            for _ in range(3):
                theirs = Listener(there, "t")
                began = time.monotonic()
                await here.publish("t")
                assert time.monotonic() - began < 0.5, "nobody waits for Redis"
                lags.append(await theirs.hears())
                theirs.unfollow[0]()
            figures.append(f"bus, Redis {fault}: the other process lags {max(lags):.1f} s at most")
            (own.start if fault == "killed" else own.thaw)()
            await rings_again(here, there)


async def test_a_subscription_that_the_server_drops_is_opened_again(server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        server.do("CLIENT", "KILL", "TYPE", "pubsub")
        server.do("FLUSHALL")
        await rings_again(here, there)
