"""Who asked may be reached by the unit of their matter: with their word, while it is open, and they see it."""

from __future__ import annotations

import json

from aiohttp.test_utils import TestClient

from liveroom.ids import show_tracking_code
from liveroom.server import keys
from liveroom.storage import folder
from tests.support.journeys import ASKER, NEIGHBOUR, Journey
from tests.support.world import World, csrf

CONTACT, SHOWN = "13800000021", "查看联系方式"


async def proved(world: World, device: str, contact: str = CONTACT) -> None:
    verifying = world.app[keys.VERBS].verifying
    await verifying.send_code(device, "198.51.100.7", contact)
    sent = sorted((world.app[keys.SETTINGS].data / folder.CODES).glob("*.json"))
    await verifying.confirm(device, json.loads(sent[-1].read_text())["code"])


async def send(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    response = await client.post(path, data={"csrf": await csrf(client, "/verify"), **fields})
    return response.status, await response.text()


async def text_of(client: TestClient, path: str) -> str:
    return await (await client.get(path)).text()


async def test_a_unit_sees_a_contact_only_after_the_asker_agreed_and_until_they_take_it_back(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    await proved(world, ASKER.id)
    asker, unit = await world.visitor(), await world.sign_in("unit")
    track = f"/track/{show_tracking_code(journey.code)}"
    look = f"{journey.page}/askers/{journey.asked[0].id}"
    assert SHOWN not in await text_of(unit, journey.page)
    status, text = await send(unit, look, reason="约时间到码头看看")
    assert (status, CONTACT in text, "没有同意" in text) == (409, False, True)

    assert "同意联系我" in await text_of(asker, track)
    assert (await send(asker, f"{track}/reach", reach="yes"))[0] == 200
    assert SHOWN in await text_of(unit, journey.page)
    assert CONTACT not in await text_of(unit, journey.page)
    status, text = await send(unit, look, reason=" ")
    assert (status, CONTACT in text, "请写下内容" in text) == (400, False, True)
    status, text = await send(unit, look, reason="约时间到码头看看")
    assert (status, CONTACT in text) == (200, True)
    assert "已查看 1 次" in await text_of(asker, track)
    own = await (await asker.get(f"{track}/data.json")).json()
    assert (own["reached"]["allowed"], len(own["reached"]["looked_at"])) == (True, 1)
    assert "承办单位查看过您的联系方式" in await text_of(asker, f"{track}/data")

    await send(asker, f"{track}/reach", reach="no")
    status, text = await send(unit, look, reason="约时间到码头看看")
    assert (status, CONTACT in text) == (409, False)
    assert (await send(asker, f"{track}/reach", reach="maybe"))[0] == 400


async def test_nobody_but_the_unit_that_handles_it_reaches_an_asker(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    await proved(world, NEIGHBOUR.id)
    reaching = world.app[keys.VERBS].reaching
    merged = journey.asked[1]
    await reaching.allow(merged)
    assert [q.id for q in await reaching.willing(await journey.now(), journey.people["unit"])] == [merged.id]
    for login in ("office", "deputy", "moderator", "lead", "auditor", "harbour"):
        client = await world.sign_in(login)
        status, text = await send(client, f"{journey.page}/askers/{merged.id}", reason="想知道是谁")
        assert status in (403, 404), login
        assert CONTACT not in text
    other = journey.asked[2]
    await reaching.allow(other)
    status, _ = await send(await world.sign_in("unit"), f"{journey.page}/askers/{other.id}", reason="别的提问")
    assert status == 409


async def test_what_is_closed_and_what_is_erased_reaches_nobody(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    await proved(world, ASKER.id)
    verbs, unit = world.app[keys.VERBS], journey.people["unit"]
    await verbs.reaching.allow(journey.asked[0])
    assert len(await verbs.reaching.willing(await journey.now(), unit)) == 1
    await verbs.following_up.step(journey.matter, "withdraw", {"reason": "已另行解决"}, journey.people["deputy"])
    assert await verbs.reaching.willing(await journey.now(), unit) == []
    client = await world.sign_in("unit")
    assert (await send(client, f"{journey.page}/askers/{journey.asked[0].id}", reason="再问一下"))[0] == 403
    track = f"/track/{show_tracking_code(journey.code)}"
    assert "承办单位可以联系您吗" not in await text_of(await world.visitor(), track)


async def test_whoever_proved_no_contact_is_led_there_and_a_stranger_with_the_code_is_not(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    track = f"/track/{show_tracking_code(journey.code)}"
    stranger = await world.visitor()
    assert "承办单位可以联系您吗" not in await text_of(stranger, track)
    assert (await send(stranger, f"{track}/reach", reach="yes"))[0] == 409
    await proved(world, ASKER.id)
    assert "同意联系我" in await text_of(stranger, track)
