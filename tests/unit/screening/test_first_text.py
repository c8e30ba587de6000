"""A server that has just started takes no question unscreened."""

from __future__ import annotations

import asyncio

from liveroom.actions.screen import Screening
from liveroom.screening.folds import Folds
from tests.support.screening import NoLists


async def test_the_first_text_waits_for_the_tables_and_is_screened() -> None:
    loaded = asyncio.Event()

    async def folds() -> Folds:
        await loaded.wait()
        return Folds({}, {})

    screening = Screening(NoLists(), folds)
    looking = [asyncio.create_task(screening.look(text=f"{n}，打 13800138000")) for n in range(3)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in looking)
    loaded.set()
    assert [looked.shown["text"] for looked in await asyncio.gather(*looking)] == [
        f"{n}，打 ***********" for n in range(3)
    ]
