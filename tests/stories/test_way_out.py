"""From a reply to the end in real Chromium: judged, handled again, tracked, supervised, confirmed; or silence."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.journeys import Journey
from tests.support.samples import photo
from tests.support.stage import Stage, ahead

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_solved_is_asked_of_those_who_asked_and_then_closed(stage: Stage) -> None:
    who = await stage.seconder()
    (journey,) = await Journey.evening(stage.world, "码头照明", seconder=who)
    await (await journey.begun()).handled()
    await stage.take(journey, "officer", "prepare_reply", class_="A", text="灯换好了。")
    await stage.everybody_reads(journey, "办理中", without="灯换好了")
    await journey.step("contact", "unit", {"contact": "到现场看过。"})
    page = await stage.open("unit", journey.page)
    await page.set_input_files("#file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    await page.fill("#caption", "新灯")
    async with page.expect_navigation():
        await page.get_by_role("button", name="添加附件").click()
    await stage.go_on(page, "reply", text="十二盏灯全部换好。")
    page = await stage.everybody_reads(journey, "已答复，待代表评价", "十二盏灯全部换好。", "还没有评价")
    await expect(page.locator(".timeline img")).to_have_attribute("alt", "新灯")
    await stage.listed(journey, "deputy", "已答复，待代表评价", "轮到您了", "评价期限")
    page = await stage.take(journey, "deputy", "evaluate", attitude="satisfied", result="satisfied")
    await expect(page.locator("main")).to_contain_text("现在等提出问题的群众确认。")

    await stage.everybody_reads(
        journey, "待群众确认", "正在听取，还没有人表态", "共 3 人提问和附议", without="已解决，办结"
    )
    page = await stage.asker_reads(journey, "问题解决了吗？", "您说“还没有”，这件事就重新打开")
    page = await stage.says(journey, "yes", "晚上看得清了。")
    await expect(page.locator("#check")).to_contain_text("您说：已经解决。谢谢。")
    page = await stage.seconder_says(journey, "yes")
    await expect(page.locator("main")).to_contain_text("2 人说已解决，0 人说还没有解决")
    await stage.everybody_reads(journey, "一位提问人确认问题已解决。", without="晚上看得清了")
    page = await stage.open("unit", journey.page)
    await expect(page.locator(".timeline")).to_contain_text("晚上看得清了。")

    await stage.until_the_end(journey, "asker_check", "closed")
    await stage.everybody_reads(journey, "已解决，办结", "问题已解决，办结。", without="问题没有解决")
    await stage.asker_reads(journey, "已解决，办结")
    await stage.listed(journey, "unit", "已解决，办结", view="closed")


async def test_not_solved_reopens_once_by_right(stage: Stage) -> None:
    who = await stage.seconder()
    (journey,) = await Journey.evening(stage.world, "路面积水", seconder=who)
    await (await journey.begun()).replied()
    await journey.judged()
    page = await stage.says(journey, "no", "雨天还是积水。")
    await expect(page.locator("main")).to_contain_text("重新办理中")
    await expect(page.locator("main")).to_contain_text("一位提问人认为问题没有解决。 重新办理。")
    await stage.listed(journey, "unit", "重新办理中", "轮到您了", "重新办理期限")
    await stage.everybody_reads(journey, "重新办理中", "0 人说已解决，1 人说还没有解决", without="雨天还是积水")
    await stage.take(journey, "unit", "contact", contact="雨天一起看过。")
    await stage.take(journey, "unit", "prepare_reply", class_="A", text="加了两处排水口。")
    await stage.take(journey, "unit", "reply")
    await journey.judged()
    await stage.asker_reads(journey, "问题解决了吗？", "按规则重新办理的次数已经用完")
    page = await stage.seconder_says(journey, "no")
    await expect(page.locator("#check")).to_contain_text("您说：还没有解决。已经如实记录。")
    await stage.says(journey, "yes")
    await stage.until_the_end(journey, "asker_check", "closed_disputed")
    for read in (stage.everybody_reads, stage.asker_reads):
        await read(
            journey, "办结，提问人认为没有解决", "不算已解决", "1 人说已解决，1 人说还没有解决", without="已解决，办结"
        )
    await stage.listed(journey, "unit", "办结，提问人认为没有解决", view="closed")


async def test_what_is_planned_is_tracked_until_it_is_solved_or_explained(stage: Stage) -> None:
    solved, unsolved, reference = await Journey.evening(stage.world, "直升机坪", "海底电缆", "岛名由来")
    for journey in (solved, unsolved, reference):
        await (await journey.begun()).handled()
        await journey.step("contact", "unit", {"contact": "当面沟通。"})
    await stage.refused(solved, "unit", "reply", "B 类答复需要写明计划解决的日期。", class_="B", text="列入明年计划。")
    await stage.go_on(stage.people["unit"].page, "reply", promise_due=ahead(200))
    await stage.everybody_reads(solved, "B 类：列入计划，限期解决", "计划解决日期", ahead(200))
    await stage.take(solved, "deputy", "evaluate", attitude="satisfied", result="basically_satisfied")
    await stage.everybody_reads(solved, "跟踪落实中", "基本满意", without="已解决")
    await stage.asker_reads(solved, "跟踪落实中", "计划解决日期", without="问题解决了吗")
    await stage.listed(solved, "unit", "跟踪落实中", ahead(200))
    await stage.listed(solved, "office", "跟踪落实中", view="tracking")
    await stage.take(solved, "unit", "ask_extension", until=ahead(260), reason="台风毁了栈桥。")
    await stage.take(solved, "office", "deny_extension", reason="请先清场。")
    await stage.take(solved, "unit", "ask_extension", until=ahead(230), reason="清场之后才能施工。")
    await stage.listed(solved, "office", "轮到您了", view="extension")
    await stage.take(solved, "office", "grant_extension")
    await stage.everybody_reads(solved, "不同意延期：请先清场。", "清场之后才能施工。", ahead(230))
    await stage.listed(solved, "unit", "跟踪落实中", ahead(230))
    await stage.take(solved, "unit", "prepare_reply", class_="A", text="直升机坪已经启用。")
    await stage.take(solved, "unit", "reply")
    await stage.take(solved, "deputy", "evaluate", attitude="satisfied", result="satisfied")
    await stage.everybody_reads(solved, "A 类：已经解决或正在解决", "待群众确认")

    await unsolved.step("reply", "unit", {"class": "C", "text": "今年没有经费。"})
    await stage.take(unsolved, "deputy", "evaluate", attitude="satisfied", result="satisfied")
    await stage.everybody_reads(unsolved, "C 类：暂时不能解决", "跟踪落实中", without="已解决")
    await stage.take(unsolved, "unit", "explain", text="海况不允许，改用渡轮运油。")
    for read in (stage.everybody_reads, stage.asker_reads):
        await read(unsolved, "未能解决，已说明", "这件事已经办结，但问题没有解决。", without="已解决，办结")
    page = await stage.everybody_reads(unsolved)
    await expect(page.locator("section", has=page.locator("#now"))).to_contain_text("海况不允许，改用渡轮运油。")
    await stage.listed(unsolved, "unit", "未能解决，已说明", view="closed")

    await reference.step("reply", "unit", {"class": "D", "text": "已转有关部门研究。"})
    await stage.take(reference, "deputy", "evaluate", attitude="satisfied", result="satisfied")
    for read in (stage.everybody_reads, stage.asker_reads):
        await read(reference, "已说明，办结", "这件事已经办结，但问题没有解决。", without="已解决")
    await stage.not_listed(reference, "unit", view="open")


async def test_dissatisfied_twice_is_escalated_and_supervised(stage: Stage) -> None:
    (journey,) = await Journey.evening(stage.world, "航班准点")
    await (await journey.begun()).replied()
    page = await stage.take(
        journey, "deputy", "evaluate", attitude="satisfied", result="dissatisfied", comment="还是太晚。"
    )
    await expect(page.locator(".timeline")).to_contain_text("办理态度满意，办理结果不满意")
    await stage.everybody_reads(journey, "重新办理中", "办理结果：不满意", "办理态度：满意", without="还是太晚")
    await stage.listed(journey, "unit", "重新办理中", "轮到您了")
    await stage.listed(journey, "office", "重新办理中", view="dissatisfied")
    await journey.reply()
    await stage.everybody_reads(journey, "还没有评价")
    await stage.take(journey, "deputy", "evaluate", attitude="dissatisfied", result="dissatisfied")
    await stage.asker_reads(journey, "两次不满意，待督办", "再次不满意，由工委督办。", "人大代表工委")
    await stage.listed(journey, "office", "两次不满意，待督办", "轮到您了", "督办期限", view="escalated")
    await stage.take(journey, "office", "supervise", note="一个月内重新办理。")
    await stage.everybody_reads(journey, "重新办理中", "工委督办：一个月内重新办理。")
    await stage.listed(journey, "unit", "督办", "轮到您了")
    await stage.listed(journey, "office", "督办", view="supervised")


async def test_silence_accepts_and_is_never_satisfied(stage: Stage) -> None:
    journeys = await Journey.evening(stage.world, "气象预报", "冬季供暖", "古树保护")
    ends = {"A": "asker_check", "B": "tracking", "D": "closed_explained"}
    first = journeys[0]
    await (await first.begun()).assigned()
    await stage.until_the_end(first, "acceptance", "handling")
    await stage.everybody_reads(first, "办理中", "承办单位已接收，开始办理。")
    page = await stage.open("unit", first.page)
    await expect(page.locator(".timeline")).to_contain_text("按规则自动记录")
    for journey, letter in zip(journeys, ends, strict=True):
        if journey is not first:
            await (await journey.begun()).handled()
        await journey.reply(letter, ahead(250) if letter == "B" else "")
    for journey, (letter, state) in zip(journeys, ends.items(), strict=True):
        if letter == "A":
            await stage.until_the_end(journey, "evaluation", state)
        await stage.stands(journey, state)
        await stage.everybody_reads(journey, "代表没有在期限内评价，按未表态处理。", "未表态", without="：满意")
    await stage.asker_reads(first, "问题解决了吗？", "未表态")
    await stage.listed(first, "deputy", "待群众确认", view="open")
    await stage.until_the_end(first, "asker_check", "closed")
    await stage.everybody_reads(first, "已解决，办结", "未表态", without="：满意")
