"""Whoever has the code reads what is kept about them and has it erased: from every row, file, page and memory."""

from __future__ import annotations

import asyncio
import gc
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from liveroom.qa.erasing import WORDS
from liveroom.qa.events import QuestionEvent
from liveroom.qa.question import Question
from liveroom.rooms.audit import check
from liveroom.server import keys
from liveroom.storage.audit import SqlAudit
from liveroom.storage.schema import metadata
from tests.support.world import Wire, World, csrf

NAME, ISLAND, WORDING = "西屿村东头老周", "周家的小岛", "码头尽头第三盏灯坏了半个月"
TYPED = {"nickname": NAME, "island": ISLAND}


@pytest.fixture
async def world(tmp_path: Path) -> Any:
    world = await World.make(tmp_path / "data")
    yield world
    await world.close()


async def everything(world: World) -> str:
    """Every value of every table, and every file of the data folder as it lies on the disk."""
    database = world.database
    found = []
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            found += [str(dict(row)) for row in (await connection.execute(sa.select(table))).mappings()]
    for file in world.app[keys.SETTINGS].data.rglob("*"):
        if file.is_file():
            found.append(file.read_bytes().decode(errors="replace"))
    return "\n".join(found)


async def ask(world: World, wire: Wire, key: str = "key-of-the-form-1", **values: Any) -> Question:
    answer = await wire.wish(type="ask", key=key, text=WORDING, **TYPED, **values)
    assert answer["type"] == "asked", answer
    sitting = await world.app[keys.RECORDS].load(world.session)
    return sitting.queue.questions[answer["question"]["id"]]


async def erase(client: TestClient, tracked: str, **fields: str) -> Any:
    form = {"csrf": await csrf(client, "/verify"), "sure": "yes", **fields}
    return await client.post(f"/track/{tracked}/erase", data=form, allow_redirects=False)


async def wrong(world: World) -> list[str]:
    """What `liveroom audit verify` would say."""
    audit = SqlAudit(world.database)
    said: list[str] = []
    for chain in await audit.chains():
        log = await audit.read(chain)
        assert log is not None
        said += check(chain, log.links, log.length) or await audit.strayed(chain)
    return said


async def test_what_is_kept_is_shown_and_taken_home_by_code(world: World) -> None:
    asker, stranger = await world.visitor(), await world.visitor()
    await asker.get("/")  # which tells a browser who it is
    question = await ask(world, await Wire.open(asker))
    text = await (await asker.get(f"/track/{question.code}/data")).text()
    for kept in (WORDING, NAME, ISLAND, question.device):
        assert kept in text
    assert question.device not in await (await stranger.get(f"/track/{question.code}/data")).text()
    answer = await stranger.get(f"/track/{question.code}/data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    kept = await answer.json()
    assert (kept["question"]["text"], kept["question"]["nickname"]) == (WORDING, NAME)
    assert [line["what"] for line in kept["log"]] == ["asked"]
    for path in ("data", "data.json"):
        assert (await stranger.get(f"/track/ABCDEFGHJKLMN/{path}")).status == 404
    for fields in ({}, {"sure": "no"}):
        form = {"csrf": await csrf(stranger, f"/track/{question.code}/data"), **fields}
        assert (await stranger.post(f"/track/{question.code}/erase", data=form)).status == 400
    assert (await stranger.post(f"/track/{question.code}/erase", data={"sure": "yes"})).status == 403


async def test_an_erased_question_is_in_no_table_no_file_no_page_and_no_memory(world: World) -> None:
    client, desk = await world.visitor(), await Wire.open(await world.sign_in("moderator"), "desk")
    wire = await Wire.open(client)
    question = await ask(world, wire)
    other = await (await Wire.open(await world.visitor())).ask("水库的水为什么是黄的？")
    for command in (
        {"type": "edit", "text": WORDING + "啊"},
        {"type": "refuse", "reason": "personal", "note": "老周请改"},
    ):
        await desk.wish(question=question.id, **command)
    place = {"csrf": await csrf(client, "/verify"), "way": "station", "place": f"{NAME}的小店", "language": "zh"}
    assert (await client.post(f"/track/{question.code}/follow", data=place, allow_redirects=False)).status == 303
    await wire.wish(type="appeal", question=question.id, text=f"{NAME}不服")
    found = await everything(world)
    for private in (WORDING, NAME, ISLAND, question.device, "key-of-the-form-1", "老周请改"):
        assert private in found, f"{private} was kept"
    stranger = await world.visitor()
    answer = await erase(stranger, question.code)
    assert answer.status == 303, await answer.text()

    found = await everything(world)
    for private in (WORDING, NAME, ISLAND, question.device, "key-of-the-form-1", "老周请改"):
        assert private not in found, private
    assert "水库的水为什么是黄的" in found
    assert await wrong(world) == []
    for path in (
        f"/track/{question.code}",
        f"/track/{question.code}/data",
        f"/track/{question.code}/data.json",
        "/rooms/r",
    ):
        for browser in (stranger, client):
            text = await (await browser.get(path)).text()
            assert not re.search(f"{WORDING}|{NAME}|{ISLAND}", text), path
    snapshot = await (await Wire.open(await world.sign_in("lead"), "desk")).hear("snapshot")
    assert WORDS["asker"] in str(snapshot)
    assert WORDING not in str(snapshot)
    assert "已经按您的要求删除" in await (await stranger.get(f"/track/{question.code}/data")).text()
    assert (await erase(stranger, question.code)).status == 409
    # Somebody else's question is as it was, and the queue goes on.
    assert (await desk.wish(type="publish", question=other["id"]))["type"] == "done"
    ours = question.id
    del question

    def remembered() -> list[object]:
        gc.collect()
        things = [thing for thing in gc.get_objects() if isinstance(thing, Question | QuestionEvent)]
        return [thing for thing in things if ours in str(thing) and (WORDING in str(thing) or NAME in str(thing))]

    # Memories of similar questions are brought up to date every ten seconds.
    for _ in range(60):
        if not remembered():
            break
        await asyncio.sleep(0.5)
    assert remembered() == []


async def test_a_public_wording_on_which_others_rely_stays_as_nobodys_and_its_votes_stay_sealed(world: World) -> None:
    await world.live()
    asker, voter = await Wire.open(await world.visitor()), await Wire.open(await world.visitor())
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    question, alone = await ask(world, asker), await ask(world, asker, "key-of-the-form-2")
    merged = await voter.ask("码头的灯什么时候修？")
    for one in (question.id, alone.id, merged["id"]):
        await desk.wish(type="publish", question=one)
    # The asker seconds what is merged with theirs later: that must not begin to count.
    for wire in (asker, await Wire.open(await world.visitor())):
        await wire.wish(type="second", question=merged["id"])
    await desk.wish(type="merge", question=merged["id"], into=question.id)
    records, verbs = world.app[keys.RECORDS], world.app[keys.VERBS]
    office = await world.app[keys.PEOPLE].account("office")
    assert office is not None
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, office.actor)
    before = dict(await records.votes(world.session))
    assert before == {question.id: 1}
    client = await world.visitor()
    for one in (question, alone):
        assert (await erase(client, one.code)).status == 303
    assert dict(await records.votes(world.session)) == before
    assert await wrong(world) == []
    found = await everything(world)
    assert WORDING in found, "others rely on it"
    for private in (NAME, ISLAND, question.device):
        assert private not in found, private
    sitting = await records.load(world.session)
    assert sitting.queue.questions[question.id].text == WORDING
    assert sitting.queue.questions[alone.id].text == WORDS["asker"]


async def test_a_wording_that_was_never_public_goes_from_the_suggestions_it_is_in(world: World) -> None:
    await world.live()
    question = await ask(world, await Wire.open(await world.visitor()))
    verbs, people = world.app[keys.VERBS], world.app[keys.PEOPLE]
    office = await people.account("office")
    assert office is not None
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, office.actor)
    matter = await verbs.concluding.draft_suggestion(world.session, [question.id], "", office.actor)
    before = await world.app[keys.MATTERS].load(matter)
    assert WORDING in before.title + before.body
    await verbs.following_up.step(matter, "edit", {"title": "码头照明", "body": f"他说：{WORDING}。"}, office.actor)
    assert (await erase(await world.visitor(), question.code)).status == 303
    after = await world.app[keys.MATTERS].load(matter)
    assert (after.title, after.body) == ("码头照明", f"他说：{WORDS['asker']}。")
    assert after.sources[0].wordings == (WORDS["asker"],)
    found = await everything(world)
    for private in (WORDING, NAME, question.device):
        assert private not in found, private
    assert await wrong(world) == []
    page = await (await world.sign_in("office")).get(f"/worklist/{matter}")
    assert page.status == 200
    assert "提问人的原话已经删除。" in await page.text()


async def test_a_verified_asker_says_so_with_a_code_and_the_contact_goes_with_the_last_question(world: World) -> None:
    client = await world.visitor()
    token = await csrf(client, "/verify")

    def newest() -> str:
        letters = sorted((world.app[keys.SETTINGS].data / "codes").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        code = re.search(r"\b(\d{6})\b", letters[-1].read_text())
        assert code is not None
        return code[1]

    await client.post("/verify/contact", data={"csrf": token, "contact": "13800138000"})
    await client.post("/verify/code", data={"csrf": token, "code": newest()})
    wire = await Wire.open(client)
    first, second = [await ask(world, wire, f"key-of-the-form-{n}", verified=True) for n in (1, 2)]
    assert first.verified
    thief = await world.visitor()
    answer = await erase(thief, first.code)
    assert answer.status == 200
    text = await answer.text()
    assert "138…00" in text
    assert "13800138000" not in text
    assert (await erase(thief, first.code, code="000000" if newest() != "000000" else "111111")).status == 403
    assert NAME in await everything(world)
    assert (await erase(thief, first.code, code=newest())).status == 303
    vault = world.app[keys.VERBS].erasing._vault
    assert await vault.contact_of(first.device) is not None, "it stands for the second one"
    # A minute between two codes of one purpose does not hold up another.
    assert (await erase(thief, second.code)).status == 200
    assert (await erase(thief, second.code, code=newest())).status == 303
    assert await vault.contact_of(first.device) is None
    found = await everything(world)
    assert NAME not in found
    assert first.device not in found
