"""The first start of a demo: its folder gets a whole world or none. Knows nothing of what the world holds."""

from __future__ import annotations

import shutil
from dataclasses import replace

from aiohttp import web

from liveroom.app import make_app
from liveroom.demo.world import make_past
from liveroom.server import keys
from liveroom.settings import Settings
from liveroom.storage import folder

UNFINISHED = "demo-unfinished"


async def prepare(settings: Settings) -> None:
    """Make the world of a new folder beside its database and put it there when it is whole.

    Whoever stops the demo meanwhile begins again from the start next time. Records that are there already are left
    alone. Raises what `make_app` raises.
    """
    database = folder.prepare(settings.data)
    if database.stat().st_size:
        return
    unfinished = settings.data / UNFINISHED
    with folder.serving(settings.data):
        shutil.rmtree(unfinished, ignore_errors=True)
        runner = web.AppRunner(await make_app(replace(settings, data=unfinished, udp_port=0), demo=True))
        await runner.setup()
        # The past is made at its own times: nothing of it is late yet.
        await runner.app[keys.WORKING_OFF].stop()
        try:
            await make_past(runner.app)
        finally:
            await runner.cleanup()
        # The last connection has closed and left one file without a log beside it.
        (unfinished / folder.DATABASE).replace(database)
        shutil.rmtree(unfinished)
