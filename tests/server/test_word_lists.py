"""Word lists at work: what is held, covered, told and kept, over the real server and database."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from liveroom.errors import Stale
from liveroom.qa.events import QuestionEdited
from liveroom.screening.words import Action, Entry
from liveroom.server import keys
from liveroom.storage import folder
from liveroom.storage.sqlite import SqliteDatabase
from liveroom.storage.word_lists import SqlWordLists
from tests.support.world import IN_ONE_LOOP, Wire, World, csrf

PHONE = "13800138000"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.make(tmp_path)
    await made.live()
    yield made
    await made.close()


async def change(client: TestClient, lines: str, why: str = "试验", version: int = 1, name: str = "advertising") -> str:
    word = await csrf(client, f"/office/words/{name}")
    form = {"csrf": word, "lines": lines, "why": why, "version": str(version)}
    return await (await client.post(f"/office/words/{name}", data=form)).text()


def one(message: dict[str, Any], question: str) -> dict[str, Any]:
    found: dict[str, Any] = next(q for q in message["questions"] if q["id"] == question)
    return found


async def test_a_held_question_waits_apart_and_its_asker_is_told_at_once(world: World) -> None:
    asker = await Wire.open(await world.visitor())
    question = await asker.ask("加 薇 信 领优惠")
    assert question["state"] == "held"
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    seen = one(await desk.hear("snapshot"), question["id"])
    assert (seen["state"], seen["held_because"]) == ("held", "list")
    (hit,) = seen["hits"]
    assert hit == {
        "list": "advertising",
        "version": 1,
        "action": "hold",
        "found": "加微信",
        "field": "text",
        "start": 0,
        "end": 5,
        "by_sound": True,
    }
    assert (await desk.wish(type="release", question=question["id"]))["type"] == "done"
    entry = (await world.app[keys.RECORDS].since(world.session, 0))[-2].event
    assert entry.hits[0].version == 1, "every hit stands in the log"


async def test_numbers_are_covered_everywhere_but_on_the_desk(world: World) -> None:
    visitor = await world.visitor()
    asker = await Wire.open(visitor)
    names = {"nickname": PHONE, "island": "西屿一三八零零一三八零零零"}
    answer = await asker.wish(type="ask", key="key-number-1", text=f"请打{PHONE}", **names)
    question = answer["question"]
    assert (question["state"], question["text"], question["masked"]) == ("pending", "请打***********", True)
    assert question["nickname"] == "***********"
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    seen = one(await desk.hear("snapshot"), question["id"])
    assert seen["original_text"] == f"请打{PHONE}"
    assert {(hit["found"], hit["field"]) for hit in seen["hits"]} == {
        ("mobile", "text"),
        ("mobile", "nickname"),
        ("mobile", "island"),
    }
    edited = await desk.wish(type="edit", question=question["id"], text=f"请打电话 {PHONE} 给我")
    assert edited["type"] == "done"
    line = (await world.app[keys.RECORDS].since(world.session, 0))[-1]
    assert isinstance(line.event, QuestionEdited)
    assert (line.by, line.event.text) == ("moderator", "请打电话 *********** 给我")
    (hit,) = line.event.hits
    assert (hit.found, hit.field, hit.start, hit.end) == ("mobile", "text", 5, 16), "every hit stands in the log"
    await desk.wish(type="publish", question=question["id"])
    stranger = await Wire.open(await world.visitor())
    public = one(await stranger.hear("snapshot"), question["id"])
    assert public["text"] == "请打电话 *********** 给我"
    for page in ("/", "/rooms/r", f"/track/{question['code']}"):
        text = await (await visitor.get(page, headers={"Accept-Encoding": "identity"})).text()
        assert PHONE not in text, page


async def test_a_changed_list_looks_again_at_what_waits(world: World) -> None:
    office = await world.sign_in("office")
    asker = await Wire.open(await world.visitor())
    waiting, let_go, named = (
        await asker.ask("码头的新词在哪里"),
        await asker.ask("加微信吧"),
        await asker.ask("路灯 坏词"),
    )
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    await desk.wish(type="release", question=let_go["id"])
    text = await change(office, "新词,hold\n加微信,hold\n坏词,mask", why="船票广告多")
    assert "3 个等待审核的提问有变化" in text, "a new word, a word to cover, another version of the list"
    queue = (await world.app[keys.RECORDS].load(world.session)).queue
    assert queue.questions[waiting["id"]].state == "held"
    assert queue.questions[let_go["id"]].state == "pending", "what a moderator let go is not held by the same word"
    assert queue.questions[named["id"]].text == "路灯 **"
    assert queue.questions[named["id"]].original_text == "路灯 坏词"
    await change(office, "加微信,hold", why="误中太多", version=2)
    queue = (await world.app[keys.RECORDS].load(world.session)).queue
    assert queue.questions[waiting["id"]].state == "pending", "nothing holds it any more"


async def test_every_version_can_be_read_and_says_who_changed_it_and_why(world: World) -> None:
    office, lead = await world.sign_in("office"), await world.sign_in("lead")
    await change(office, "# 说明\n新词,拦下,谐音\n", why="第一次")
    await change(lead, "新词,flag\n", why="第二次", version=2)
    page = await (await lead.get("/office/words/advertising")).text()
    for words in ("第 3 版", "第 2 版", "第 1 版", "office 甲", "lead 甲", "第一次", "第二次", "随软件提供"):
        assert words in page
    old = await (await lead.get("/office/words/advertising?version=2")).text()
    assert "新词,hold,sounds" in old
    table = await (await lead.get("/office/words/advertising/export?version=2")).read()
    assert table.decode() == "\ufeffword,action,options\r\n新词,hold,sounds\r\n"
    assert await (await lead.get("/office/words/advertising/export?form=text")).text() == "新词,flag\n"
    assert (await lead.get("/office/words/advertising?version=9")).status == 404
    assert (await lead.get("/office/words/nothing")).status == 404


async def test_nothing_is_lost_where_a_list_is_not_kept(world: World) -> None:
    office, lead = await world.sign_in("office"), await world.sign_in("lead")
    page = await change(office, "好词,flag\n坏词\n别的,delete\n")
    assert "第 2 行" in page
    assert "没有写做法" in page
    assert "第 3 行" in page
    assert "别的,delete" in page, "what was typed is there"
    assert "请写明原因" in await change(office, "好词,flag", why=" ")
    await change(office, "好词,flag")
    page = await change(lead, "另一个,flag")
    assert "刚刚被别人改过" in page
    assert "另一个,flag" in page
    assert "文字没有改动" in await change(lead, "好词,flag", version=2)
    versions = await world.app[keys.WORD_LISTS].versions("advertising")
    assert [version.version for version in versions] == [2, 1]


async def test_a_sentence_can_be_tried(world: World) -> None:
    office = await world.sign_in("office")
    word = await csrf(office, "/office/words")
    typed = {"csrf": word, "text": f"不想活了，加微信，打{PHONE}"}
    page = await (await office.post("/office/words/try", data=typed)).text()
    for words in ("请审核组长马上处理", "不想活", "加微信", "手机号", "打***********"):
        assert words in page
    assert not (await world.app[keys.RECORDS].load(world.session)).queue.questions
    assert "请写下内容" in await (await office.post("/office/words/try", data={**typed, "text": " "})).text()


async def test_a_new_list_works_and_large_ones_fit(world: World) -> None:
    office = await world.sign_in("office")
    made = await office.post("/office/words", data={"csrf": await csrf(office, "/office/words"), "name": "本地词"})
    name = str(made.url).rsplit("/", 1)[1]
    many = "".join(f"很长的本地词语之{number},flag\n" for number in range(4_999)) + "海参,hold\n"
    assert "已保存" in await change(office, many, name=name)
    assert (await (await Wire.open(await world.visitor())).ask("海 参多少钱"))["state"] == "held"
    assert "最多 5000 个词" in await change(office, many + "一,flag\n二,flag\n", name=name, version=2)


@IN_ONE_LOOP
@pytest.mark.parametrize("login", ["moderator", "deputy", "unit", "auditor", "producer"])
async def test_lists_are_for_lead_moderators_office_and_admin(standing: World, login: str) -> None:
    somebody = await standing.sign_in(login)
    for path in ("/office/words", "/office/words/advertising", "/office/words/advertising/export"):
        assert (await somebody.get(path)).status == 403, path
    office = await standing.sign_in("office")
    assert (await office.get("/office/words")).status == 200
    word = await csrf(somebody, "/track")
    form = {"csrf": word, "lines": "一,flag", "why": "x", "version": "1", "text": "一", "name": "一"}
    for path in ("/office/words", "/office/words/try", "/office/words/advertising"):
        assert (await somebody.post(path, data=form)).status == 403, path


async def test_the_desk_is_told_what_every_list_is_called_now(world: World) -> None:
    lists = world.app[keys.WORD_LISTS]
    (first, *others) = await lists.newest()
    await lists.keep(replace(first, version=first.version + 1, name="另一个名字"))
    called = {first.id: "另一个名字"} | {one.id: one.name for one in others}
    assert await lists.names() == called
    page = await (await (await world.sign_in("moderator")).get("/rooms/r/desk")).text()
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1])["word_lists"] == called


async def test_a_list_that_another_process_changes_counts_at_once(world: World, tmp_path: Path) -> None:
    asker = await Wire.open(await world.visitor())
    assert (await asker.ask("新词"))["state"] == "pending"
    other = SqliteDatabase(tmp_path / folder.DATABASE)
    lists = SqlWordLists(other)
    newest = (await lists.versions("crisis"))[0]
    await lists.keep(replace(newest, version=2, entries=(Entry("新词", Action.HOLD),)))
    await other.close()
    assert (await asker.ask("新词又来了"))["state"] == "held"


async def test_a_version_is_kept_once(world: World) -> None:
    lists = world.app[keys.WORD_LISTS]
    newest = (await lists.versions("crisis"))[0]
    with pytest.raises(Stale):
        await lists.keep(newest)
