from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from liveroom.server import keys
from tests.support.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.make(tmp_path)
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One world for all tests of a module that ask it many things and change nothing; they are marked `IN_ONE_LOOP`."""
    made = await World.make(tmp_path_factory.mktemp("standing"))
    yield made
    await made.close()


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[World]:
    """A world that is told things at any hour, and whose outbox tests work off themselves."""
    made = await World.make(tmp_path, quiet_hours="none", public_url="https://live.example.org")
    await made.app[keys.WORKING_OFF].stop()
    yield made
    await made.close()
