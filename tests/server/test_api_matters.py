"""Matters through the API: what everybody sees, what those see whose work they are, and the steps they take."""

from __future__ import annotations

from typing import Any

import pytest

from liveroom.rooms.roles import Role
from liveroom.server import keys
from tests.server.test_api import API
from tests.support.works import TO_HANDLING, others, suggestion, token, work_order
from tests.support.world import World

INSIDE = "单位内部的沟通内容"


async def get(world: World, path: str, header: dict[str, str] | None = None) -> Any:
    answer = await (await world.visitor()).get(API + path, headers=header)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_numbered_suggestions_are_public_and_drafts_are_not(world: World) -> None:
    await suggestion(world, "草稿", ())
    first = await suggestion(world, "码头的灯")
    second = await suggestion(world, "停航通知", TO_HANDLING[:3])
    listed = await get(world, "/matters")
    assert [(item["number"], item["title"]) for item in listed["items"]] == [
        (second.number, "停航通知"),
        (first.number, "码头的灯"),
    ]
    assert listed["items"][1]["unit_name"] == "水务局"
    assert [i["title"] for i in (await get(world, "/matters?state=handling"))["items"]] == ["码头的灯"]
    assert (await get(world, "/matters?kind=commitment"))["items"] == []
    assert [i["title"] for i in (await get(world, "/matters?q=停航"))["items"]] == ["停航通知"]
    page = await get(world, "/matters?limit=1")
    rest = await get(world, f"/matters?limit=1&cursor={page['next']}")
    assert [i["title"] for i in page["items"] + rest["items"]] == ["停航通知", "码头的灯"]
    assert rest["next"] == ""


async def test_a_public_matter_has_its_public_history_alone(world: World) -> None:
    matter = await suggestion(world, "码头的灯", (*TO_HANDLING, ("contact", {"contact": INSIDE}, "unit")))
    whole = await get(world, f"/matters/{matter.number}")
    assert whole["matter"]["state"] == "handling"
    assert [step["what"] for step in whole["history"]][-2:] == ["accept", "contact"]
    assert INSIDE not in str(whole)
    assert "by_name" not in whole["history"][0]


async def test_a_work_order_is_not_for_everybody(world: World) -> None:
    order = await work_order(world, "水管", "王某家的水管")
    client = await world.visitor()
    assert (await client.get(f"{API}/matters/{order.number}")).status == 404
    assert (await client.get(f"{API}/matters?kind=work_order")).status == 400
    listed = await get(world, "/worklist?kind=work_order", await token(world))
    assert [item["id"] for item in listed["items"]] == [order.id]


async def test_work_is_for_those_whom_it_concerns(world: World) -> None:
    stranger, harbour = await others(world)
    matter = await suggestion(world, "码头的灯", (*TO_HANDLING, ("contact", {"contact": INSIDE}, "unit")))
    client = await world.visitor()
    for login, role, sees in (
        ("office", Role.OFFICE, True),
        ("unit", Role.UNIT_HEAD, True),
        ("deputy", Role.DEPUTY, True),
        (stranger, Role.DEPUTY, False),
        (harbour, Role.UNIT_HEAD, False),
    ):
        header = await token(world, login, role)
        listed = await get(world, "/worklist", header)
        assert [item["id"] for item in listed["items"]] == ([matter.id] if sees else []), login
        for method in (client.get(f"{API}/worklist/{matter.id}", headers=header),):
            assert (await method).status == (200 if sees else 404)
        wish = {"command": "contact", "values": {"contact": "x"}}
        answer = await client.post(f"{API}/matters/{matter.id}/steps", json=wish, headers=header)
        assert answer.status == (404 if not sees else 200 if login == "unit" else 403), login
    whole = await get(world, f"/worklist/{matter.id}", await token(world, "unit", Role.UNIT_HEAD))
    assert INSIDE in str(whole)
    assert whole["history"][0]["by_name"] == "office 甲"
    reply = next(step for step in whole["possible"] if step["command"] == "reply")
    assert {field["name"] for field in reply["fields"]} >= {"class", "text"}


async def test_what_a_unit_has_not_said_yet_is_not_for_the_deputy(world: World) -> None:
    draft = ("prepare_reply", {"class": "A", "text": "还没有签发的答复"}, "unit")
    contact = ("contact", {"contact": "电话"}, "unit")
    matter = await suggestion(world, "码头的灯", (*TO_HANDLING, contact, draft))
    for login, role, reads in (
        ("unit", Role.UNIT_HEAD, True),
        ("office", Role.OFFICE, True),
        ("deputy", Role.DEPUTY, False),
    ):
        whole = await get(world, f"/worklist/{matter.id}", await token(world, login, role))
        assert ("还没有签发的答复" in str(whole)) == reads, login


async def test_only_what_waits_for_the_caller(world: World) -> None:
    theirs = await suggestion(world, "等单位", TO_HANDLING[:4])
    await suggestion(world, "等工委", TO_HANDLING[:2])
    header = await token(world, "unit", Role.UNIT_HEAD)
    assert [i["id"] for i in (await get(world, "/worklist?turn=true", header))["items"]] == [theirs.id]
    assert (await get(world, "/worklist?overdue=true", header))["items"] == []


async def test_a_step_is_taken_once_and_on_what_was_seen(world: World) -> None:
    matter = await suggestion(world, "码头的灯", TO_HANDLING[:4])
    client, header = await world.visitor(), await token(world, "unit", Role.UNIT_HEAD)
    seen = await client.get(f"{API}/worklist/{matter.id}", headers=header)
    tag = seen.headers["ETag"]
    assert (await client.get(f"{API}/worklist/{matter.id}", headers={**header, "If-None-Match": tag})).status == 304
    call = {**header, "If-Match": tag, "Idempotency-Key": "once"}
    address, wish = f"{API}/matters/{matter.id}/steps", {"command": "accept"}
    taken = await client.post(address, json=wish, headers=call)
    assert (taken.status, (await taken.json())["work"]["matter"]["state"]) == (200, "handling")
    again = await client.post(address, json=wish, headers=call)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    stale = await client.post(address, json={"command": "contact", "values": {"contact": "电话"}},
                              headers={**header, "If-Match": tag})  # fmt: skip
    assert (stale.status, (await stale.json(content_type=None))["code"]) == (412, "tag_differs")
    fresh = await client.post(address, json={"command": "contact", "values": {"contact": "电话"}},
                              headers={**header, "If-Match": taken.headers["ETag"]})  # fmt: skip
    assert fresh.status == 200
    assert len(await world.app[keys.MATTERS].history(matter.id)) == 7


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"command": "accept"}, 409, "wrong_state"),
        ({"command": "assign", "values": {}}, 403, "forbidden"),
        ({"command": "nothing"}, 404, "not_found"),
        ({"command": "contact", "values": {"contact": ""}}, 400, "empty"),
        ({"command": "reply", "values": {"class": "Z", "text": "x"}}, 400, "bad_choice"),
        ({"values": {}}, 400, "bad_body"),
    ],
)
async def test_a_step_that_is_not_allowed_is_refused_with_its_code(
    world: World, wish: dict[str, Any], status: int, code: str
) -> None:
    matter = await suggestion(world, "码头的灯")
    header = await token(world, "unit", Role.UNIT_HEAD)
    answer = await (await world.visitor()).post(f"{API}/matters/{matter.id}/steps", json=wish, headers=header)
    assert (answer.status, (await answer.json(content_type=None))["code"]) == (status, code)


@pytest.mark.parametrize(("login", "role"), [("auditor", Role.AUDITOR), ("producer", Role.PRODUCER)])
async def test_whoever_has_no_work_list_has_none_here(world: World, login: str, role: Role) -> None:
    client, header = await world.visitor(), await token(world, login, role)
    assert (await client.get(f"{API}/worklist", headers=header)).status == 403
    assert (await client.get(f"{API}/worklist")).status == 401
