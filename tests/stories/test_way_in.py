"""From the questions to the register in real Chromium: drafted, offered, signed, returned, reviewed, not admitted."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from liveroom.rooms.roles import Role
from tests.support.journeys import Journey
from tests.support.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_a_draft_goes_from_deputy_to_deputy_until_one_signs(stage: Stage) -> None:
    (journey,) = await Journey.evening(stage.world, "夜航")
    board = await stage.on_the_board("suggestion")
    await board.fill("[name=title]", journey.title)
    async with board.expect_navigation():
        await board.click("button[value=draft]")
    journey.matter = board.url.rsplit("/", 1)[1]
    await stage.asker_reads(journey, "已并入", "去向：转为代表建议", "关于夜航的建议", "起草中", "根据群众提问起草。")
    await stage.listed(journey, "moderator", "起草中")

    await stage.take(journey, "office", "edit", body="夜里有急病的人要能过海。")
    await stage.take(journey, "office", "offer", deputy="deputy", others=["stranger"])
    await stage.listed(journey, "deputy", "等待代表认领", "轮到您了", "认领期限")
    await stage.asker_reads(journey, "等待代表认领", "送deputy 甲认领。", "deputy 甲")
    await stage.nobody_reads(journey)
    await stage.take(journey, "deputy", "edit", body="夜里有急病的人要能过海，请安排夜航。")
    page = await stage.take(journey, "deputy", "decline", reason="我不分管这一块。")
    assert page.url.endswith("/worklist"), "it is none of theirs any more"
    await stage.asker_reads(journey, "stranger 甲", without="我不分管")
    await stage.take(journey, "stranger", "decline", reason="我也不合适。")
    await stage.asker_reads(journey, "起草中", without="我也不合适")
    await stage.listed(journey, "office", "起草中")

    await stage.take(journey, "office", "offer", deputy="stranger", others=["deputy"])
    await stage.until_the_end(journey, "adoption", "awaiting_adoption")
    await stage.not_listed(journey, "stranger", view="open")
    await stage.listed(journey, "deputy", "轮到您了")
    await stage.until_the_end(journey, "adoption", "draft")
    page = await stage.open("office", journey.page)
    await expect(page.locator(".timeline")).to_contain_text("代表没有在期限内认领。")

    await stage.take(journey, "deputy", "adopt")
    await stage.listed(journey, "office", "代表已提交", "审核期限", view="review")
    await stage.asker_reads(journey, "deputy 甲认领并签名提交。", "人大代表工委")
    await stage.take(journey, "office", "return", reason="请写明停靠哪几个岛。")
    await stage.asker_reads(journey, "退回修改：请写明停靠哪几个岛。")
    await stage.listed(journey, "deputy", "退回修改", "轮到您了")
    await stage.take(journey, "deputy", "edit", body="请安排夜航，停靠西屿和东屿。")
    await stage.take(journey, "deputy", "redraft", reason="请办公室补充数据。")
    await stage.listed(journey, "office", "起草中")

    await stage.take(journey, "office", "offer", deputy="deputy")
    await stage.take(journey, "deputy", "adopt")
    await stage.take(journey, "office", "take_up")
    await stage.asker_reads(journey, "工委审核中", "工委开始审核。")
    await stage.take(journey, "office", "return", reason="一事一议，请分开写。")
    await stage.take(journey, "deputy", "adopt")
    await journey.step("take_up", "office")
    await stage.take(journey, "office", "register", checklist="yes")
    await stage.everybody_reads(
        journey, "已登记，待交办", "停靠西屿和东屿", "审核通过，登记为第", without="请办公室补充数据"
    )
    await stage.listed(journey, "office", "已登记，待交办", "交办期限", view="assignment")


async def test_joint_signers_are_asked_and_each_signs_or_does_not(stage: Stage) -> None:
    (journey,) = await Journey.evening(stage.world, "渡轮票价")
    for login in ("wu", "zheng", "feng"):
        await stage.someone(login, Role.DEPUTY)
    await journey.begun()
    await journey.step("adopt", "deputy", {"signature": "deputy 甲"})

    page = await stage.open("deputy", journey.page)
    await expect(page.locator("#step-invite input[value=deputy]")).to_have_count(0)
    await stage.take(journey, "deputy", "invite", others=["stranger", "wu"])
    await stage.listed(journey, "wu", "轮到您了")
    await stage.take(journey, "stranger", "cosign")
    page = await stage.take(journey, "wu", "decline_cosign")
    assert page.url.endswith("/worklist")
    await stage.take(journey, "office", "take_up")
    await stage.take(journey, "deputy", "invite", others=["wu", "zheng"])
    await stage.take(journey, "wu", "cosign", signature="吴 wu")
    await stage.take(journey, "zheng", "decline_cosign")
    await stage.take(journey, "office", "return", reason="请附上票价表。")
    await stage.take(journey, "deputy", "invite", others=["zheng", "feng"])
    await stage.take(journey, "zheng", "cosign")
    await stage.take(journey, "feng", "decline_cosign")
    await stage.take(journey, "deputy", "adopt")
    await stage.take(journey, "office", "register", checklist="yes")
    await stage.everybody_reads(
        journey, "deputy 甲、stranger 甲、wu 甲、zheng 甲", "stranger 甲联名。", without="feng 甲"
    )
    await stage.asker_reads(journey, "wu 甲联名。", without="没有联名")
    page = await stage.open("office", journey.page)
    await expect(page.locator(".timeline")).to_contain_text("feng 甲没有联名。")
    await stage.listed(journey, "zheng", "已登记，待交办", view="open")
    await stage.not_listed(journey, "feng", view="open")


async def test_what_is_not_admitted_is_answered_in_another_way(stage: Stage) -> None:
    hotline, referred, answered = await Journey.evening(stage.world, "邻居的围墙", "宽带网速", "门票退款")
    for journey in (hotline, referred, answered):
        await (await journey.begun()).step("adopt", "deputy", {"signature": "deputy 甲"})
    ways = [
        (hotline, {"instead": "work_order"}, ("收到工单，由没有作为建议办理的事项转来：不是建议的范围。", "已收到")),
        (referred, {"instead": "referral", "referred_to": "通信管理局"}, ("去向：转有关单位", "通信管理局")),
        (answered, {"instead": "text_answer", "answer": "七天内凭票退款。"}, ("去向：文字答复", "七天内凭票退款。")),
    ]
    for journey, fields, words in ways:
        if journey is not hotline:
            await journey.step("take_up", "office")
        page = await stage.take(journey, "office", "not_admit", checklist="no", reason="不是建议的范围。", **fields)
        await expect(page.locator("main")).to_contain_text("已经办结。")
        await stage.asker_reads(journey, *words, without="已解决")
        await stage.nobody_reads(journey)
        await stage.listed(journey, "deputy", "不作为建议办理", view="closed")
    await stage.listed(hotline, "office", "工单", "已收到", "轮到您了")
    await stage.not_listed(referred, "office")
    board = await stage.open("office", f"/rooms/r/outcomes?session={stage.world.session}")
    await expect(board.locator("#open-count")).to_have_text("0")
