"""Halls that are opened and closed in trouble leave nothing behind, and an error of ours makes no room deaf."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from liveroom.errors import Unavailable
from liveroom.ports.bus import claims_topic
from liveroom.server import keys
from tests.support.world import World


async def test_a_hall_that_could_not_be_opened_at_first_is_followed_by_nobody_once_it_is_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    halls, claiming = world.app[keys.HALLS], world.app[keys.VERBS].claiming

    async def refuse(_session: str) -> Any:
        raise Unavailable("the disk is on fire")

    with monkeypatch.context() as patch:
        patch.setattr(claiming, "held", refuse)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await halls.enter("r")
    await halls.enter("r")
    assert claims_topic(world.session) in world.app[keys.BUS].topics
    await halls.close()
    assert claims_topic(world.session) not in world.app[keys.BUS].topics


async def test_a_hall_that_is_closed_while_it_opens_goes_on_with_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    halls, claiming = world.app[keys.HALLS], world.app[keys.VERBS].claiming
    asked, may_go_on, held = asyncio.Event(), asyncio.Event(), claiming.held

    async def wait(session: str) -> Any:
        asked.set()
        await may_go_on.wait()
        return await held(session)

    monkeypatch.setattr(claiming, "held", wait)
    before = asyncio.all_tasks()
    entering = asyncio.create_task(halls.enter("r"))
    await asked.wait()
    closing = asyncio.create_task(halls.close())
    await asyncio.sleep(0)
    may_go_on.set()
    await closing
    await entering
    assert asyncio.all_tasks() == before
    assert claims_topic(world.session) not in world.app[keys.BUS].topics
