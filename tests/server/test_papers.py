"""What is printed: the notice of a quarter and the report of a session, as pages and as files that hold their faces."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec
import pypdf
import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.matters.periods import quarter_of
from liveroom.matters.statement import read
from liveroom.matters.statistics import FORMULAS
from liveroom.qa import commands
from liveroom.qa.question import RefusalReason
from liveroom.server import keys, paper
from liveroom.server.paper import pdf
from liveroom.server.reports import Report, Table
from liveroom.storage.quarter_log import frozen_quarters
from liveroom.storage.signing import is_signed
from tests.server.test_open_pages import text
from tests.support.followed import Led
from tests.support.world import Wire, World

SAID_LATER = ("published_at", "unit_names", "overdue", "broken", "earlier")


async def words_of(client: TestClient, page: str, lang: str = "zh") -> str:
    """The text of a file, without the places where its lines end; every face that it uses must be inside."""
    answer = await client.get(page, headers={"Accept-Language": lang})
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    return read_pdf(await answer.read())


def read_pdf(body: bytes) -> str:
    found, faces = [], set()
    for page in pypdf.PdfReader(io.BytesIO(body)).pages:
        found.append(page.extract_text())
        for font in page["/Resources"]["/Font"].values():
            kept = font.get_object()
            faces.add(str(kept["/BaseFont"]).partition("+")[2])
            assert "/FontFile2" in kept["/FontDescriptor"].get_object(), kept["/BaseFont"]
            assert "/ToUnicode" in kept, "so that it can be searched and read aloud"
    assert faces == {"NotoSansSC-Regular"}
    return "".join("".join(found).split())


@pytest.fixture
async def led(world: World) -> Led:
    return await Led.from_question(world)


async def frozen(led: Led, world: World) -> str:
    """The quarter of today, over and frozen; its name."""
    open_book = world.app[keys.VERBS].open_book
    quarter = quarter_of(open_book.today())
    real, open_book._clock = open_book._clock, lambda: clock.now() + timedelta(days=100)
    await open_book.freeze(quarter, await led.person("office"))
    open_book._clock = real
    return quarter


async def rewrite(world: World, statement: str, *, sign: bool) -> None:
    """Put another statement in the place of the frozen one."""
    values = {"statement": statement}
    if sign:
        values["signature"] = world.app[keys.VERBS].open_book._signer.sign(statement.encode())
    async with world.database.write() as connection:
        await connection.execute(sa.update(frozen_quarters).values(values))


async def statement_of(world: World, quarter: str) -> str:
    checked = await world.app[keys.VERBS].open_book.frozen(quarter)
    assert checked is not None
    return checked.frozen.statement


async def test_the_notice_of_a_frozen_quarter_prints_what_was_signed_and_not_what_is_there_now(
    led: Led, world: World
) -> None:
    number = (await led.handled()).number
    quarter = await frozen(led, world)
    await led.replied("A")
    await led.evaluated()
    async with world.database.write() as connection:
        await connection.execute(sa.text("UPDATE units SET name = '改了名的局'"))
        await connection.execute(sa.text("UPDATE matters SET late = 'unit'"))
    visitor = await world.visitor()
    said = await (await visitor.get(f"/figures/{quarter}/statement")).json()
    page = "".join((await text(visitor, f"/figures/{quarter}/notice")).split())
    for shown in (page, await words_of(visitor, f"/figures/{quarter}/notice.pdf")):
        assert "办结率0%0÷1" in shown
        assert "水务局—0%———" in shown, "the unit's row, under the name that was signed"
        assert shown.index("按期答复率") < shown.index("办结率0%") < shown.index("重新办理率"), "in their own order"
        assert "改了名的局" not in shown
        assert "没有列入通报的建议" in shown
        assert "码头照明" not in shown, "titles are not signed"
        assert number not in shown
        assert said["key"] in shown
        assert said["signature"] in shown
        assert f"/figures/{quarter}/statement" in shown
        assert "没有以下内容" not in shown
        assert "不符" not in shown
    assert is_signed(said["key"], said["statement"].encode(), said["signature"])
    live = "".join((await text(visitor, f"/figures/{quarter[:4]}/notice")).split())
    assert "办结率" in live
    assert "还没有公布和签名" in live, "a year is never frozen, and its notice says so"
    assert "码头照明" in live


async def test_overdue_and_broken_ones_stand_in_the_notice_as_they_were_signed(led: Led, world: World) -> None:
    number = (await led.handled()).number
    async with world.database.write() as connection:
        await connection.execute(sa.text("UPDATE matters SET late = 'unit'"))
    quarter = await frozen(led, world)
    said = read(await statement_of(world, quarter))
    assert said is not None
    assert [entry.number for entry in said.overdue or ()] == [number]
    async with world.database.write() as connection:
        await connection.execute(sa.text("UPDATE matters SET late = ''"))
    await led.step("make_confidential", "office", reason="涉及个人")
    visitor = await world.visitor()
    for shown in (
        "".join((await text(visitor, f"/figures/{quarter}/notice")).split()),
        await words_of(visitor, f"/figures/{quarter}/notice.pdf"),
    ):
        assert f"{number}水务局{(said.overdue or [])[0].day}" in shown
        assert f"截至{said.counted_on}" in shown
        assert "码头照明" not in shown


async def test_what_was_frozen_before_prints_what_it_holds_and_says_what_it_does_not(led: Led, world: World) -> None:
    await led.handled()
    quarter = await frozen(led, world)
    old = {
        name: value
        for name, value in msgspec.json.decode(await statement_of(world, quarter)).items()
        if name not in SAID_LATER
    }
    await rewrite(world, msgspec.json.encode(old, order="sorted").decode(), sign=True)
    visitor = await world.visitor()
    for lang, lacks, absent in (
        (
            "zh",
            "签名的原文没有以下内容，所以这里也没有：公布的时间、承办单位的名称（上面写的是代号）、逾期通报、",
            "截至",
        ),
        ("en", "Thesignedstatementdoesnotholdthefollowing", "asof"),
    ):
        for shown in (
            "".join((await text(visitor, f"/figures/{quarter}/notice", lang=lang)).split()),
            await words_of(visitor, f"/figures/{quarter}/notice.pdf", lang),
        ):
            assert lacks in shown
            assert "water—0%———" in shown
            assert "水务局" not in shown
            assert absent not in shown


async def test_a_notice_whose_signature_does_not_hold_says_so_before_anything_else(led: Led, world: World) -> None:
    await led.handled()
    quarter = await frozen(led, world)
    good = await statement_of(world, quarter)
    visitor = await world.visitor()
    for forged in (good.replace('"of":1', '"of":2'), "{}"):
        await rewrite(world, forged, sign=False)
        assert "请不要使用" in await text(visitor, f"/figures/{quarter}/notice")
        assert "请不要使用" in await words_of(visitor, f"/figures/{quarter}/notice.pdf")
        assert "签名与公布的数字不符" in await text(visitor, f"/figures?period={quarter}")
    other = good.replace(quarter, "2025-Q1")
    await rewrite(world, other, sign=True)
    assert "请不要使用" in await text(visitor, f"/figures/{quarter}/notice"), "signed, and of another quarter"


async def test_what_came_from_lists_of_earlier_years_is_said_on_paper_too(led: Led, world: World) -> None:
    await led.handled()
    quarter = await frozen(led, world)
    visitor = await world.visitor()
    assert "历年表格" not in await text(visitor, f"/figures/{quarter}/notice")
    await rewrite(world, (await statement_of(world, quarter)).replace('"earlier":0', '"earlier":3'), sign=True)
    assert "其中 3 件是从历年表格导入的" in await text(visitor, f"/figures/{quarter}/notice")
    assert "其中3件是从历年表格导入的" in await words_of(visitor, f"/figures/{quarter}/notice.pdf")


async def test_other_formulas_are_named_by_their_number(led: Led, world: World) -> None:
    await led.handled()
    quarter = await frozen(led, world)
    await rewrite(
        world, (await statement_of(world, quarter)).replace(f'"formulas":{FORMULAS}', '"formulas":7'), sign=True
    )
    shown = await text(await world.visitor(), f"/figures/{quarter}/notice")
    assert "第 7 版公式" in shown
    assert "期限内答复的 ÷" not in shown


async def test_the_report_of_a_session_is_a_file_with_its_questions_and_figures(led: Led, world: World) -> None:
    number = (await led.handled()).number
    visitor = await world.visitor()
    page = f"/rooms/r/sessions/{world.session}/report"
    shown = await words_of(visitor, f"{page}.pdf")
    assert "场次报告·主题" in shown
    assert "收到2" in shown
    assert "并入相同提问1" in shown
    assert "码头的灯什么时候修？1转为代表建议" in shown
    assert "码头晚上没有灯" not in shown, "what was merged has one that speaks for it"
    assert "列出1件；其余1件" in shown
    assert f"{number}·办理中" in shown
    english = await words_of(visitor, f"{page}.pdf", "en")
    assert "码头的灯什么时候修？" in english
    assert "Received2" in english


async def test_what_was_public_and_is_not_any_more_stands_in_no_report(world: World) -> None:
    led = Led(world)
    wire = await Wire.open(await world.visitor())
    kept, refused, withdrawn = [(await wire.ask(text))["id"] for text in ("留下的提问", "后来不公开的", "后来撤回的")]
    for question in (kept, refused, withdrawn):
        await led.do(commands.Publish(question))
    await led.do(commands.Refuse(refused, RefusalReason.OFF_TOPIC))
    assert (await wire.wish(type="withdraw", question=withdrawn))["type"] == "done"
    visitor = await world.visitor()
    page = f"/rooms/r/sessions/{world.session}/report"
    for shown in (await text(visitor, page), await words_of(visitor, f"{page}.pdf")):
        assert "留下的提问" in shown
        assert "后来不公开的" not in shown
        assert "后来撤回的" not in shown
    await wire.socket.close()


def test_what_no_face_has_is_shown_as_missing_and_markup_as_text() -> None:
    table = Table("表", ("栏",), (("<b>乙</b> & 😀 𠮷 ①",),), (100,), note="共 7 件")
    shown = read_pdf(pdf(Report("标题 A", ("下",), (table,), ("尾",), "警示")))
    assert "<b>乙</b>&〓〓①" in shown
    for word in ("标题A", "警示", "共7件", "尾"):
        assert word in shown


def test_without_the_face_a_paper_names_one_that_readers_have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (paper._face, paper._style):
        monkeypatch.setattr(paper, name.__name__, cache(name.__wrapped__))
    monkeypatch.setattr(paper, "FILE", tmp_path / "none.ttf")
    body = pdf(Report("标题", (), (), (), ""))
    assert b"/STSong-Light" in body
    assert len(pypdf.PdfReader(io.BytesIO(body)).pages) == 1
