"""What was promised on the air in real Chromium: confirmed, disputed, reported, verified, kept or broken."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from liveroom.qa.question import Outcome
from tests.support.journeys import UNIT, Journey
from tests.support.stage import Stage, ahead

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def promised(journey: Journey, days: int = 60) -> Journey:
    """On the board, after the session."""
    values = {"unit": UNIT, "title": journey.title, "promise_due": ahead(days)}
    return await journey.begun(Outcome.COMMITMENT, **values)


async def later_day(stage: Stage, journey: Journey, days: int) -> None:
    """Asked for twice: the office denies it, and grants it."""
    await stage.take(journey, "unit", "ask_extension", until=ahead(days), reason="机器没有到。")
    await stage.take(journey, "office", "deny_extension", reason="请换一家。")
    await stage.take(journey, "unit", "ask_extension", until=ahead(days), reason="换了一家，还没有到。")
    await stage.listed(journey, "office", "轮到您了", view="extension")
    await stage.take(journey, "office", "grant_extension")
    await stage.everybody_reads(journey, "不同意延期：请换一家。", ahead(days))


async def test_a_promise_is_kept_and_looked_back_at(stage: Stage) -> None:
    who = await stage.seconder()
    (journey,) = await Journey.evening(stage.world, "净水器", seconder=who)
    board = await stage.on_the_board("commitment")
    await board.select_option("#commitment-unit", "water")
    await board.fill("#commitment-title", journey.title)
    await board.fill("#commitment-date", ahead(60))
    await stage.begins(journey, board, "commitment")
    await stage.everybody_reads(journey, "已承诺，待单位确认", "代表在直播中作出承诺，由水务局落实。", "水务局")
    await stage.asker_reads(journey, "已承诺，待单位确认", journey.title)
    await stage.listed(journey, "unit", "已承诺，待单位确认", "轮到您了", "单位确认期限")
    await stage.take(journey, "officer", "confirm", note="年底前装好。")
    await stage.everybody_reads(journey, "单位已确认", ahead(60))
    await later_day(stage, journey, 80)
    await stage.take(journey, "unit", "report", text="已经采购。")
    await stage.take(journey, "unit", "start_work", note="开工了。")
    await stage.asker_reads(journey, "落实中", "已经采购。")
    await later_day(stage, journey, 90)
    await stage.take(journey, "unit", "report", text="装好三台。")
    await stage.take(journey, "unit", "claim_done", text="全部装好。")
    await stage.everybody_reads(journey, "单位称已兑现，待核实", "装好三台。", "全部装好。", without="已解决")
    await stage.listed(journey, "office", "单位称已兑现，待核实", "轮到您了", "核实期限")
    await stage.take(journey, "office", "verify", found="done", note="现场看过。")
    await stage.everybody_reads(journey, "已核实，回头看", "经核实，已经做到。", "正在听取，还没有人表态")
    page = await stage.says(journey, "yes")
    await expect(page.locator("#check")).to_contain_text("您说：已经做到。谢谢。")
    await stage.until_the_end(journey, "look_back", "fulfilled")
    await stage.everybody_reads(journey, "已兑现", "承诺已兑现。", "1 人说已解决")
    await stage.asker_reads(journey, "已兑现")
    await stage.listed(journey, "unit", "已兑现", view="closed")


async def test_a_promise_that_is_not_kept_is_called_broken(stage: Stage) -> None:
    who = await stage.seconder()
    silent, spoken = await Journey.evening(stage.world, "路灯更换", "渔港清淤", seconder=who)
    await promised(silent)
    await promised(spoken)
    await stage.until_the_end(silent, "confirmation", "confirmed")
    await stage.everybody_reads(silent, "单位已确认")
    await stage.take(spoken, "unit", "start_work")
    await stage.until_the_end(silent, "promise", "due")
    await stage.stands(spoken, "due")
    await stage.everybody_reads(silent, "已到期", "承诺的日期已到。", without="已兑现")
    await stage.listed(silent, "unit", "已到期", "轮到您了")
    await stage.take(spoken, "unit", "report", text="清了一半。")
    await stage.take(spoken, "unit", "claim_done", text="清完了。")
    await stage.take(spoken, "office", "verify", found="not_done", note="还有一段没有清。")
    await stage.everybody_reads(spoken, "已到期", "经核实，没有做到。")
    await stage.asker_reads(spoken, "经核实，没有做到。", without="已兑现，")
    await spoken.step("claim_done", "unit", {"text": "这次清完了。"})
    await spoken.step("verify", "office", {"found": "done", "note": "看过。"})
    page = await stage.says(spoken, "no", "退潮时还搁浅。")
    await expect(page.locator("main")).to_contain_text("已到期")
    await stage.listed(spoken, "unit", "已到期", "轮到您了")
    await spoken.step("claim_done", "unit", {"text": "都清完了。"})
    await spoken.step("verify", "office", {"found": "done", "note": "又看过。"})
    await stage.seconder_says(spoken, "no")
    await stage.until_the_end(spoken, "look_back", "closed_disputed")
    for read in (stage.everybody_reads, stage.asker_reads):
        await read(spoken, "办结，提问人认为没有兑现", "不算已解决", without="承诺已兑现")
    await stage.stands(silent, "broken")
    for read in (stage.everybody_reads, stage.asker_reads):
        await read(silent, "未兑现", "承诺未兑现。")
    await stage.listed(silent, "unit", "未兑现", view="closed")


async def test_a_unit_disputes_what_was_promised(stage: Stage) -> None:
    upheld, cancelled = await Journey.evening(stage.world, "停车场", "码头雨棚")
    for journey in (upheld, cancelled):
        await promised(journey)
        await stage.take(journey, "unit", "dispute", reason="没有这笔经费。")
        await stage.everybody_reads(journey, "单位有异议", "单位提出异议：没有这笔经费。")
        await stage.listed(journey, "office", "单位有异议", view="returned")
    await stage.take(upheld, "office", "uphold", reason="经费已经安排。", promise_due=ahead(90))
    await stage.everybody_reads(upheld, "单位已确认", "工委维持承诺：经费已经安排。", ahead(90))
    await stage.listed(upheld, "unit", ahead(90), "轮到您了")
    await stage.take(cancelled, "office", "cancel", reason="代表说的是另一处。")
    for read in (stage.everybody_reads, stage.asker_reads):
        await read(cancelled, "不作为承诺", "代表说的是另一处。", without="未兑现")
    await stage.not_listed(cancelled, "unit", view="open")


async def test_a_promise_is_concluded_whatever_those_who_asked_say(stage: Stage) -> None:
    who = await stage.seconder()
    subjects = ("夜间急诊", "校车", "球场", "书屋")
    kept, again, later, never = await Journey.evening(stage.world, *subjects, seconder=who)
    for journey in (kept, again, later, never):
        await promised(journey)
        await journey.step("confirm", "unit")
    await stage.take(kept, "unit", "claim_done", text="已经开诊。")
    await again.step("start_work", "unit")
    await stage.take(again, "unit", "claim_done", text="已经通车。")
    for journey in (kept, again):
        await journey.step("verify", "office", {"found": "done", "note": "看过。"})
    await stage.take(kept, "office", "conclude", outcome="fulfilled", note="夜里都有人。")
    await stage.everybody_reads(kept, "已兑现", "承诺已兑现。")
    await stage.asker_reads(kept, "已兑现")
    await stage.take(again, "office", "conclude", outcome="broken", note="只开了一个星期。")
    await stage.everybody_reads(again, "未兑现")
    await stage.listed(again, "unit", "未兑现", view="closed")
    for journey in (later, never):
        await journey.step("claim_done", "unit", {"text": "已经建好。"})
        await journey.step("verify", "office", {"found": "not_done", "note": "灯还没有装。"})
    await stage.take(later, "office", "conclude", outcome="fulfilled", note="灯已经装好。")
    await stage.everybody_reads(later, "已兑现", "经核实，没有做到。", "承诺已兑现。")
    await stage.take(never, "office", "conclude", outcome="broken", note="不建了。")
    await stage.asker_reads(never, "未兑现", "承诺未兑现。", without="承诺已兑现")
