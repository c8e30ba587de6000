"""How a command works on the records, wherever the settings say they are. Knows no command by name."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from liveroom import settings
from liveroom.cli.run import run
from liveroom.storage.database import Database
from liveroom.storage.opening import opened


def with_database(data: Path | None, work: Callable[[Database], Awaitable[None]]) -> None:
    """Run a command on the newest schema; a server that is running meanwhile goes on."""

    async def running() -> None:
        database = await opened(settings.read(os.environ, data=data))
        try:
            await work(database)
        finally:
            await database.close()

    run(running)
