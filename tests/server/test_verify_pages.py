"""Verifying a contact: steps, limits, what is told and to whom."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp.test_utils import TestClient

from liveroom import clock, ids
from liveroom.contacts import read_contact
from liveroom.delivery.file import FileSender
from liveroom.ports.vault import CodeSender
from liveroom.server import keys
from liveroom.storage import folder
from tests.support.world import Wire, World, csrf


def codes(world: World) -> list[dict[str, str]]:
    """What the file driver wrote, oldest first."""
    folder_ = world.app[keys.SETTINGS].data / folder.CODES
    return [json.loads(path.read_text()) for path in sorted(folder_.glob("*.json"))]


async def post(client: TestClient, step: str, **fields: str) -> tuple[int, str]:
    fields = {"csrf": await csrf(client, "/verify"), "next": "/rooms/r", **fields}
    response = await client.post(f"/verify/{step}", data=fields)
    return response.status, await response.text()


async def verified(world: World, contact: str = "wang@example.org") -> TestClient:
    client = await world.visitor()
    await post(client, "contact", contact=contact)
    status, text = await post(client, "code", code=codes(world)[-1]["code"])
    assert (status, 'data-step="verified"' in text) == (200, True)
    return client


async def test_a_contact_is_verified_in_two_steps_without_scripts(world: World) -> None:
    client = await world.visitor()
    status, text = await post(client, "contact", contact="Wang")
    assert (status, "请写 11 位手机号" in text, 'value="Wang"' in text) == (400, True, True)
    status, text = await post(client, "contact", contact="138 0000 0021")
    assert (status, "138…21" in text, "13800000021" in text) == (200, True, False)
    (sent,) = codes(world)
    assert sent["to"] == "13800000021"
    status, text = await post(client, "code", code=sent["code"])
    assert (status, 'data-step="verified"' in text) == (200, True)
    room = await (await client.get("/rooms/r")).text()
    assert 'data-verified="true"' in room
    status, text = await post(client, "forget")
    assert 'data-step="contact"' in text
    assert 'data-verified="false"' in await (await client.get("/rooms/r")).text()


async def test_a_wrong_code_costs_a_try_and_five_end_it_also_for_the_right_one(world: World) -> None:
    client = await world.visitor()
    await post(client, "contact", contact="wang@example.org")
    right = codes(world)[-1]["code"]
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        status, text = await post(client, "code", code=wrong)
        assert (status, f"还可以试 {left} 次" in text) == (403, True)
    for code in (wrong, right):
        status, text = await post(client, "code", code=code)
        assert (status, "不能再用了" in text) == (409, True)
    assert codes(world) == [{"to": "wang@example.org", "code": right}]


async def test_a_second_code_within_a_minute_is_refused_to_the_device_that_asked(world: World) -> None:
    client = await world.visitor()
    await post(client, "contact", contact="wang@example.org")
    status, _ = await post(client, "contact", contact="other@example.org")
    assert status == 429
    assert len(codes(world)) == 1


async def test_nobody_learns_whether_a_contact_is_known_or_had_too_many_codes(world: World) -> None:
    await verified(world, "known@example.org")
    answers = []
    for contact in ("known@example.org",) * 6 + ("never@example.org",):
        client = await world.visitor()
        status, text = await post(client, "contact", contact=contact)
        token = await csrf(client, "/verify")
        answers.append((status, text.replace(token, "").replace(contact[0] + "…", "…")))
    assert len(set(answers)) == 1
    assert [code["to"] for code in codes(world)].count("known@example.org") == 5


async def test_verified_is_what_the_desk_sees_and_nobody_else(world: World) -> None:
    client = await verified(world)
    wire = await Wire.open(client)
    question = (await wire.wish(type="ask", key=ids.new_id(), text="有几班船？", verified=True))["question"]
    plain = (await wire.wish(type="ask", key=ids.new_id(), text="没有标明", verified=False))["question"]
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    snapshot = await desk.hear("snapshot")
    seen = {q["id"]: q["verified"] for q in snapshot["questions"]}
    assert seen == {question["id"]: True, plain["id"]: False}
    heard = json.dumps(desk.heard, ensure_ascii=False)
    assert "wang" not in heard
    assert "example.org" not in heard
    assert "verified" not in question


async def test_whoever_is_not_verified_does_not_pass_for_it(world: World) -> None:
    client = await world.visitor()
    page = "/rooms/r"
    wire = await Wire.open(client)
    refused = await wire.wish(type="ask", key=ids.new_id(), text="我是谁？", verified=True)
    assert (refused["code"], refused["retry_after"]) == ("not_verified", None)
    client.session.cookie_jar.update_cookies({"liveroom_verified": "1"}, client.make_url("/"))
    fields = {"csrf": await csrf(client, page), "key": ids.new_id(), "text": "我是谁？", "as": "verified"}
    response = await client.post(f"{page}/ask", data=fields)
    text = await response.text()
    assert (response.status, "还没有验证身份" in text, "我是谁？" in text) == (409, True, True)
    response = await client.post(f"{page}/ask", data=fields | {"as": "anonymous", "nickname": "小林"})
    assert response.status == 200
    sitting = await world.app[keys.VERBS].attending.sitting(world.session)
    assert [(q.nickname, q.verified) for q in sitting.queue.questions.values()] == [("", False)]


async def test_a_service_that_fails_is_told_and_what_was_typed_stays(world: World, tmp_path: Path) -> None:
    # Not a folder: nothing can be written there.
    (world.app[keys.SETTINGS].data / folder.CODES).write_text("")
    client = await world.visitor()
    status, text = await post(client, "contact", contact="wang@example.org")
    assert (status, "发不出去" in text, 'value="wang@example.org"' in text) == (503, True, True)


async def test_files_with_codes_are_for_our_own_user_and_do_not_pile_up(tmp_path: Path) -> None:
    sender: CodeSender = FileSender(tmp_path / "codes", clock.now)
    for number in range(55):
        await sender.send(read_contact("wang@example.org"), f"{number:06}")
    files = sorted((tmp_path / "codes").iterdir())
    assert [json.loads(file.read_text())["code"] for file in files] == [f"{n:06}" for n in range(5, 55)]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "codes").stat().st_mode & 0o777 == 0o700
