"""Whoever joined and left is forgotten, to the last object: by the media plane, the doors and the hall."""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from liveroom.relay.track import HISTORY_PACKETS
from liveroom.server import keys
from tests.support.cheap import Cheap
from tests.support.world import Wire, World

JoinAndLeave = Callable[[World], Awaitable[None]]
TIMES = 100


@asynccontextmanager
async def on_air(world: World) -> AsyncIterator[None]:
    """While somebody broadcasts."""
    client, publisher = await world.visitor(), Cheap()
    address = str(client.make_url("/rooms/r/whip"))
    assert await publisher.negotiate(client.session, address, "sendonly", "token") == 201, publisher.answer
    await publisher.connect()

    # The history fills first, so that its growth is not taken for a leak.
    for _ in range(HISTORY_PACKETS + 10):
        publisher.send_picture()
        await asyncio.sleep(0)

    async def send() -> None:
        while True:
            publisher.send_picture()
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(send())
    async with asyncio.timeout(30):
        while not world.app[keys.MEDIA].is_live(world.session):
            await asyncio.sleep(0.02)
    yield
    sending.cancel()
    await publisher.close(client.session)


async def watch(world: World) -> None:
    """A viewer of the stream."""
    client, viewer = await world.visitor(), Cheap()
    address = str(client.make_url("/rooms/r/whep"))
    assert await viewer.negotiate(client.session, address, "recvonly") == 201, viewer.answer
    await viewer.connect()
    await viewer.close(client.session)


async def look(world: World) -> None:
    """A reader of the page."""
    client = await world.visitor()
    wire = await Wire.open(client)
    await wire.hear("snapshot")
    await wire.socket.close()


async def held(world: World, join_and_leave: JoinAndLeave) -> int:
    """The blocks of memory that Python holds when `TIMES` came and went."""
    for _ in range(TIMES):
        await join_and_leave(world)
        await world.clients.pop().session.close()
    gc.collect()
    return sys.getallocatedblocks()


@pytest.mark.parametrize("join_and_leave", [watch, look])
async def test_who_joined_and_left_is_forgotten(world: World, join_and_leave: JoinAndLeave) -> None:
    """What a visitor leaves behind is left each time; what libraries keep for themselves comes and goes.

    The smallest object in a dictionary is two or three blocks.
    """
    world.app[keys.LIMITS].per_minute["watch"] = 10 * TIMES
    async with on_air(world):
        await held(world, join_and_leave)
        rounds = [await held(world, join_and_leave) for _ in range(4)]
    left = [(after - before) / TIMES for before, after in itertools.pairwise(rounds)]
    assert min(left) < 1, left
