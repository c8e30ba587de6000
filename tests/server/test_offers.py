"""Offers that take their time: what happens between the question who may and the last byte."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from liveroom.server import keys, whip
from tests.support.cheap import Cheap, offer
from tests.support.world import World

HEADERS = {"Content-Type": "application/sdp", "Authorization": "Bearer token"}


async def half_a_body(go_on: asyncio.Event) -> AsyncIterator[bytes]:
    text = offer("sendonly").encode()
    yield text[:100]
    await go_on.wait()
    yield text[100:]


async def test_an_offer_that_was_on_its_way_when_the_session_was_cut_off_is_refused(world: World) -> None:
    await world.live()
    client, go_on = await world.visitor(), asyncio.Event()
    asked = asyncio.create_task(client.post("/rooms/r/whip", data=half_a_body(go_on), headers=HEADERS))
    await asyncio.sleep(0.2)
    lead = await world.app[keys.PEOPLE].account("lead")
    assert lead is not None
    await world.app[keys.VERBS].broadcasting.cut(world.app[keys.MEDIA], world.session, "跑题", lead.actor)
    go_on.set()
    answer = await asked
    assert answer.status == 409
    assert (await answer.json())["code"] == "session_cut"
    assert world.app[keys.MEDIA].facts()["publishers"] == 0


async def test_media_that_begin_to_flow_in_a_session_that_was_cut_off_are_stopped(world: World) -> None:
    await world.live()
    client, media = await world.visitor(), world.app[keys.MEDIA]
    publisher = Cheap()
    assert await publisher.negotiate(client.session, str(client.make_url("/rooms/r/whip")), "sendonly", "token") == 201
    lead = await world.app[keys.PEOPLE].account("lead")
    assert lead is not None
    broadcasting = world.app[keys.VERBS].broadcasting
    await broadcasting.cut(KeptOpen(), world.session, "跑题", lead.actor)
    await publisher.connect()
    publisher.send_picture()
    async with asyncio.timeout(30):
        while media.facts()["publishers"]:
            await asyncio.sleep(0.05)
    assert not media.is_live(world.session)
    assert (await world.app[keys.RECORDS].load(world.session)).session.state.value == "cut"
    publisher.transport.close()


class KeptOpen:
    """Media whose cut comes too early to hit anything."""

    async def cut(self, stream: str) -> None:
        return None

    def viewers(self, stream: str) -> int:
        return 0


@pytest.mark.parametrize("path", ["/rooms/r/whip", "/rooms/r/whep"])
async def test_an_offer_that_does_not_come_to_an_end_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(whip, "BODY_SECONDS", 0.3)
    client = await world.visitor()
    answer = await client.post(path, data=half_a_body(asyncio.Event()), headers=HEADERS)
    assert answer.status == 408
    assert (await answer.json())["code"] == "too_slow"


async def test_an_offer_that_breaks_off_leaves_no_traceback(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    client = await world.visitor()
    asked = asyncio.create_task(client.post("/rooms/r/whep", data=half_a_body(asyncio.Event()), headers=HEADERS))
    await asyncio.sleep(0.2)
    asked.cancel()
    await asyncio.sleep(0.2)
    assert [record.getMessage() for record in caplog.records] == []
