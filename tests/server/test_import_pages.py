"""The office's page for lists: look, import, and what it refuses."""

from __future__ import annotations

import base64
import html
import re
from datetime import date

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from liveroom.exchange.sheets import SHEETS
from liveroom.exchange.tables import FILE_LIMIT
from liveroom.server import keys
from tests.support.earlier import CLOSED, OPEN, file, row
from tests.support.workbooks import workbook
from tests.support.world import IN_ONE_LOOP, ROLES, World, csrf

PAGE = "/office/import"
FILE = '编号,名称,地址\nS1,东屿站,"码头路, 3 号"\nS2,<script>alert(1)</script>,=1+1\n'


def form(word: str, content: bytes, kind: str = "stations") -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)  # names of files as browsers write them
    data.add_field("csrf", word)
    data.add_field("kind", kind)
    data.add_field("file", content, filename="表.csv", content_type="text/csv")
    return data


async def send(client: TestClient, content: bytes, kind: str = "stations") -> tuple[int, str]:
    answer = await client.post(PAGE, data=form(await csrf(client, PAGE), content, kind))
    return answer.status, await answer.text()


def again(page: str) -> dict[str, str]:
    """The form that imports what a page has shown."""
    return {
        name: html.unescape(found[1])
        for name in ("csrf", "kind", "file", "content")
        if (found := re.search(rf'<form[^>]*apply.*?name="{name}" value="([^"]*)"', page, re.S))
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_file_is_looked_at_and_then_imported(world: World, encoding: str) -> None:
    client, imports = await world.sign_in("office"), world.app[keys.IMPORTS]
    status, page = await send(client, FILE.encode(encoding))
    assert status == 200
    assert "码头路, 3 号" in page
    assert "<script>alert" not in page
    assert await imports.stations() == [], "looking keeps nothing"
    answer = await client.post(f"{PAGE}/apply", data=again(page), allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"{PAGE}?done=stations&changes=2")
    assert [station.name for station in await imports.stations()] == ["东屿站", "<script>alert(1)</script>"]
    done = await (await client.get(answer.headers["Location"])).text()
    assert "已导入，2 处有变化" in done
    assert "office 甲" in done
    status, page = await send(client, FILE.encode(encoding))
    assert "没有要导入的" in page
    assert again(page) == {}


async def test_bad_rows_are_told_by_number_and_cannot_be_imported(world: World) -> None:
    client = await world.sign_in("office")
    status, page = await send(client, "编号,名称\nS1,站\n,站二\n".encode())
    assert status == 422
    assert re.search(r'<th scope="row">3</th>.*?编号.*?不能空着', page, re.S)
    assert "apply" not in page
    word = await csrf(client, PAGE)
    content = base64.urlsafe_b64encode("编号,名称\nS1,站\n,站二\n".encode()).decode()
    answer = await client.post(f"{PAGE}/apply", data={"csrf": word, "kind": "stations", "content": content})
    assert answer.status == 422
    assert await world.app[keys.IMPORTS].stations() == []


async def test_a_large_file_is_told_to_be_split(world: World) -> None:
    client = await world.sign_in("office")
    status, page = await send(client, b"x" * (FILE_LIMIT + 10))
    assert status == 422
    assert "超过 1 MB" in page


async def test_a_form_without_a_file_or_with_another_kind_is_refused_in_words(world: World) -> None:
    client = await world.sign_in("office")
    status, page = await send(client, b"")
    assert (status, "请先选择一个文件" in page) == (400, True)
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    fields = part.format("csrf", await csrf(client, PAGE)) + part.format("kind", "units") + "--b--\r\n"
    answer = await client.post(PAGE, data=fields, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (answer.status, "请先选择一个文件" in await answer.text()) == (400, True)
    status, page = await send(client, b"x", "accounts")
    assert (status, "请从列出的选项中选择" in page) == (400, True)


async def test_foreign_and_broken_forms_are_refused(world: World) -> None:
    client = await world.sign_in("office")
    assert (await client.post(PAGE, data=form("wrong", FILE.encode()))).status == 403
    assert (await client.post(PAGE, data={"csrf": await csrf(client, PAGE)})).status == 400
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await client.post(PAGE, data=b"--y\r\n\r\nz", headers={"Content-Type": kind})
        assert answer.status in {400, 403}
    word = await csrf(client, PAGE)
    for content in ("***", "é"):
        answer = await client.post(f"{PAGE}/apply", data={"csrf": word, "kind": "units", "content": content})
        assert answer.status in {400, 422}
    assert (await client.post(f"{PAGE}/apply", data={"csrf": word, "kind": "x", "content": ""})).status == 404


@IN_ONE_LOOP
@pytest.mark.parametrize("login", [*ROLES, None])
async def test_only_the_office_imports(standing: World, login: str | None) -> None:
    client = await (standing.sign_in(login) if login else standing.visitor())
    may = login == "office"
    for path in (PAGE, f"{PAGE}/units/template"):
        answer = await client.get(path, allow_redirects=False, headers={"Accept": "text/html"})
        assert answer.status == (200 if may else 403 if login else 303)
    assert (await client.post(PAGE, data=form("x", b"x"))).status == (403 if login else 401)


async def test_templates_open_in_a_chinese_spreadsheet(world: World) -> None:
    client = await world.sign_in("office")
    for kind, sheet in SHEETS.items():
        answer = await client.get(f"{PAGE}/{kind}/template")
        text = (await answer.read()).decode("utf-8")
        assert answer.content_type == "text/csv"
        assert text.startswith("\ufeff# ")
        assert sheet.columns[0].heads[0] in text.splitlines()[1]
    assert (await client.get(f"{PAGE}/accounts/template")).status == 404


async def test_an_imported_year_is_known_to_the_follow_up(world: World) -> None:
    client = await world.sign_in("office")
    off = [(1, 1), *((5, day) for day in range(1, 6)), *((10, day) for day in range(1, 8))]
    year = "date,kind\n" + "".join(f"2051-{month}-{day},休\n" for month, day in off)
    _, page = await send(client, year.encode(), "holidays")
    await client.post(f"{PAGE}/apply", data=again(page))
    days = world.app[keys.VERBS].following_up._days
    assert days.covers(date(2051, 6, 1))
    assert not days.is_working_day(date(2051, 10, 3))


async def test_old_suggestions_are_imported_and_can_be_seen(world: World) -> None:
    client, visitor = await world.sign_in("office"), await world.visitor()
    bad = file(row(CLOSED, number="2019/1"), row(CLOSED, result="很好")).encode()
    status, page = await send(client, bad, "suggestions")
    assert status == 422
    assert re.search(r'<th scope="row">2</th>.*?编号.*?2019/1.*?不写“第”“号”', page, re.S)
    assert re.search(r'<th scope="row">3</th>.*?办理结果评价.*?很好.*?基本满意', page, re.S)
    rows = [row(CLOSED, title="<script>alert(1)</script>夜航"), row(OPEN, deputy="deputy 甲", unit="水务局")]
    status, page = await send(client, file(*rows).encode(), "suggestions")
    assert (status, "<script>alert" in page) == (200, False)
    assert (await visitor.get("/suggestions/2019-045")).status == 404, "looking keeps nothing"
    answer = await client.post(f"{PAGE}/apply", data=again(page), allow_redirects=False)
    assert answer.headers["Location"] == f"{PAGE}?done=suggestions&changes=2"
    done = await (await client.get(answer.headers["Location"])).text()
    assert "表.csv" in done
    link = re.search(r'href="(/worklist\?import=[\w-]+)"', done)
    assert link is not None
    brought = await (await client.get(link[1])).text()
    assert "2019-045" in brought
    assert "RD2025-7" in brought
    public = await (await visitor.get("/suggestions/2019-045")).text()
    assert "2019-03-05 提交" in public
    assert "2019-07-01 办结" in public
    assert "表.csv" not in public, "the file's name is for those whose work it is"
    found = await world.app[keys.MATTERS].by_number("2019-045")
    assert found is not None
    assert "文件“表.csv”第 2 行" in await (await client.get(f"/worklist/{found.id}")).text()
    for address in ("/suggestions?q=夜航", "/suggestions?year=2019"):
        assert "2019-045" in await (await visitor.get(address)).text()
    figures = await (await visitor.get("/figures?period=2019")).text()
    assert "其中 1 件是从历年表格导入的" in figures
    status, page = await send(client, file(*rows).encode(), "suggestions")
    assert "没有要导入的" in page


async def test_a_workbook_is_imported_as_it_is(world: World) -> None:
    client = await world.sign_in("office")
    content = workbook(
        [["编号", "标题", "领衔代表", "提交日期", "状态"], ["A1", "旧事", "林", date(2018, 3, 5), "已撤回"]]
    )
    status, page = await send(client, content, "suggestions")
    assert status == 200
    await client.post(f"{PAGE}/apply", data=again(page))
    found = await world.app[keys.MATTERS].by_number("A1")
    assert found is not None
    assert (found.state, found.began_on) == ("withdrawn", date(2018, 3, 5))
