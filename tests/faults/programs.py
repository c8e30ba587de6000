"""Calls of the API that nobody foresaw, in a number that finds something."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.strangers import Told, call_a_world
from tests.support.world import World

CALLS = 5000


def strangers(folder: Path) -> list[str]:
    """Four roles and nobody, all addresses, what should be sent and what should not."""

    async def run() -> Told:
        world = await World.make(folder)
        try:
            return await call_a_world(world, CALLS)
        finally:
            await world.close()

    told = asyncio.run(run())
    lines = [f"{told.calls:,} calls of four roles and nobody: {told.by_status}, {len(told.leaks)} told too much"]
    assert told.leaks == [], [*lines, *told.leaks[:5]]
    assert max(told.by_status) < 500, lines
    return lines


FAULTS = {"api": strangers}
