from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.media_server import Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server.run() as running:
        yield running
