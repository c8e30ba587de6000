"""Where those who asked have their say: the page of their code asks them, in the words of what came of it, once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.matters.matter import Matter
from liveroom.qa.question import Outcome
from liveroom.server import keys
from liveroom.server.identity import DEVICE_COOKIE
from tests.server.test_open_pages import text
from tests.server.test_own_data import erase, everything, wrong
from tests.support.clocks import Shifted
from tests.support.followed import Led
from tests.support.world import World, csrf

COMMENT = "灯还是只亮到半夜"


async def begun(led: Led, outcome: Outcome, **values: str) -> None:
    office = await led.person("office")
    questions = [led.question]
    led.matter = await led.verbs.concluding.follow_up(led.world.session, questions, outcome, values, office)


async def called_back(led: Led) -> None:
    """A work order up to where those who asked rate it."""
    await led.step("accept", "office")
    await led.step("forward", "office", unit="water")
    await led.step("accept", "unit")
    await done(led)


async def done(led: Led) -> Matter:
    await led.step("reply", "unit", class_="A", text="已经换新。")
    return await led.step("call_back", "office", reached="yes", note="打过电话。")


async def verified(led: Led) -> Matter:
    """A commitment up to where those who asked look back at it."""
    await led.step("confirm", "unit")
    await led.step("start_work", "unit")
    await led.step("claim_done", "unit", text="做完了。")
    return await led.step("verify", "office", found="done", note="看过。")


async def say(client: TestClient, page: str, status: int = 303, **values: str) -> str:
    form = {"csrf": await csrf(client, page), "comment": COMMENT, **values}
    answer = await client.post(f"{page}/check", data=form, allow_redirects=False)
    assert answer.status == status, await answer.text()
    return await answer.text()


@pytest.fixture
async def led(world: World) -> Led:
    return await Led.plain(world)


async def test_a_work_order_is_rated_on_the_page_of_the_code(led: Led, world: World) -> None:
    await begun(led, Outcome.WORK_ORDER)
    visitor, page = await world.visitor(), f"/track/{led.code}"
    assert "办得怎么样" not in await text(visitor, page)
    await called_back(led)
    shown = await text(visitor, page)
    for words in ("办得怎么样？", "满意 基本满意 不满意", "由承办单位重新办理"):
        assert words in shown, words
    assert "How was it handled?" in await text(visitor, page, lang="en")
    refused = await say(visitor, page, status=400, result="wonderful")
    assert COMMENT in refused, "what was typed stays"
    await say(visitor, page, result="dissatisfied")
    shown = await text(visitor, page)
    assert "您的评价：不满意。 已经交承办单位重新办理。" in shown
    assert "群众评价：不满意。" in shown
    assert COMMENT not in shown, "it is for the office and the unit alone"
    assert COMMENT in await text(await world.sign_in("office"), f"/worklist/{led.matter}")

    await done(led)
    merged = f"/track/{led.merged_code}"
    assert "办得怎么样？" in await text(visitor, page)
    await say(visitor, merged, result="satisfied")
    assert "您的评价：满意。 谢谢。" in await text(visitor, merged)
    shown = await text(visitor, page)
    assert "办得怎么样？" not in shown, "another asker has rated it"
    assert "群众 办理结果：满意" in shown
    assert "代表 还没有评价" not in shown, "nobody but those who asked evaluates it"
    await say(visitor, "/verify", status=404)


async def test_the_check_of_a_commitment_is_on_the_page_of_the_code(led: Led, world: World) -> None:
    day = (clock.now() + timedelta(days=100)).date().isoformat()
    await begun(led, Outcome.COMMITMENT, unit="water", promise_due=day, title="换灯")
    number = (await verified(led)).number
    page = f"/track/{led.code}"
    visitor = await world.visitor()
    shown = await text(visitor, page)
    for words in ("承诺做到了吗？", "做到了 还没有"):
        assert words in shown, words
    assert "承诺做到了吗？" in await text(led.seconder, f"/suggestions/{number}")
    await say(visitor, page, solved="yes")
    assert "您说：已经做到。谢谢。" in await text(visitor, page)
    await say(led.seconder, f"/suggestions/{number}", solved="no")
    shown = await text(visitor, page)
    assert "一位提问人认为问题没有解决。 重新办理。" in shown
    assert "承诺做到了吗？" not in shown, "it is for the unit again"


async def test_what_was_added_is_read_taken_home_and_erased_on_the_page_of_own_data(led: Led, world: World) -> None:
    await begun(led, Outcome.WORK_ORDER)
    await called_back(led)
    page = f"/track/{led.code}"
    await say(led.asker, page, result="satisfied")
    mine = await text(led.asker, f"{page}/data")
    assert "您对结果的回答 满意" in mine
    assert COMMENT in mine
    taken = await (await led.asker.get(f"{page}/data.json")).json()
    assert [(one["answer"], one["comment"]) for one in taken["said"]] == [("satisfied", COMMENT)]
    stranger = await world.visitor()
    assert COMMENT not in await text(stranger, f"{page}/data"), "a code may be known to others"
    assert "您对结果的回答 满意" in await text(stranger, f"{page}/data")
    assert (await erase(led.asker, led.code)).status == 303
    assert COMMENT not in await everything(world)
    assert await wrong(world) == []
    matter = await world.app[keys.MATTERS].load(led.matter)
    assert matter.result == "satisfied", "it stays counted"


async def test_a_browser_that_comes_back_after_a_long_time_is_the_same_and_keeps_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = Shifted(monkeypatch)
    world = await World.make(tmp_path / "data")
    client = await world.visitor()
    name = (await client.get("/")).cookies[DEVICE_COOKIE].value
    assert DEVICE_COOKIE not in (await client.get("/")).cookies, "it is given once"
    now.step(timedelta(days=201))
    again = (await client.get("/")).cookies[DEVICE_COOKIE]
    assert again.value == name
    assert int(again["max-age"]) == 400 * 24 * 3600
    await world.close()
