"""Work orders in real Chromium: taken, forwarded, sent back, extended, called back about, rated, closed."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from liveroom.qa.question import Outcome
from tests.support.journeys import UNIT, Journey
from tests.support.stage import Stage, ahead

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def done(journey: Journey, letter: str = "A") -> None:
    """From the board to a reply, by the verbs."""
    await journey.begun(Outcome.WORK_ORDER)
    await journey.step("accept", "office")
    await journey.step("forward", "office", {"unit": UNIT})
    await journey.step("accept", "unit")
    await journey.step("reply", "unit", {"class": letter, "text": "已经处理。"})


async def test_a_work_order_is_handled_rated_and_closed(stage: Stage) -> None:
    (journey,) = await Journey.evening(stage.world, "水管漏水")
    board = await stage.on_the_board("work_order")
    await board.fill("#work-order-title", journey.title)
    await stage.begins(journey, board, "work_order")
    await stage.asker_reads(journey, "工单", "已收到", journey.title)
    await stage.nobody_reads(journey)
    await stage.listed(journey, "office", "工单", "已收到", "轮到您了", "受理期限")
    await stage.take(journey, "office", "accept")
    await stage.asker_reads(journey, "已受理，待转办")
    await stage.take(journey, "office", "forward", unit="harbour")
    await stage.take(journey, "harbour", "send_back", reason="水管归水务局。")
    await stage.asker_reads(journey, "承办单位退回：水管归水务局。", "已受理，待转办")
    await stage.not_listed(journey, "harbour")
    await stage.take(journey, "office", "forward", unit="water")
    await stage.listed(journey, "officer", "已转办，待接收", "轮到您了")
    await stage.take(journey, "officer", "accept")
    await stage.asker_reads(journey, "工委已受理。", "办理中", "水务局", "10 个工作日")
    await stage.take(journey, "officer", "contact", contact="已经上门看过。")
    await stage.take(journey, "officer", "ask_extension", until=ahead(40), reason="要换整条水管。")
    await stage.listed(journey, "office", "轮到您了", view="extension")
    await stage.take(journey, "office", "deny_extension", reason="太久了。")
    await stage.take(journey, "officer", "ask_extension", until=ahead(30), reason="要换整条水管。")
    await stage.take(journey, "office", "grant_extension")
    await stage.asker_reads(journey, f"延期到 {ahead(30)}。", ahead(30), without="已经上门看过")
    await stage.take(journey, "officer", "reply", class_="A", text="水管已经更换。")
    await stage.asker_reads(journey, "已办理，待回访", "水管已经更换。")
    await stage.take(journey, "office", "call_back", reached="yes", note="说还有一处漏水。")
    await stage.asker_reads(journey, "已回访，待评价", without="还有一处漏水")
    page = await stage.says(journey, "dissatisfied", "还有一处漏水。")
    await expect(page.locator("main")).to_contain_text("群众评价：不满意。")
    await stage.asker_reads(journey, "办理中", "水务局")
    await stage.listed(journey, "officer", "办理中", "轮到您了")
    await stage.take(journey, "officer", "reply", class_="A", text="全部换好。")
    await stage.take(journey, "office", "call_back", reached="yes", note="都好了。")
    await stage.take(journey, "office", "rate", result="satisfied")
    await stage.listed(journey, "office", "已评价，待办结", "轮到您了")
    await stage.take(journey, "office", "close")
    await stage.asker_reads(journey, "已解决，办结", "群众评价：满意。")
    await stage.listed(journey, "officer", "已解决，办结", view="closed")
    await stage.nobody_reads(journey)


async def test_a_work_order_is_refused_or_ends_unsolved_or_by_silence(stage: Stage) -> None:
    subjects = ("邻里噪声", "小区充电桩", "垃圾清运", "井盖松动")
    refused, planned, silent, solved = await Journey.evening(stage.world, *subjects)
    await refused.begun(Outcome.WORK_ORDER)
    await stage.take(refused, "office", "not_admit", reason="已经在法院审理。")
    await stage.asker_reads(refused, "不受理", "已经在法院审理。", without="已解决")
    await stage.not_listed(refused, "office")

    await done(planned, "C")
    await planned.step("call_back", "office", {"reached": "yes", "note": "知道了。"})
    await planned.step("rate", "office", {"result": "basically_satisfied"})
    await stage.take(planned, "office", "close")
    await stage.asker_reads(planned, "未能解决，已说明", "这件事已经办结，但问题没有解决。", without="已解决")
    page = await stage.open("unit", planned.page)
    await expect(page.locator(".timeline")).to_contain_text("群众评价：基本满意。")

    await silent.begun(Outcome.WORK_ORDER)
    await silent.step("accept", "office")
    await silent.step("forward", "office", {"unit": UNIT})
    await stage.until_the_end(silent, "quick_taking", "handling")
    await stage.listed(silent, "unit", "办理中", "轮到您了", "答复期限")
    await silent.step("reply", "unit", {"class": "C", "text": "下个月才有车。"})
    await silent.step("call_back", "office", {"reached": "no", "note": "没有人接。"})
    await done(solved)
    await solved.step("call_back", "office", {"reached": "no", "note": "没有人接。"})
    await stage.until_the_end(silent, "rating", "rated")
    await stage.asker_reads(silent, "已评价，待办结", "群众评价：未表态。")
    await stage.until_the_end(silent, "closing", "closed_unsolved")
    await stage.asker_reads(silent, "未能解决，已说明", without="已解决")
    await stage.stands(solved, "closed")
    await stage.asker_reads(solved, "已解决，办结", "群众评价：未表态。", without="：满意")
