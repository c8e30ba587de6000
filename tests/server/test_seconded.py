"""Whoever seconded reads what is kept about them, by the browser that did, and has it erased: no vote is lost by it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from liveroom.matters.forgetting import person
from liveroom.rooms.roles import visitor
from liveroom.server import keys
from liveroom.server.identity import DEVICE_COOKIE
from tests.server.test_own_data import everything, wrong
from tests.support.journeys import Journey
from tests.support.world import Wire, World, csrf

COMMENT = "灯修好了，晚上看得见路"


@pytest.fixture
async def world(tmp_path: Path) -> Any:
    world = await World.make(tmp_path / "data")
    yield world
    await world.close()


async def erase(client: TestClient, **fields: str) -> Any:
    form = {"csrf": await csrf(client, "/verify"), "sure": "yes", **fields}
    return await client.post("/seconded/erase", data=form, allow_redirects=False)


async def kept(client: TestClient) -> Any:
    return await (await client.get("/seconded/data.json")).json()


async def browser(world: World) -> tuple[TestClient, str]:
    """Somebody who has been here, and the name of their browser."""
    client = await world.visitor()
    await client.get("/")
    (cookie,) = [one for one in client.session.cookie_jar if one.key == DEVICE_COOKIE]
    return client, cookie.value.split(".")[0]


async def test_a_browser_sees_what_it_seconded_and_nobody_elses(world: World) -> None:
    await world.live()
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("moderator"), "desk")
    first, second = await asker.ask("码头的灯坏了。"), await asker.ask("水库的水为什么是黄的？")
    for one in (first, second):
        await desk.wish(type="publish", question=one["id"])
    client, name = await browser(world)
    other, another = await browser(world)
    await (await Wire.open(client)).wish(type="second", question=first["id"])
    await (await Wire.open(other)).wish(type="second", question=second["id"])
    data = await kept(client)
    assert data["browser"] == name
    assert [(one["label"], one["text"], one["can_be_erased"]) for one in data["seconded"]] == [
        (first["label"], "码头的灯坏了。", False)
    ]
    page = await (await client.get("/seconded")).text()
    assert "码头的灯坏了。" in page
    for private in ("水库的水", another):
        assert private not in page
        assert private not in str(data)
    stranger, _ = await browser(world)
    assert await kept(stranger) == {"browser": "", "verified_contact": "", "seconded": []}
    assert "这台设备没有附议过" in await (await stranger.get("/seconded")).text()
    # What is public no more is somebody else's word alone.
    await desk.wish(type="refuse", question=first["id"], reason="personal", note="")
    assert [one["text"] for one in (await kept(client))["seconded"]] == [""]


async def test_a_vote_that_could_be_given_again_is_not_let_go(world: World) -> None:
    await world.live()
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("moderator"), "desk")
    question = await asker.ask("码头的灯坏了。")
    await desk.wish(type="publish", question=question["id"])
    client, name = await browser(world)
    wire = await Wire.open(client)
    await wire.wish(type="second", question=question["id"])
    assert (await erase(client)).status == 303
    await wire.wish(type="second", question=question["id"])
    assert dict(await world.app[keys.RECORDS].votes(world.session)) == {question["id"]: 1}
    assert name in await everything(world)
    page = await (await client.get("/seconded")).text()
    assert "现在还不能删除" in page
    assert 'action="/seconded/erase"' not in page
    for fields in ({}, {"sure": "no"}):
        form = {"csrf": await csrf(client, "/verify"), **fields}
        assert (await client.post("/seconded/erase", data=form)).status == 400
    assert (await client.post("/seconded/erase", data={"sure": "yes"})).status == 403


async def test_what_is_erased_stays_counted_and_is_nobodys(world: World) -> None:
    client, name = await browser(world)
    (journey,) = await Journey.evening(world, "码头照明", seconder=visitor(name))
    await (await journey.begun()).replied()
    await journey.judged()
    matter = await journey.now()
    form = {"csrf": await csrf(client, "/verify"), "solved": "no", "comment": COMMENT}
    answer = await client.post(f"/suggestions/{matter.number}/check", data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    records = world.app[keys.RECORDS]
    votes, checks = dict(await records.votes(world.session)), (await journey.now()).checks
    assert votes == {journey.asked[0].id: 1}
    assert [(one["answer"], one["comment"]) for one in (await kept(client))["seconded"][0]["said"]] == [("no", COMMENT)]
    found = await everything(world)
    for private in (name, person(matter.id, name), COMMENT):
        assert private in found, f"{private} was kept"

    stranger, _ = await browser(world)
    assert (await erase(stranger)).status == 303
    assert COMMENT in await everything(world), "nobody erases what is another's"
    assert (await erase(client)).headers["Location"] == "/seconded?erased=1"
    assert "已经按您的要求删除" in await (await client.get("/seconded?erased=1")).text()

    found = await everything(world)
    for private in (name, person(matter.id, name), COMMENT):
        assert private not in found, private
    assert dict(await records.votes(world.session)) == votes
    after = (await journey.now()).checks
    assert [(one.solved, one.reopened) for one in after] == [(one.solved, one.reopened) for one in checks]
    assert await wrong(world) == []
    assert (await kept(client))["seconded"] == []
    form["csrf"] = await csrf(client, "/verify")
    again = await client.post(f"/suggestions/{matter.number}/check", data=form, allow_redirects=False)
    assert again.status != 303, "it is not said twice"
    assert len((await journey.now()).checks) == len(after)


async def test_whoever_asked_keeps_one_voice_and_does_not_become_a_seconder(world: World) -> None:
    """An asker who seconded their own question before it was merged does not count; nor do they after erasing."""
    await world.live()
    client, name = await browser(world)
    asker, other = await Wire.open(client), await Wire.open(await world.visitor())
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    mine, same = await asker.ask("码头的灯什么时候修？"), await other.ask("码头的灯坏了。")
    for one in (mine, same):
        await desk.wish(type="publish", question=one["id"])
    await asker.wish(type="second", question=same["id"])
    await desk.wish(type="merge", question=mine["id"], into=same["id"])
    office = await world.app[keys.PEOPLE].account("office")
    assert office is not None
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, office.actor)
    assert dict(await world.app[keys.RECORDS].votes(world.session)) == {}
    assert [one["can_be_erased"] for one in (await kept(client))["seconded"]] == [False]
    assert (await erase(client)).status == 303
    assert await world.app[keys.RECORDS].voters(world.session) == {same["id"]: {name}}


async def test_two_who_erase_at_once_leave_one_seal_that_holds(world: World) -> None:
    await world.live()
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("moderator"), "desk")
    question = await asker.ask("码头的灯坏了。")
    await desk.wish(type="publish", question=question["id"])
    browsers = [await browser(world) for _ in range(4)]
    for client, _ in browsers:
        await (await Wire.open(client)).wish(type="second", question=question["id"])
    office = await world.app[keys.PEOPLE].account("office")
    assert office is not None
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, office.actor)
    answers = await asyncio.gather(*(erase(client) for client, _ in browsers))
    assert [answer.status for answer in answers] == [303] * 4
    assert dict(await world.app[keys.RECORDS].votes(world.session)) == {question["id"]: 4}
    assert await wrong(world) == []
    found = await everything(world)
    assert not [name for _, name in browsers if name in found]
