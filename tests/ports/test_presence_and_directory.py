"""What processes know of one another: presence and directory, alone and over a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from liveroom.bus.alone import OwnDirectory, OwnPresence
from liveroom.bus.cards import Cards
from liveroom.bus.connection import connect, end
from liveroom.bus.directory import CardDirectory
from liveroom.bus.presence import SharedPresence
from liveroom.bus.redis import RedisBus
from liveroom.ports.directory import Directory
from liveroom.ports.presence import Presence
from tests.support.valkey import Valkey


@dataclass
class Process:
    """What one process has of its neighbours."""

    bus: RedisBus
    cards: Cards
    directory: CardDirectory
    presence: SharedPresence
    yielded: list[str] = field(default_factory=list)

    async def die(self) -> None:
        """As by kill -9: nothing is taken back. One cancellation may be swallowed by a client that connects."""
        assert self.cards._task is not None
        await end([self.cards._task, *self.bus._tasks])


@asynccontextmanager
async def process(url: str, name: str) -> AsyncIterator[Process]:
    client = connect(url)
    bus, cards, yielded = RedisBus(client, name), Cards(client, name), []
    cards.mine.address, cards.mine.media = f"http://{name}", True
    directory = CardDirectory(cards, bus)
    directory.yielded = yielded.append
    made = Process(bus, cards, directory, SharedPresence(client, cards, b"secret"), yielded)
    bus.start()
    cards.start()
    yield made
    await cards.close()
    await bus.close()
    await client.aclose()


@asynccontextmanager
async def pair(url: str) -> AsyncIterator[tuple[Process, Process]]:
    async with process(url, "a") as here, process(url, "b") as there:
        await until(lambda: len(here.directory.places()) == len(there.directory.places()) == 1)
        yield here, there


async def until(true: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
def server() -> Iterator[Valkey]:
    with Valkey.running() as running:
        yield running


@pytest.fixture(params=["alone", "shared", "redis that is not there"])
async def process_of_each_kind(
    request: pytest.FixtureRequest, server: Valkey
) -> AsyncIterator[tuple[Presence, Directory]]:
    if request.param == "alone":
        yield OwnPresence(), OwnDirectory()
        return
    async with process(server.url if request.param == "shared" else "redis://127.0.0.1:1", "a") as made:
        yield made.presence, made.directory


async def test_every_process_counts_its_own_at_once(process_of_each_kind: tuple[Presence, Directory]) -> None:
    presence, _ = process_of_each_kind
    assert presence.count("r") == 0
    presence.note("r", {"d1", "d2"})
    assert (presence.count("r"), presence.count("other")) == (2, 0)
    presence.note("r", set())
    assert presence.count("r") == 0


async def test_every_process_knows_at_once_what_it_holds(process_of_each_kind: tuple[Presence, Directory]) -> None:
    _, directory = process_of_each_kind
    assert not directory.holds("s")
    await directory.hold("s")
    assert directory.holds("s")
    assert directory.holder("s") is None, "nobody else"
    await directory.release("s")
    await directory.release("s")
    assert not directory.holds("s")


async def test_a_device_with_pages_at_two_processes_is_one_viewer(server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        here.presence.note("r", {"d1", "d2", "both"})
        there.presence.note("r", {"d3", "both"})
        await until(lambda: here.presence.count("r") == there.presence.count("r") == 4)
        there.presence.note("r", {"both"})
        await until(lambda: here.presence.count("r") == there.presence.count("r") == 3)
        here.presence.note("r", set())
        await until(lambda: here.presence.count("r") == there.presence.count("r") == 1)


async def test_nobody_can_be_found_in_redis(server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        here.presence.note("r", {"device-1"})
        await until(lambda: there.presence.count("r") == 1)
        kept = str([server.do("SMEMBERS", key) for key in server.do("KEYS", "liveroom:viewers:*")])
        assert kept != "[]"
        assert "device" not in kept


async def test_viewers_of_a_process_that_was_killed_are_gone_within_five_seconds(server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        here.presence.note("r", {"d1"})
        there.presence.note("r", {"d2"})
        await there.directory.hold("s")
        await until(lambda: here.presence.count("r") == 2 and here.directory.holder("s") is not None)
        await there.die()
        await until(lambda: here.presence.count("r") == 1 and here.directory.holder("s") is None, 60)
        assert here.directory.places() == []


async def test_the_holder_of_a_stream_is_known_at_once_and_forgotten_when_it_lets_go(server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        await here.directory.hold("s")
        await until(lambda: there.directory.holder("s") is not None, 20)
        found = there.directory.holder("s")
        assert found is not None
        assert (found.name, found.address, found.media) == ("a", "http://a", True)
        assert there.directory.place("a") == found
        await here.directory.release("s")
        await until(lambda: there.directory.holder("s") is None, 20)


async def test_whoever_took_a_stream_last_holds_it_and_the_other_one_yields(server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        await here.directory.hold("s")
        await until(lambda: there.directory.holder("s") is not None)
        await there.directory.hold("s")
        await until(lambda: here.yielded == ["s"])
        assert not here.directory.holds("s")
        assert there.directory.holds("s")
        assert there.yielded == []


async def test_a_place_that_cannot_be_reached_is_not_named_until_it_renews_its_card(server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        found = here.directory.place("b")
        assert found is not None
        there.cards._turn = asyncio.Lock()
        await there.cards._turn.acquire()
        await asyncio.sleep(0.1)
        await here.cards.exchange()
        here.directory.doubt(found)
        assert here.directory.place("b") is None
        there.cards._turn.release()
        await until(lambda: here.directory.place("b") is not None)


@pytest.mark.parametrize("fault", ["killed", "frozen", "flushed"])
async def test_without_redis_the_last_entry_serves_and_each_counts_its_own(fault: str, server: Valkey) -> None:
    async with pair(server.url) as (here, there):
        here.presence.note("r", {"d1"})
        there.presence.note("r", {"d2"})
        await there.directory.hold("s")
        await until(lambda: here.presence.count("r") == 2 and here.directory.holder("s") is not None)
        if fault == "flushed":
            server.do("FLUSHALL")
        else:
            (server.kill if fault == "killed" else server.freeze)()
            await until(lambda: here.presence.count("r") == 1 and not here.directory.known, 8)
            assert here.directory.holder("s") is not None, "the last known one"
            (server.start if fault == "killed" else server.thaw)()
        await until(lambda: here.directory.known and here.presence.count("r") == there.presence.count("r") == 2, 8)
        await until(lambda: here.directory.holder("s") is not None)


async def test_a_clean_stop_is_seen_at_once(server: Valkey) -> None:
    async with process(server.url, "a") as here:
        async with process(server.url, "b"):
            await until(lambda: here.directory.place("b") is not None)
        await until(lambda: here.directory.place("b") is None, 1.8)
