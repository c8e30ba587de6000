"""Halls that are opened and closed in trouble leave nothing behind, and an error of ours makes no room deaf."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import WSMsgType

from liveroom import background
from liveroom.errors import Unavailable
from liveroom.ports.bus import claims_topic
from liveroom.server import keys
from liveroom.server.channel import RESYNC
from tests.support.world import Wire, World


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


async def test_an_error_in_the_telling_sends_everybody_back_and_the_next_news_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    asker = await Wire.open(await world.visitor())

    async def fail(*_: Any) -> Any:
        raise ValueError("nobody foresaw this")

    monkeypatch.setattr(background, "PAUSE", 0.01)
    with monkeypatch.context() as patch:
        patch.setattr(world.app[keys.VERBS].attending, "missed", fail)
        await asker.ask("第一问？")
        while (heard := await desk.socket.receive(timeout=10)).type is WSMsgType.TEXT:
            pass
        assert heard.data == RESYNC
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    await desk.hear("counts")
    await (await Wire.open(await world.visitor())).ask("第二问？")
    told = [""]
    while "第二问？" not in told:
        told = [question["text"] for question in (await desk.hear("feed", 10))["changed"]]
