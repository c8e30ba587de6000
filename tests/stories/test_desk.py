"""The desk under many hands: merging, selections, undo, claims, the shield, appeals."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.support.browser import PHONE, Person
from tests.support.demo import Demo
from tests.support.steps import ask, key

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
FERRY, AGAIN, LAMPS = "晚上的渡船几点停航？", "渡船晚上几点停？", "码头的路灯坏了三盏"


def column(desk: Person, name: str) -> Locator:
    return desk.page.locator(f"[data-column={name}]")


def card(desk: Person, name: str, text: str) -> Locator:
    return column(desk, name).locator(".desk-card", has_text=text)


async def lead_moderator(demo: Demo, browser: Browser) -> Person:
    lead = await Person.arrive(browser, demo["office"])
    await lead.page.goto(demo["room"] + "/desk")
    return lead


async def answer(desk: Person, name: str) -> None:
    await desk.page.click(f"#{name}-dialog button[value=yes]")


async def test_the_same_question_of_two_people_is_one_with_both_their_voters(demo: Demo, browser: Browser) -> None:
    one, other = await Person.arrive(browser, demo["room"], phone=True), await Person.arrive(browser, demo["room"])
    desk = await Person.arrive(browser, demo["desk"])
    await ask(one, FERRY, "王阿婆", "西屿")
    await ask(other, AGAIN)
    await ask(other, LAMPS)
    await expect(column(desk, "pending").locator(".desk-card")).to_have_count(3)
    await key(desk, "pending", FERRY, "p")
    await card(desk, "pending", AGAIN).focus()
    await desk.page.keyboard.press("m")
    await expect(desk.page.locator("#merge-targets label").first).to_contain_text(FERRY)
    await answer(desk, "merge")
    await expect(card(desk, "published", FERRY)).to_contain_text("含 1 个相同提问")
    mine = other.page.locator("#mine-list .card", has_text=AGAIN)
    await expect(mine).to_contain_text("已并入相同的提问")
    await expect(mine).to_contain_text(FERRY)

    await desk.page.keyboard.press("z")
    await expect(card(desk, "pending", AGAIN)).to_have_count(1)
    await expect(mine).to_contain_text("正在审核")
    await card(desk, "pending", AGAIN).focus()
    await desk.page.keyboard.press("m")
    await answer(desk, "merge")
    lead = await lead_moderator(demo, browser)
    await key(lead, "done", AGAIN, "u")
    await expect(card(desk, "pending", AGAIN)).to_have_count(1)
    assert desk.errors == one.errors == other.errors == []


async def test_many_are_refused_with_one_reason_and_taken_back_with_one_key(demo: Demo, browser: Browser) -> None:
    asker, desk = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    for n in range(4):
        await ask(asker, f"加微信领优惠 {n}")
    await ask(asker, LAMPS)
    await expect(column(desk, "pending").locator(".desk-card")).to_have_count(5)
    for n in range(4):
        await card(desk, "pending", f"优惠 {n}").focus()
        await desk.page.keyboard.press("x")
    await expect(desk.page.locator("#bulk-count")).to_have_text("已选 4 个")
    await desk.page.keyboard.press("r")
    await desk.page.keyboard.press("3")
    await answer(desk, "refuse")
    await expect(column(desk, "pending").locator(".desk-card")).to_have_count(1)
    await expect(column(desk, "done").locator(".desk-card", has_text="广告")).to_have_count(4)
    await expect(desk.page.locator("#undo-words")).to_contain_text("4 个")
    await desk.page.keyboard.press("z")
    await expect(column(desk, "pending").locator(".desk-card")).to_have_count(5)
    assert desk.errors == []


async def test_what_asks_about_the_same_is_selected_together(demo: Demo, browser: Browser) -> None:
    asker, desk = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    for text in (FERRY, AGAIN, "渡船晚上停航是几点？", LAMPS):
        await ask(asker, text)
    cluster = desk.page.locator("#cluster-list button", has_text="3")
    await expect(cluster).to_have_count(1)
    await cluster.click()
    await expect(desk.page.locator("#bulk-count")).to_have_text("已选 3 个")
    await desk.page.locator("#bulk [data-act=publish]").click()
    await expect(column(desk, "published").locator(".desk-card")).to_have_count(3)
    await expect(column(desk, "pending").locator(".desk-card")).to_have_count(1)
    await expect(desk.page.locator("#clusters")).to_be_hidden()
    assert desk.errors == []


async def test_a_colleague_sees_who_works_on_a_question_and_can_take_it_over(demo: Demo, browser: Browser) -> None:
    asker, desk = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    lead = await lead_moderator(demo, browser)
    await ask(asker, LAMPS)
    await card(desk, "pending", LAMPS).focus()
    await desk.page.keyboard.press("Space")
    await expect(card(desk, "pending", LAMPS)).to_contain_text("您正在处理")
    await expect(card(lead, "pending", LAMPS)).to_contain_text("正在处理")
    await card(lead, "pending", LAMPS).focus()
    await lead.page.keyboard.press("p")
    await expect(lead.page.locator(".toast.bad")).to_contain_text("正在处理编号")
    await card(lead, "pending", LAMPS).locator("[data-act=take-over]").click()
    await expect(card(lead, "pending", LAMPS)).to_contain_text("您正在处理")
    await key(lead, "pending", LAMPS, "p")
    await expect(card(desk, "published", LAMPS)).to_have_count(1)
    assert desk.errors == lead.errors == []


async def test_the_shield_holds_what_comes_in_and_lets_it_through_in_one_go(demo: Demo, browser: Browser) -> None:
    asker, desk = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    await expect(desk.page.locator("#shield")).to_be_visible()
    await desk.page.keyboard.press("s")
    await expect(desk.page.locator("#shield-note")).to_contain_text("防刷已开启")
    await ask(asker, LAMPS)
    await expect(asker.page.locator("#mine-list")).to_contain_text("需要多核实一步")
    await expect(card(desk, "pending", LAMPS)).to_contain_text("防刷拦下")
    await expect(desk.page.locator("#shield-note")).to_contain_text("已拦 1 个")
    await desk.page.keyboard.press("s")
    await expect(desk.page.locator("#shield-note")).to_be_hidden()
    await card(desk, "pending", LAMPS).focus()
    await desk.page.keyboard.press("n")
    await expect(asker.page.locator("#mine-list")).to_contain_text("正在审核")
    assert desk.errors == asker.errors == []


async def test_a_refusal_is_appealed_once_and_the_lead_moderator_decides(demo: Demo, browser: Browser) -> None:
    asker, desk = await Person.arrive(browser, demo["room"], phone=True), await Person.arrive(browser, demo["desk"])
    lead = await lead_moderator(demo, browser)
    await ask(asker, LAMPS)
    await card(desk, "pending", LAMPS).focus()
    await desk.page.keyboard.press("r")
    await answer(desk, "refuse")
    await expect(asker.page.locator(".toast", has_text="没有公开")).to_be_visible()
    await expect(asker.page.locator("#mine-list")).to_contain_text("之前可以申诉一次")
    await asker.page.locator("[data-act=appeal]").click()
    await asker.page.fill("#appeal-text", "码头是渡船安全的一部分")
    await answer(asker, "appeal")
    await expect(asker.page.locator("#mine-list")).to_contain_text("审核组长会重新看")
    await expect(card(lead, "pending", LAMPS)).to_contain_text("码头是渡船安全的一部分")
    await card(lead, "pending", LAMPS).focus()
    await lead.page.keyboard.press("p")
    await expect(asker.page.locator("#mine-list")).to_contain_text("申诉成立，正在审核")
    await expect(asker.page.locator("[data-act=appeal]")).to_have_count(0)
    assert desk.errors == lead.errors == asker.errors == []


async def test_the_host_leads_through_the_session_with_one_thumb(demo: Demo, browser: Browser) -> None:
    asker, desk = await Person.arrive(browser, demo["room"], phone=True), await Person.arrive(browser, demo["desk"])
    await ask(asker, FERRY)
    await ask(asker, LAMPS)
    for text in (FERRY, LAMPS):
        await key(desk, "pending", text, "p")
        await key(desk, "published", text, "q")
    studio = await Person.arrive(browser, demo["studio"], phone=True)
    await studio.page.click("#go-live")
    await desk.page.goto(demo["room"] + "/prompter")
    await desk.page.set_viewport_size(PHONE)
    await expect(desk.page.locator("#session-state")).to_contain_text("直播中")
    await desk.page.click("#put-next")
    await expect(desk.page.locator("#now-text")).to_have_text(FERRY)
    await expect(studio.page.locator("#now-text")).to_have_text(FERRY)
    await expect(desk.page.locator("#now-elapsed")).to_have_text(re.compile(r"00:0\d"))
    await expect(asker.page.locator("#on-air-text")).to_have_text(FERRY)
    await desk.page.click("#commitment")
    await expect(desk.page.locator("#now-buttons")).to_be_hidden()
    await expect(desk.page.locator("#next li")).to_have_text([LAMPS])
    await asker.page.goto(demo["room"] + "/figures")
    await expect(asker.page.locator(".figures")).to_contain_text("收到")
    assert desk.errors == studio.errors == asker.errors == []
