"""Files that come along when a quick matter is filed: by an operator's page, and through Open311."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.matters.enclosures import FILE_BYTES, FILED_MOST
from liveroom.matters.matter import Matter
from liveroom.ports.matters import Wanted
from liveroom.rooms.audit import check
from liveroom.server import keys
from liveroom.storage.audit import SqlAudit
from tests.server.test_open311 import BASE, REPORT, key
from tests.support.samples import PLACE, document, photo
from tests.support.world import IN_ONE_LOOP, World, csrf

PAGE = "/work-orders/new"
WORDS = {"title": "码头灯坏了", "body": "东屿码头，三盏灯不亮。"}


def parts(fields: dict[str, str], files: list[bytes], name: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for field, value in fields.items():
        form.add_field(field, value)
    for n, content in enumerate(files):
        form.add_field(name, content, filename=f"照片{n}.jpg", content_type="image/jpeg")
    if not files:
        # As browsers send it when none was chosen.
        form.add_field(name, b"", filename="", content_type="application/octet-stream")
    return form


async def file(client: TestClient, files: list[bytes], **fields: str) -> tuple[int, str]:
    form = {"csrf": await csrf(client, PAGE), **WORDS, **fields}
    answer = await client.post(PAGE, data=parts(form, files, "file"))
    return answer.status, await answer.text()


async def newest(world: World) -> Matter:
    page = await world.app[keys.MATTERS].find(Wanted(kinds=("work_order",)))
    return await world.app[keys.MATTERS].load(page.rows[0].id)


async def kept(world: World, order: Matter) -> list[str]:
    """What the line that says what came along carries."""
    office = await world.app[keys.PEOPLE].account("office")
    assert office is not None
    carried = await world.app[keys.VERBS].attaching.carried(order, public=False)
    return [attachment.kind.value for step in carried.values() for attachment in step]


async def test_an_operator_files_with_pictures_and_a_document(world: World) -> None:
    client, office = await world.sign_in("moderator"), await world.sign_in("office")
    status, page = await file(client, [photo(personal=True), document()])
    order = await newest(world)
    assert (status, order.number in page, "保存了 2 个文件" in page) == (200, True, True)
    assert (order.title, order.body, order.state) == (*WORDS.values(), "received")
    assert await kept(world, order) == ["jpeg", "pdf"]
    (_, line) = await world.app[keys.MATTERS].history(order.id)
    assert (line.event.what, line.by_name, line.event.internal) == ("enclose", "moderator 甲", True)
    reading = SqlAudit(world.database)
    read = await reading.read(f"matter:{order.id}")
    assert read is not None
    assert check(read.chain, read.links, read.length) == []
    assert await reading.strayed(f"matter:{order.id}") == []
    shown = await (await office.get(f"/worklist/{order.id}")).text()
    due = re.search(r'name="due" type="date"[^>]*value="([^"]+)"', shown)
    assert due is not None
    assert date.fromisoformat(due[1]) - clock.now().date() < timedelta(days=40), "ten working days, not three months"
    assert 'href="/work-orders/new"' in await (await office.get("/worklist")).text()
    address = re.search(r'src="(/files/[^"]+)"', shown)
    assert address is not None
    content = await (await office.get(address[1])).read()
    assert PLACE.encode() not in content
    assert (await (await world.visitor()).get(address[1])).status == 404, "for those whose work it is"
    deputy = await world.sign_in("deputy")
    assert (await deputy.get(address[1])).status == 404


async def test_what_cannot_be_kept_is_said_and_the_matter_is_filed(world: World) -> None:
    client = await world.sign_in("moderator")
    status, page = await file(client, [b"not a picture", photo(), b"%PDF-1.4"])
    order = await newest(world)
    assert (status, order.number in page) == (200, True)
    assert re.search(r"第 1 个：.*?只能", page)
    assert await kept(world, order) == ["jpeg"]


async def test_there_are_limits_and_none_loses_the_words(world: World) -> None:
    client = await world.sign_in("moderator")
    small = photo(size=(8, 8))
    _, page = await file(client, [small] * (FILED_MOST + 2))
    assert len(await kept(world, await newest(world))) == FILED_MOST
    assert f"第 {FILED_MOST + 1} 个" in page
    status, page = await file(client, [small, b"x" * (FILE_BYTES + 1)], title="第二件")
    order = await newest(world)
    assert (status, order.title, await kept(world, order)) == (200, "第二件", ["jpeg"])
    assert "第 2 个" in page
    status, page = await file(client, [], title="没有附件")
    assert (status, (await newest(world)).title) == (200, "没有附件")
    status, page = await file(client, [small], title=" ")
    assert status == 400
    assert WORDS["body"] in page, "what was typed stays"
    assert "文件要重新选一次" in page
    assert (await newest(world)).title == "没有附件"


@IN_ONE_LOOP
@pytest.mark.parametrize("login", ["deputy", "unit", "auditor", "producer", None])
async def test_only_who_enters_for_others_files(standing: World, login: str | None) -> None:
    client = await (standing.sign_in(login) if login else standing.visitor())
    page = await client.get(PAGE, headers={"Accept": "application/json"})
    assert page.status == (403 if login else 401)
    answer = await client.post(PAGE, data=parts({"csrf": "x", **WORDS}, [photo()], "file"))
    assert answer.status == (403 if login else 401)


async def test_a_foreign_or_broken_form_files_nothing(world: World) -> None:
    client = await world.sign_in("moderator")
    assert (await client.post(PAGE, data=parts({"csrf": "x", **WORDS}, [photo()], "file"))).status == 403
    word = await csrf(client, PAGE)
    late = aiohttp.FormData()
    late.add_field("file", photo(), filename="a.jpg", content_type="image/jpeg")
    late.add_field("csrf", word)
    assert (await client.post(PAGE, data=late)).status == 403, "no file is read before the form is known"
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await client.post(PAGE, data=b"--y\r\n\r\nz", headers={"Content-Type": kind})
        assert answer.status in {400, 403}
    assert not (await world.app[keys.MATTERS].find(Wanted(kinds=("work_order",)))).rows


async def test_a_report_by_open311_brings_files_along(world: World) -> None:
    client, api_key = await world.visitor(), await key(world)
    form = parts({"api_key": api_key, **REPORT}, [photo(), b"nothing"], "media")
    answer = await client.post(f"{BASE}/requests.json", data=form)
    (row,) = json.loads(await answer.text())
    assert answer.status == 201
    assert "第 2 个文件没有保存" in row["service_notice"]
    order = await world.app[keys.MATTERS].by_number(row["service_request_id"])
    assert order is not None
    assert await kept(world, order) == ["jpeg"]
    shown = await (await client.get(f"{BASE}/requests/{order.number}.json")).text()
    assert "/files/" not in shown
    refused = await client.post(f"{BASE}/requests.json", data=parts({"api_key": "x", **REPORT}, [photo()], "media"))
    assert refused.status == 403
    no_place = {k: v for k, v in REPORT.items() if k not in {"lat", "long", "address_string"}}
    form = parts({"api_key": api_key, **no_place}, [photo()], "media")
    refused = await client.post(f"{BASE}/requests.json", data=form)
    assert refused.status == 400
    assert len((await world.app[keys.MATTERS].find(Wanted(kinds=("work_order",)))).rows) == 1
