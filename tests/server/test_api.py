"""The API: tokens, types, tags, repeated calls, limits, and who may call what."""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPMethod
from typing import Any

import msgspec
import pytest

from liveroom import clock
from liveroom.errors import Refused
from liveroom.rooms.roles import Role
from liveroom.rooms.station import Station
from liveroom.server import keys
from liveroom.server.api.door import _handler
from liveroom.server.api.operation import Answer, Call, Operation
from liveroom.server.api.table import OPERATIONS
from tests.support.works import token
from tests.support.world import Wire, World

API = "/api/v1"


async def test_sessions_are_read_by_everybody_and_page_by_page(world: World) -> None:
    client, office = await world.visitor(), await world.app[keys.PEOPLE].account("office")
    assert office is not None
    for n in range(3):
        start = clock.now() + timedelta(days=n + 1)
        await world.app[keys.VERBS].broadcasting.plan("r", f"第 {n} 场", start, ("deputy",), office.actor)
    seen: list[str] = []
    address = f"{API}/sessions?limit=3"
    while address:
        answer = await client.get(address)
        body = await answer.json()
        seen += [item["topic"] for item in body["items"]]
        address = str(answer.links["next"]["url"].relative()) if "next" in answer.links else ""
        assert bool(body["next"]) == bool(address)
    assert seen == ["第 2 场", "第 1 场", "第 0 场", "主题"]
    assert (await (await client.get(f"{API}/sessions?room=none")).json())["items"] == []


async def test_a_session_shows_what_everybody_may_see(world: World) -> None:
    client = await world.visitor()
    await world.live()
    asker, desk = await Wire.open(client), await Wire.open(await world.sign_in("moderator"), "desk")
    shown = (await asker.ask("公开的"))["id"]
    await asker.ask("还没有审核的")
    await desk.wish(type="publish", question=shown)
    whole = await (await client.get(f"{API}/sessions/{world.session}")).json()
    assert whole["session"]["state"] == "live"
    assert [question["text"] for question in whole["questions"]] == ["公开的"]
    assert (whole["figures"]["received"], whole["figures"]["published"]) == (2, 1)
    assert (await client.get(f"{API}/sessions/none")).status == 404


async def test_errors_are_problems_with_our_codes_whatever_is_accepted(world: World) -> None:
    client = await world.visitor()
    for path, status, code in (
        (f"{API}/sessions/none", 404, "not_found"),
        (f"{API}/nothing", 404, "not_found"),
        (f"{API}/sessions?limit=0", 400, "bad_body"),
        (f"{API}/sessions?limit=x", 400, "bad_body"),
        (f"{API}/sessions?colour=blue", 400, "bad_body"),
        (f"{API}/sessions?limit=1&limit=2", 400, "bad_body"),
        (f"{API}/sessions?cursor=x", 400, "bad_body"),
    ):
        answer = await client.get(path, headers={"Accept": "text/html"})
        problem = await answer.json(content_type="application/problem+json")
        assert (answer.status, problem["code"], problem["status"]) == (status, code, status), path


async def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    client = await world.visitor()
    first = await client.get(f"{API}/sessions")
    again = await client.get(f"{API}/sessions", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    await world.live()
    changed = await client.get(f"{API}/sessions", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200


async def test_a_token_is_known_until_it_ends(world: World) -> None:
    client = await world.visitor()
    good = await token(world)
    assert (await client.get(f"{API}/units", headers=good)).status == 200
    for bad in (
        {"Authorization": "Bearer unknown"},
        {"Authorization": "Basic x"},
        {"Authorization": "Bearer "},
        await token(world, days=-1),
        await token(world, "deputy", Role.OFFICE),
    ):
        answer = await client.get(f"{API}/units", headers=bad)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), bad
    kept = (await world.app[keys.TOKENS].all())[0][0]
    assert await world.app[keys.TOKENS].revoke(kept.id)
    await world.app[keys.PEOPLE].remove_account("office")
    assert (await client.get(f"{API}/units", headers=good)).status == 401


async def test_a_sign_in_of_a_browser_counts_for_nothing_here(world: World) -> None:
    """A page of another site could send its cookie along."""
    said: list[Any] = []

    async def handle(call: Call) -> Answer:
        said.append(call.actor)
        return Answer(Echo(""))

    operation = Operation("x", HTTPMethod.GET, "/x", "", handle, Echo)
    world.app.router._frozen = False
    world.app.router.add_get("/x", _handler(operation))
    await (await world.sign_in("office")).get("/x")
    assert not said[0].signed_in


async def test_calls_are_limited_by_token_and_by_network(world: World) -> None:
    client, good = await world.visitor(), await token(world)
    world.app[keys.LIMITS].per_minute["api"] = 2
    answers = [await client.get(f"{API}/figures") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert (await client.get(f"{API}/figures", headers=good)).status == 200, "a token has calls of its own"
    assert (await client.get(f"{API}/figures", headers={"Authorization": "Bearer guess"})).status == 429


async def test_units_and_stations_are_listed(world: World) -> None:
    client = await world.visitor()
    assert (await (await client.get(f"{API}/units")).json())["items"] == [{"id": "water", "name": "水务局"}]
    office = await world.app[keys.PEOPLE].account("office")
    assert office is not None
    file = "编号,名称,乡镇,辖区\nS1,东屿站,东屿镇,东屿村、北礁村\n".encode()
    await world.app[keys.VERBS].importing.carry_out("stations", file, office.actor)
    (item,) = (await (await client.get(f"{API}/stations")).json())["items"]
    assert msgspec.convert(item, Station) == Station("S1", "东屿站", "东屿镇", "", ("东屿村", "北礁村"))


class Echo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str


@pytest.fixture
def echoes(world: World) -> list[str]:
    """What an address of ours was called with, that notes and repeats a text."""
    done: list[str] = []

    async def handle(call: Call) -> Answer:
        if call.body.text == "refused":
            raise Refused("wrong_state", state="closed")
        done.append(call.body.text)
        return Answer(Echo(f"{len(done)} {call.body.text}"))

    operation = Operation("echo", HTTPMethod.POST, "/echo", "", handle, Echo, frozenset({Role.OFFICE}), body=Echo)
    world.app.router._frozen = False
    world.app.router.add_post("/echo", _handler(operation))
    return done


async def test_a_call_that_comes_twice_is_done_once(world: World, echoes: list[str]) -> None:
    client = await world.visitor()
    header = {**await token(world), "Idempotency-Key": "k1"}
    first, again = [await client.post("/echo", json={"text": "a"}, headers=header) for _ in range(2)]
    assert (await first.json(), await again.json()) == ({"text": "1 a"}, {"text": "1 a"})
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    other = await client.post("/echo", json={"text": "b"}, headers=header)
    assert (other.status, (await other.json(content_type=None))["code"]) == (422, "key_reused")
    assert echoes == ["a"]
    stranger = {**await token(world, "unit", Role.UNIT_HEAD), "Idempotency-Key": "k1"}
    assert (await client.post("/echo", json={"text": "a"}, headers=stranger)).status == 403


async def test_a_refused_call_may_come_again_under_its_key(world: World, echoes: list[str]) -> None:
    client, header = await world.visitor(), {**await token(world), "Idempotency-Key": "k1"}
    for _ in range(2):
        answer = await client.post("/echo", json={"text": "refused"}, headers=header)
        problem = await answer.json(content_type=None)
        assert (answer.status, problem["code"], problem["values"]) == (409, "wrong_state", {"state": "closed"})
    assert echoes == []


async def test_what_is_no_json_of_the_right_type_is_refused(world: World, echoes: list[str]) -> None:
    client, header = await world.visitor(), await token(world)
    for body, kind, status in (
        (b'{"text": 1}', "application/json", 400),
        (b'{"text": "a", "more": 1}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"", "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b'{"text": "a"}', "text/plain", 415),
        (json.dumps({"text": "x" * 70_000}).encode(), "application/json", 413),
    ):
        answer = await client.post("/echo", data=body, headers={**header, "Content-Type": kind})
        assert answer.status == status, body[:30]
        assert answer.content_type == "application/problem+json"
    for key in ("", "a b", "é", "x" * 129):
        answer = await client.post("/echo", json={"text": "a"}, headers={**header, "Idempotency-Key": key})
        assert answer.status == 400
    assert (await client.post("/echo", json={"text": "a"})).status == 401
    assert echoes == []


async def test_the_document_names_every_address_and_every_type(world: World) -> None:
    answer = await (await world.visitor()).get(f"{API}/openapi.json")
    document = await answer.json()
    assert document["openapi"] == "3.1.0"
    for operation in OPERATIONS:
        described = document["paths"][operation.path][operation.method.lower()]
        assert described["operationId"] == operation.name
        for part in operation.named:
            assert f"{{{part}}}" in operation.path
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]
