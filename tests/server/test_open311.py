"""Open311 GeoReport v2 over the real server: each method, both formats, the errors, and what is never answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from aiohttp.test_utils import TestClient

from liveroom.errors import Refused
from liveroom.exchange.georeport import Unfit, read_report, read_span
from liveroom.ports.matters import Wanted
from liveroom.rooms.roles import Role
from liveroom.server import keys
from tests.support.works import actor, others, suggestion, token, work_order
from tests.support.world import IN_ONE_LOOP, World

BASE = "/open311/v2"
REPORT = {
    "service_code": "work_order",
    "lat": "29.95",
    "long": "122.2",
    "address_string": "东屿码头",
    "description": "码头的灯坏了三盏\n晚上下船看不清",
    "email": "wang@example.org",
    "phone": "13800138000",
    "first_name": "王",
}


async def key(world: World, login: str = "office", role: Role = Role.OFFICE) -> str:
    return (await token(world, login, role))["Authorization"].removeprefix("Bearer ")


async def report(client: TestClient, form: str = "json", **fields: str) -> tuple[int, Any]:
    answer = await client.post(f"{BASE}/requests.{form}", data={**REPORT, **fields})
    text = await answer.text()
    return answer.status, json.loads(text) if form == "json" else ET.fromstring(text)


async def test_what_can_be_reported_is_listed_in_both_formats(world: World) -> None:
    client = await world.visitor()
    answer = await client.get(f"{BASE}/services.json")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    (service,) = await answer.json()
    assert (service["service_code"], service["metadata"], service["type"]) == ("work_order", False, "realtime")
    answer = await client.get(f"{BASE}/services.xml")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    text = await answer.text()
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    assert ET.fromstring(text).findtext("service/metadata") == "false"
    definition = await (await client.get(f"{BASE}/services/work_order.json")).json()
    assert definition == {"service_code": "work_order", "attributes": []}
    about = ET.fromstring(await (await client.get("/open311/discovery.xml")).text())
    assert about.findtext("endpoints/endpoint/url", "").endswith("/open311/v2")
    assert [one.text for one in about.iter("format")] == ["text/xml", "application/json"]


async def test_a_report_becomes_a_work_order_and_its_way_can_be_followed(world: World) -> None:
    client, api_key = await world.visitor(), await key(world)
    status, ((made),) = await report(client, api_key=api_key)
    assert status == 201
    number = made["service_request_id"]
    order = await world.app[keys.MATTERS].by_number(number)
    assert order is not None
    assert (order.kind, order.state, order.title) == ("work_order", "received", "码头的灯坏了三盏 晚上下船看不清")
    assert "地址：东屿码头" in order.body
    assert "29.950000, 122.200000" in order.body
    assert not [said for said in ("wang@", "13800138000", "王") if said in f"{order.title}{order.body}"]
    (shown,) = await (await client.get(f"{BASE}/requests/{number}.json")).json()
    assert (shown["status"], shown["status_notes"], shown["service_code"]) == ("open", "已收到", "work_order")
    assert shown["requested_datetime"].endswith("+08:00")
    assert "码头" not in json.dumps(shown, ensure_ascii=False), "nobody has read it yet"
    following = world.app[keys.VERBS].following_up
    await following.step(order.id, "not_admit", {"reason": "重复"}, await actor(world, "office"))
    listed = ET.fromstring(await (await client.get(f"{BASE}/requests.xml?status=closed")).text())
    assert [one.findtext("service_request_id") for one in listed] == [number]
    assert listed.findtext("request/status") == "closed"
    assert await (await client.get(f"{BASE}/requests.json?status=open")).json() == []
    both = await (await client.get(f"{BASE}/requests.json?status=open,closed&service_code=work_order,x")).json()
    assert len(both) == 1
    assert await (await client.get(f"{BASE}/requests.json?service_code=x")).json() == []


async def test_several_are_asked_for_by_their_numbers(world: World) -> None:
    client, api_key = await world.visitor(), await key(world)
    numbers = [(await report(client, api_key=api_key))[1][0]["service_request_id"] for _ in range(3)]
    asked = ",".join([numbers[2], "W1999-0001", numbers[0], numbers[2]])
    found = await (await client.get(f"{BASE}/requests.json?service_request_id={asked}&status=nonsense")).json()
    assert [one["service_request_id"] for one in found] == [numbers[2], numbers[0]], "it overrides everything else"


@IN_ONE_LOOP
@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "guess"}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "potholes"}, 404),
        ({"jurisdiction_id": "elsewhere.example"}, 404),
        ({"lat": "", "long": "", "address_string": ""}, 400),
        ({"lat": "91"}, 400),
        ({"lat": "north"}, 400),
        ({"long": ""}, 400),
        ({"description": " "}, 400),
        ({"description": "长" * 4001}, 400),
        ({"address_string": "长" * 201}, 400),
    ],
)
async def test_errors_are_those_of_the_specification(
    standing: World, fields: dict[str, str], status: int, form: str
) -> None:
    client = await standing.visitor()
    got, body = await report(client, form, **{"api_key": await key(standing), **fields})
    assert got == status
    if form == "json":
        ((error),) = body
        assert (error["code"], bool(error["description"])) == (status, True)
    else:
        assert (body.tag, body.findtext("error/code")) == ("errors", str(status))
        assert body.findtext("error/description")
    assert (await standing.app[keys.MATTERS].find(Wanted(kinds=("work_order",)))).rows == []


async def test_a_key_of_somebody_who_enters_nothing_is_none(world: World) -> None:
    client = await world.visitor()
    for login, role in (("unit", Role.UNIT_HEAD), ("deputy", Role.DEPUTY), ("auditor", Role.AUDITOR)):
        assert (await report(client, api_key=await key(world, login, role)))[0] == 403


async def test_what_is_not_there_is_404_and_nonsense_400(world: World) -> None:
    client = await world.visitor()
    shown = await suggestion(world, "代表建议")
    for path, status in (
        ("/requests/W1999-0001.json", 404),
        (f"/requests/{shown.number}.json", 404),
        ("/requests/%00.json", 404),
        ("/services/x.json", 404),
        ("/requests.json?status=all", 400),
        ("/requests.json?start_date=yesterday", 400),
        ("/requests.json?start_date=2026-01-01T00:00:00", 400),
        ("/requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400),
        ("/requests.json?jurisdiction_id=elsewhere.example", 404),
    ):
        answer = await client.get(BASE + path)
        assert answer.status == status, path
        assert (await answer.json())[0]["code"] == status
    assert (await client.get(f"{BASE}/requests.csv")).status == 404


async def test_the_range_of_dates_holds(world: World) -> None:
    client = await world.visitor()
    await report(client, api_key=await key(world))
    today = world.app[keys.CLOCK]()
    for start, count in ((today - timedelta(days=1), 1), (today + timedelta(days=1), 0)):
        address = f"{BASE}/requests.json?start_date={start:%Y-%m-%dT%H:%M:%SZ}"
        assert len(await (await client.get(address)).json()) == count


async def test_the_only_jurisdiction_need_not_be_said(tmp_path: Path) -> None:
    world = await World.make(tmp_path, jurisdiction="haitian.example")
    try:
        client = await world.visitor()
        for asked, status in (("", 200), ("haitian.example", 200), ("other.example", 404)):
            assert (await client.get(f"{BASE}/services.json?jurisdiction_id={asked}")).status == status
    finally:
        await world.close()


async def test_calls_are_limited_and_say_when_to_come_again(world: World) -> None:
    client = await world.visitor()
    world.app[keys.LIMITS].per_minute["api"] = 1
    assert (await client.get(f"{BASE}/services.xml")).status == 200
    busy = await client.get(f"{BASE}/services.xml")
    assert busy.status == 429
    assert int(busy.headers["Retry-After"]) >= 1
    assert ET.fromstring(await busy.text()).findtext("error/code") == "429"


async def test_a_work_order_is_shown_on_no_page_to_everybody(world: World) -> None:
    await others(world)
    order = await work_order(world, "水管", "王某家的水管坏了")
    client = await world.visitor()
    assert (await client.get(f"/suggestions/{order.number}", headers={"Accept": "text/html"})).status == 404
    for address in ("/suggestions", "/suggestions/export"):
        assert "水管" not in await (await client.get(f"{address}?kind=work_order")).text()
    with pytest.raises(Refused):
        await world.app[keys.VERBS].following_up.by_number(order.number)


def test_dates_without_a_zone_are_none_and_90_days_are_the_most() -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    assert read_span({}, now).start == now - timedelta(days=90)
    assert read_span({"start_date": "2026-01-01T00:00:00 08:00"}, now).end == datetime(2026, 3, 31, 16, tzinfo=UTC)
    for fields in ({"start_date": "2026-01-01"}, {"end_date": "x"}, {"start_date": "0001-01-01T00:00:00Z"}):
        with pytest.raises(Unfit):
            read_span(fields, now)


def test_a_report_needs_a_place_and_words() -> None:
    assert read_report({"description": "灯坏了", "address_string": "码头"}).body == "灯坏了\n地址：码头"
    with pytest.raises(Unfit, match="address_id"):
        read_report({"description": "灯坏了", "address_id": "7"})
