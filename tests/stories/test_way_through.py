"""From assignment to a reply in real Chromium: returned, extended, with others, together, unseen, taken back."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.admission import ADMITTED
from tests.support.journeys import UNIT, Journey
from tests.support.stage import Stage, ahead

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_a_unit_returns_it_and_is_heard_or_not_or_too_late(stage: Stage) -> None:
    moved, denied, late = await Journey.evening(stage.world, "候船室屋顶", "山塘水库", "垃圾转运")
    for journey in (moved, denied, late):
        await (await journey.begun()).registered()
    await stage.take(moved, "office", "assign", unit="water", due=ahead(60))
    due = (await moved.now()).clocks["reply"]
    await stage.listed(moved, "unit", "已交办，待接收", "轮到您了")
    await stage.everybody_reads(moved, "已交办，待接收", "水务局", ahead(60))
    await stage.take(moved, "officer", "request_return", reason="候船室由港航中心管理。")
    await stage.asker_reads(moved, "承办单位申请退办：候船室由港航中心管理。", "人大代表工委")
    await stage.listed(moved, "office", "承办单位申请退办", view="returned")
    page = await stage.open("office", moved.page)
    await expect(page.locator("#step-approve_return option")).to_have_text(["请选择", "港航中心"])
    await stage.go_on(page, "approve_return", unit="harbour")
    await expect(page.locator("main")).to_contain_text("现在轮到港航中心。")
    await stage.everybody_reads(moved, "同意退办，改交港航中心办理。", ahead(60))
    await stage.not_listed(moved, "unit", view="open")
    assert (await moved.now()).clocks["reply"] == due, "the clock never pauses"
    await stage.take(moved, "harbour", "accept")
    await stage.asker_reads(moved, "办理中", "承办单位已接收，开始办理。")

    for journey in (denied, late):
        await journey.step("assign", "office", {"unit": UNIT})
        await journey.step("request_return", "unit", {"reason": "不属本单位职责。"})
    await stage.take(denied, "office", "deny_return", reason="水库由水务局管理。")
    await stage.everybody_reads(denied, "不同意退办：水库由水务局管理。", "办理中")
    await stage.listed(denied, "unit", "办理中", "答复期限")
    await stage.until_the_end(late, "return_decision", "handling")
    await stage.everybody_reads(late, "退办申请没有在期限内批准，由原单位办理。", "水务局")
    await stage.listed(late, "unit", "办理中", "轮到您了")


async def test_a_co_unit_says_its_opinion_in_every_round(stage: Stage) -> None:
    (journey,) = await Journey.evening(stage.world, "沙滩救生")
    await (await journey.begun()).registered()
    await stage.take(journey, "office", "assign", unit="water", co_units=["harbour"])
    await stage.listed(journey, "harbour", "轮到您了")
    await stage.everybody_reads(journey, "协办：港航中心")
    await stage.take(journey, "harbour", "give_opinion", text="可以提供救生艇。")
    await stage.offers(journey, "harbour", "give_opinion")
    await expect((await stage.open("harbour", journey.page)).locator("main")).not_to_contain_text("轮到您了")
    await stage.not_listed(journey, "harbour")
    await stage.take(journey, "unit", "accept")
    await stage.take(journey, "harbour", "give_opinion", text="可以提供两条救生艇。")
    await stage.everybody_reads(journey, "办理中", without="救生艇")
    await stage.asker_reads(journey, without="救生艇")
    page = await stage.take(journey, "unit", "contact", contact="电话沟通过。")
    await expect(page.locator("#opinions ~ .prose")).to_have_text(["可以提供两条救生艇。"])
    await journey.step("reply", "unit", {"class": "A", "text": "已经配备救生员。"})
    await journey.judged("dissatisfied")
    await stage.listed(journey, "harbour", "重新办理中", "轮到您了")
    await stage.take(journey, "unit", "contact", contact="到沙滩看过。")
    page = await stage.open("unit", journey.page)
    await page.locator("#step-reply summary").click()
    await expect(page.locator("#step-reply .note")).to_contain_text("港航中心")
    await stage.take(journey, "harbour", "give_opinion", text="六月以前到位。")
    await stage.take(journey, "unit", "reply", class_="A", text="救生员和救生艇都已到位。")
    await stage.everybody_reads(journey, "救生员和救生艇都已到位。", without="六月以前到位")


async def test_a_later_day_is_asked_for_and_granted_or_denied_in_every_round(stage: Stage) -> None:
    (journey,) = await Journey.evening(stage.world, "海塘加固")
    await (await journey.begun()).assigned()
    await journey.step("accept", "unit")
    await stage.take(journey, "unit", "ask_extension", until=ahead(170), reason="汛期不能施工。")
    await stage.everybody_reads(journey, f"承办单位申请延期到 {ahead(170)}：汛期不能施工。")
    await stage.listed(journey, "office", "轮到您了", view="extension")
    await stage.take(journey, "office", "deny_extension", reason="请先出方案。")
    await stage.asker_reads(journey, "不同意延期：请先出方案。")
    await stage.not_listed(journey, "office", view="extension")
    await stage.take(journey, "unit", "ask_extension", until=ahead(150), reason="方案已出，需要招标。")
    page = await stage.open("office", journey.page)
    await expect(page.locator("#step-grant_extension input[name=until]")).to_have_value(ahead(150))
    await stage.go_on(page, "grant_extension")
    await expect(page.locator(".facts")).to_contain_text("方案已出，需要招标。")
    await stage.everybody_reads(journey, f"延期到 {ahead(150)}。", ahead(150))
    await stage.listed(journey, "unit", ahead(150))

    await journey.reply()
    await journey.judged("dissatisfied")
    await stage.take(journey, "unit", "ask_extension", until=ahead(45), reason="材料没有到。")
    await stage.take(journey, "office", "deny_extension", reason="一个月够了。")
    await stage.take(journey, "unit", "ask_extension", until=ahead(40), reason="台风。")
    page = await stage.take(journey, "office", "grant_extension", until=ahead(35))
    await expect(page.locator("main")).to_contain_text("现在轮到水务局。")
    await stage.everybody_reads(journey, "重新办理中", f"延期到 {ahead(35)}。")


async def test_two_alike_go_together_as_long_as_they_are_handled(stage: Stage) -> None:
    first, second = await Journey.evening(stage.world, "停航提前一晚通知", "停航短信通知")
    await (await first.begun()).registered()
    number = (await first.now()).number
    await second.begun()
    await second.step("adopt", "deputy", {"signature": "deputy 甲"})
    await second.step("take_up", "office")
    ways = [("register", "office", ADMITTED), ("assign", "office", {"unit": UNIT}), ("accept", "unit", {})]
    for way in (*ways, None):
        page = await stage.open("office", second.page)
        await page.locator("#step-consolidate summary").click()
        await expect(page.locator("#step-consolidate fieldset")).to_contain_text(first.title)
        await stage.go_on(page, "consolidate", into=number)
        await expect(page.locator("main")).to_contain_text(f"与第 {number} 号并案办理")
        await stage.asker_reads(second, f"与第 {number} 号并案办理。")
        if way is None:
            break
        await stage.take(second, "office", "separate", reason="内容不同。")
        await second.step(way[0], way[1], way[2])
    await stage.everybody_reads(second, f"第 {number} 号建议", f"与第 {number} 号并案办理。")
    page = await stage.everybody_reads(first, f"第 {(await second.now()).number} 号与本件并案办理。")
    await page.goto(stage.address(f"/suggestions/{(await second.now()).number}"))
    await page.get_by_role("link", name=f"第 {number} 号建议").click()
    await expect(page.locator("h1")).to_have_text(first.title)
    await stage.take(second, "office", "separate", reason="各自办理。")
    await stage.everybody_reads(second, "不再并案办理。")
    await stage.listed(second, "unit", "办理中")


async def test_nobody_sees_what_is_confidential_until_it_is_public_again(stage: Stage) -> None:
    (journey,) = await Journey.evening(stage.world, "海事调查")
    await journey.begun()
    text = {"text": "已经安排。"}
    handle = [("contact", "unit", {"contact": "电话。"}), ("reply", "unit", {"class": "A", **text})]
    dissatisfied = ("evaluate", "deputy", {"attitude": "satisfied", "result": "dissatisfied"})
    content = ("evaluate", "deputy", {"attitude": "satisfied", "result": "satisfied"})
    planned = ("reply", "unit", {"class": "C", **text})
    walk = {
        "submitted": [("adopt", "deputy", {"signature": "deputy 甲"})],
        "under_review": [("take_up", "office", {})],
        "registered": [("register", "office", ADMITTED)],
        "assigned": [("assign", "office", {"unit": UNIT})],
        "return_requested": [("request_return", "unit", {"reason": "不归我们。"})],
        "handling": [("deny_return", "office", {"reason": "归你们。"})],
        "replied": handle,
        "rehandling": [dissatisfied],
        "escalated": [*handle, dissatisfied],
        "tracking": [("supervise", "office", {"note": "请办好。"}), handle[0], planned, content],
        "asker_check": [handle[1], content],
    }
    for number, (state, steps) in enumerate(walk.items()):
        for command, login, values in steps:
            await journey.step(command, login, values)
        login = ("office", "deputy")[number % 2]
        page = await stage.take(journey, login, "make_confidential", reason="调查没有结束。")
        await expect(page.locator(".facts")).to_contain_text("不公开")
        await stage.nobody_reads(journey)
        if state in {"submitted", "replied"}:
            await stage.asker_reads(journey, "请办好海事调查。", without=journey.title)
        await stage.go_on(await stage.open("office", journey.page), "make_public", reason="调查已经结束。")
        assert (await journey.now()).state == state
    await stage.everybody_reads(journey, "待群众确认", without="没有结束")
    await stage.asker_reads(journey, journey.title, "待群众确认", without="没有结束")
    await stage.listed(journey, "office", "待群众确认", view="open")


async def test_a_deputy_takes_it_back_before_a_reply(stage: Stage) -> None:
    ways = [
        ("submitted", "adopt", "deputy", {"signature": "deputy 甲"}),
        ("under_review", "take_up", "office", {}),
        ("returned_for_revision", "return", "office", {"reason": "请补充。"}),
        ("registered", "register", "office", ADMITTED),
        ("assigned", "assign", "office", {"unit": UNIT}),
        ("return_requested", "request_return", "unit", {"reason": "不归我们。"}),
        ("handling", "deny_return", "office", {"reason": "归你们。"}),
    ]
    subjects = ["早班船", "末班船", "船票", "码头厕所", "候船座椅", "行李托运", "轮椅坡道"]
    journeys = await Journey.evening(stage.world, *subjects)
    for number, journey in enumerate(journeys):
        await journey.begun()
        for state, command, login, values in ways[: number + 1]:
            if state == "returned_for_revision" and number != 2:
                continue
            await journey.step(command, login, values)
        assert (await journey.now()).state == ways[number][0]
        await stage.take(journey, "deputy", "withdraw", reason="已经协调解决。")
        await stage.asker_reads(journey, "代表已撤回", "代表撤回了建议：已经协调解决。")
    await stage.everybody_reads(journeys[-1], "代表已撤回", "代表撤回了建议", without="答复期限")
    await stage.nobody_reads(journeys[0])
    await stage.listed(journeys[-1], "deputy", "代表已撤回", view="closed")
    await stage.not_listed(journeys[-1], "unit", view="open")
    board = await stage.open("office", f"/rooms/r/outcomes?session={stage.world.session}")
    await expect(board.locator("#open-count")).to_have_text("7")
    await expect(board.locator("main")).to_contain_text("没有办成，请另给去向")
