"""Lists as files: what is in them, for whom, and that nothing piles up or breaks off unseen."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from liveroom.server import exports, keys
from tests.support.works import TO_HANDLING, others, suggestion
from tests.support.world import World


async def rows(client: TestClient, address: str) -> list[dict[str, str]]:
    answer = await client.get(address)
    assert answer.status == 200, await answer.text()
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    text = (await answer.read()).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


async def test_the_public_list_has_public_fields_alone(world: World) -> None:
    await suggestion(world, "草稿", ())
    await suggestion(world, "=1+1 码头的灯")
    client = await world.visitor()
    (row,) = await rows(client, "/suggestions/export?form=csv")
    assert row["标题"] == "'=1+1 码头的灯"
    assert (row["状态"], row["承办单位"], row["领衔代表"]) == ("办理中", "水务局", "deputy 甲")
    assert "剩余工作日" not in row
    (item,) = await (await client.get("/suggestions/export?form=json")).json()
    assert (item["state"], item["title"]) == ("handling", "=1+1 码头的灯")
    assert {"id", "rules", "turn", "confidential"} & set(item) == set()
    english = await client.get("/suggestions/export", headers={"Accept-Language": "en"})
    assert "Handling unit" in (await english.text()).splitlines()[0]


async def test_a_workbook_opens(world: World) -> None:
    await suggestion(world, "码头的灯")
    answer = await (await world.visitor()).get("/suggestions/export?form=xlsx")
    with zipfile.ZipFile(io.BytesIO(await answer.read())) as book:
        assert "码头的灯" in book.read("xl/worksheets/sheet1.xml").decode()
    assert answer.content_type.endswith("spreadsheetml.sheet")


async def test_the_filters_of_the_address_hold(world: World) -> None:
    await suggestion(world, "码头的灯")
    await suggestion(world, "停航通知", TO_HANDLING[:3])
    client = await world.visitor()
    assert [row["标题"] for row in await rows(client, "/suggestions/export")] == ["停航通知", "码头的灯"]
    for query in ("state=handling", "q=码头", "unit=water", "state=open&unit=water"):
        assert [row["标题"] for row in await rows(client, f"/suggestions/export?{query}")] == ["码头的灯"], query
    for query in ("state=closed", "letter=A", "year=1999", "overdue=1", "kind=commitment"):
        assert await rows(client, f"/suggestions/export?{query}") == [], query
    page = await (await client.get("/suggestions?state=open&q=码头")).text()
    assert "/suggestions/export?state=open&amp;q=%E7%A0%81%E5%A4%B4&amp;form=xlsx" in page


async def test_a_list_of_many_pages_is_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [f"第 {n} 件" for n in range(7)]
    for title in titles:
        await suggestion(world, title, TO_HANDLING[:3])
    monkeypatch.setattr(exports, "PAGE", 2)
    client = await world.visitor()
    assert [row["标题"] for row in await rows(client, "/suggestions/export")] == titles[::-1]
    monkeypatch.setattr(exports, "ROWS_LIMIT", 6)
    answer = await client.get("/suggestions/export")
    assert answer.status == 409
    assert (await answer.json(content_type=None))["code"] == "export_too_large"


async def test_the_work_list_is_for_those_whom_it_concerns(world: World) -> None:
    _, harbour = await others(world)
    matter = await suggestion(world, "码头的灯")
    await suggestion(world, "草稿", ())
    for login, titles in (("office", ["草稿", "码头的灯"]), ("unit", ["码头的灯"]), ("deputy", ["草稿", "码头的灯"]),
                          (harbour, [])):  # fmt: skip
        client = await world.sign_in(login)
        assert sorted(row["标题"] for row in await rows(client, "/worklist/export")) == sorted(titles), login
    office = await world.sign_in("office")
    found = await (await office.get("/worklist/export?form=json&state=handling")).json()
    assert [item["id"] for item in found] == [matter.id]
    for who, status in (("auditor", 403), (None, 401)):
        client = await (world.sign_in(who) if who else world.visitor())
        assert (await client.get("/worklist/export")).status == status


async def test_what_cannot_be_made_now_is_said(world: World) -> None:
    client = await world.visitor()
    assert (await client.get("/suggestions/export?form=pdf")).status == 400
    going_out: Any = world.app[exports.GOING_OUT]
    for _ in range(exports.AT_ONCE):
        await going_out.acquire()
    busy = await client.get("/suggestions/export")
    assert (busy.status, busy.headers["Retry-After"]) == (429, "5")
    going_out.release()
    assert (await client.get("/suggestions/export")).status == 200
    async with asyncio.timeout(30):
        await going_out.acquire()  # it was given back
    going_out.release()
    world.app[keys.LIMITS].per_minute["export"] = 1
    assert (await client.get("/suggestions/export")).status == 429


async def test_json_of_an_empty_list_is_json(world: World) -> None:
    answer = await (await world.visitor()).get("/suggestions/export?form=json")
    assert json.loads(await answer.text()) == []
