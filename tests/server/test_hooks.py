"""Webhooks from the office's page to the other program: what is told, to whom, signed, once, and again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from liveroom.ports.hooks import Way
from liveroom.ports.jobs import Job
from liveroom.server import keys
from tests.support.works import TO_HANDLING, actor, suggestion, work_order
from tests.support.world import IN_ONE_LOOP, ROLES, World, csrf

PAGE = "/office/hooks"
INSIDE = "单位内部的沟通内容"
PREPARED = ("prepare_reply", {"class": "A", "text": "还没有签发"}, "unit")


class Receiver:
    """Another program: what it heard, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.raw: list[tuple[bytes, dict[str, str]]] = []
        self.answer = 204
        self.server = TestServer(self._app())

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.raw.append((body, dict(request.headers)))
        if self.answer < 300:
            self.heard.append(json.loads(body))
        return web.Response(status=self.answer)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/hook"))

    async def hears(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.raw) < count:
                await asyncio.sleep(0.05)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.make(tmp_path, hooks_private=True)
    yield made
    await made.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.server.start_server()
    yield made
    await made.server.close()


async def register(world: World, url: str, *events: str, name: str = "政务系统") -> tuple[str, bytes]:
    """A hook, by the office's page; its identifier and its secret."""
    client = await world.sign_in("office")
    form = {"csrf": await csrf(client, PAGE), "name": name, "url": url, "event": list(events)}
    page = await (await client.post(PAGE, data=form)).text()
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page.replace("&#43;", "+"))
    assert secret is not None, page
    hook = (await world.app[keys.VERBS].telling_programs.all(await actor(world, "office")))[-1][0]
    assert secret[0] not in await (await client.get(PAGE)).text(), "it is shown once"
    return hook.id, base64.b64decode(secret[0].removeprefix("whsec_"))


def right(secret: bytes, body: bytes, headers: dict[str, str]) -> str:
    """The signature that a body must have, made without a word of ours (Standard Webhooks 1.0.0)."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()}"


async def latest(world: World) -> list[Any]:
    ((_, deliveries),) = await world.app[keys.VERBS].telling_programs.all(await actor(world, "office"))
    return deliveries


async def announced(world: World) -> None:
    """Until nothing waits to be planned."""
    later = world.app[keys.CLOCK]() + timedelta(days=1)
    async with asyncio.timeout(60):
        while await world.app[keys.JOBS].next_due(later, ["announce"]) is not None:
            await asyncio.sleep(0.05)


async def settled(world: World, way: Way) -> None:
    async with asyncio.timeout(60):
        while not (found := await latest(world)) or any(delivery.way is not way for delivery in found):
            await asyncio.sleep(0.05)


async def test_public_steps_are_told_signed_and_once(world: World, receiver: Receiver) -> None:
    _, secret = await register(world, receiver.url, "matter.registered", "matter.step")
    steps = (
        *TO_HANDLING,
        ("contact", {"contact": INSIDE}, "unit"),
        ("prepare_reply", {"class": "A", "text": "x"}, "unit"),
    )
    matter = await suggestion(world, "码头的灯", steps)
    await work_order(world, "水管", "不该公开")
    await announced(world)
    await receiver.hears(4)
    await settled(world, Way.SENT)
    kinds = sorted((said["data"]["what"], said["type"]) for said in receiver.heard)
    assert kinds == [
        ("accept", "matter.step"),
        ("assign", "matter.step"),
        ("contact", "matter.step"),
        ("register", "matter.registered"),
    ], "nothing from before it was public, nothing internal"
    assert {said["data"]["number"] for said in receiver.heard} == {matter.number}
    assert INSIDE not in str(receiver.heard)
    assert PREPARED[1]["text"] not in str(receiver.heard)
    body, headers = receiver.raw[0]
    assert headers["webhook-signature"] == right(secret, body, headers)
    assert len({headers["webhook-id"] for _, headers in receiver.raw}) == 4


async def test_a_step_is_planned_once_however_often_it_is_announced(world: World, receiver: Receiver) -> None:
    await register(world, receiver.url, "matter.step")
    matter = await suggestion(world, "码头的灯", TO_HANDLING[:3])
    await announced(world)
    job = Job("announce", "k", world.app[keys.CLOCK](), {"matter": matter.id, "seq": matter.seq})
    for _ in range(3):
        await world.app[keys.VERBS].telling_programs.announce(job)
    assert len(await latest(world)) == 1


async def test_only_what_was_asked_for(world: World, receiver: Receiver) -> None:
    await register(world, receiver.url, "matter.assigned")
    await suggestion(world, "码头的灯")
    await receiver.hears(1)
    await settled(world, Way.SENT)
    assert [said["data"]["what"] for said in receiver.heard] == ["assign"]


async def test_a_program_that_fails_is_tried_again_under_the_same_name(world: World, receiver: Receiver) -> None:
    await register(world, receiver.url, "matter.assigned")
    receiver.answer = 500
    await suggestion(world, "码头的灯")
    await receiver.hears(1)
    async with asyncio.timeout(60):
        while not (await latest(world))[0].attempts:
            await asyncio.sleep(0.05)
    (waiting,) = await latest(world)
    assert (waiting.way, waiting.status, waiting.attempts) == (Way.WAITING, 500, 1)
    page = await (await (await world.sign_in("office")).get(PAGE)).text()
    assert "等待发送" in page
    assert "对方回答 500" in page


async def test_a_program_that_is_gone_is_told_nothing_more(world: World, receiver: Receiver) -> None:
    hook, _ = await register(world, receiver.url, "matter.step")
    receiver.answer = 410
    client = await world.sign_in("office")
    word = {"csrf": await csrf(client, PAGE)}
    await client.post(f"{PAGE}/{hook}/ping", data=word)
    await settled(world, Way.FAILED)
    assert "对方不再接收" in await (await client.get(PAGE)).text()
    await suggestion(world, "码头的灯")
    await announced(world)
    assert len(receiver.raw) == 1
    receiver.answer = 204
    await client.post(f"{PAGE}/{hook}/start", data=word)
    (failed,) = await latest(world)
    await client.post(f"{PAGE}/deliveries/{failed.id}/again", data=word)
    await settled(world, Way.SENT)
    assert [headers["webhook-id"] for _, headers in receiver.raw] == [failed.id] * 2
    assert receiver.heard[0]["type"] == "ping"
    await client.post(f"{PAGE}/{hook}/remove", data=word)
    assert "政务系统" not in await (await client.get(PAGE)).text()


async def test_without_the_setting_nothing_goes_to_the_house(tmp_path: Path, receiver: Receiver) -> None:
    world = await World.make(tmp_path)
    try:
        client = await world.sign_in("office")
        form = {"csrf": await csrf(client, PAGE), "name": "x", "url": receiver.url, "event": "matter.step"}
        answer = await client.post(PAGE, data=form)
        assert (answer.status, "以 https 开头" in await answer.text()) == (400, True)
        await register(world, f"https://127.0.0.1:{receiver.server.port}/hook", "matter.step")
        hook = (await world.app[keys.VERBS].telling_programs.all(await actor(world, "office")))[0][0]
        await client.post(f"{PAGE}/{hook.id}/ping", data={"csrf": form["csrf"]})
        await settled(world, Way.FAILED)
        assert (await latest(world))[0].problem == "hook_address"
        assert "地址指向内网" in await (await client.get(PAGE)).text()
        assert receiver.raw == []
    finally:
        await world.close()


async def test_what_is_not_right_is_said_and_what_was_typed_stays(world: World) -> None:
    client = await world.sign_in("office")
    word = await csrf(client, PAGE)
    for form, words in (
        ({"name": "", "url": "https://example.org/", "event": "matter.step"}, "请写下内容"),
        ({"name": "x", "url": "https://example.org/"}, "请至少勾选一种步骤"),
        ({"name": "x", "url": "https://a@example.org/", "event": "matter.step"}, "不带用户名"),
        ({"name": "x", "url": "https://example.org/", "event": "matter.all"}, "请从列出的选项中选择"),
    ):
        page = await (await client.post(PAGE, data={"csrf": word, **form})).text()
        assert words in page
        assert f'value="{form["url"]}"' in page
    for deed in ("ping", "stop", "start", "remove", "explode"):
        assert (await client.post(f"{PAGE}/none/{deed}", data={"csrf": word})).status == 404
    assert (await client.post(f"{PAGE}/deliveries/none/again", data={"csrf": word})).status == 409


@IN_ONE_LOOP
@pytest.mark.parametrize("login", [*ROLES, None])
async def test_only_the_office_says_who_is_told(standing: World, login: str | None) -> None:
    client = await (standing.sign_in(login) if login else standing.visitor())
    answer = await client.get(PAGE, allow_redirects=False, headers={"Accept": "text/html"})
    assert answer.status == (200 if login == "office" else 403 if login else 303)
