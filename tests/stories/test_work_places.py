"""The work places in real Chromium: from the draft to an evaluation, many at once, the board after a session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from liveroom import clock, ids
from liveroom.rooms.roles import visitor
from liveroom.server import keys
from liveroom.server.identity import hash_secret
from tests.support.browser import Person
from tests.support.forms import take
from tests.support.journeys import TITLE, Journey
from tests.support.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.make(tmp_path)
    yield made
    await made.close()


async def arrive(journey: Journey, browser: Browser, login: str, *, phone: bool = False) -> Page:
    """Somebody signed in, at the page of the matter."""
    token = ids.new_token()
    until = clock.now() + timedelta(hours=1)
    await journey.world.app[keys.PEOPLE].add_link(hash_secret(token), login, journey.page, until)
    person = await Person.arrive(browser, str(journey.world.server.make_url(f"/sign-in/{token}")), phone=phone)
    await expect(person.page.locator("h1")).to_have_text(TITLE)
    return person.page


def ahead(days: int) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


async def test_straight_from_the_draft_to_a_reply_that_the_deputy_likes(world: World, browser: Browser) -> None:
    journey = await Journey.begin(world)
    office = await arrive(journey, browser, "office")
    await take(office, "offer", deputy="deputy")
    deputy = await arrive(journey, browser, "deputy", phone=True)
    await expect(deputy.locator("main")).to_contain_text("轮到您了。")
    await expect(deputy.locator("#step-adopt form")).to_be_visible()
    await expect(deputy.get_by_role("link", name="看回答，从")).to_be_visible()
    await take(deputy, "edit", body="请航运公司在停航前一晚通知到每个村。")
    await take(deputy, "adopt")
    await take(deputy, "invite", others=["stranger"])
    joint = await arrive(journey, browser, "stranger", phone=True)
    await take(joint, "cosign")
    await expect(joint.locator("main")).to_contain_text("stranger 甲")

    await office.goto(journey_page(journey))
    await office.locator("#step-register summary").click()
    await expect(office.locator("#step-register .point")).to_have_count(5)
    points = {f"checklist.{point}": "yes" for point in ("competence", "public_matter", "no_proceedings", "signed")}
    await take(office, "register", **points, **{"checklist.substance": "no"})
    await expect(office.locator("#step-register [role=alert]")).to_contain_text("审查要点中有不符合的：一事一议")
    await take(office, "register", **points, **{"checklist.substance": "yes"})
    await expect(office.locator(".timeline")).to_contain_text("审核通过，登记为第")
    await take(office, "assign", unit="water")
    await expect(office.locator("main")).to_contain_text("现在轮到水务局。")

    officer = await arrive(journey, browser, "officer")
    await take(officer, "accept")
    await expect(officer.locator("#clocks ~ ul")).to_contain_text("个工作日")
    await take(officer, "prepare_reply", **{"class": "A", "text": "已经建立短信通知。"})
    head = await arrive(journey, browser, "unit")
    await head.locator("#step-reply summary").click()
    await expect(head.locator("#step-reply")).to_contain_text("答复之前，请先与代表沟通并记录沟通情况。")
    await expect(head.locator("#step-reply form")).to_have_count(0)
    await take(head, "contact", contact="电话沟通过。")
    await expect(head.locator("#step-reply textarea")).to_have_value("已经建立短信通知。")
    await take(head, "reply")

    await deputy.goto(journey_page(journey))
    await take(deputy, "evaluate", attitude="satisfied", result="satisfied")
    await expect(deputy.locator("main")).to_contain_text("现在等提出问题的群众确认。")
    assert (await journey.now()).state == "asker_check"


async def test_many_are_assigned_at_once_by_the_keyboard_and_the_board_counts_them(
    world: World, browser: Browser
) -> None:
    first = await (await Journey.begin(world)).registered()
    second = await (await Journey.again(first, "关于码头照明的建议")).registered()
    page = await arrive(first, browser, "office")
    await page.goto(str(world.server.make_url("/worklist?view=assignment")))
    boxes = page.locator("input[name=matter]")
    await expect(boxes).to_have_count(2)
    for box in (boxes.nth(0), boxes.nth(1)):
        await box.focus()
        await page.keyboard.press("Space")
    await expect(page.locator("#chosen-count")).to_have_text("已勾选 2 件")
    await page.select_option("#assign-unit", "harbour")
    async with page.expect_navigation():
        await page.locator("#assign button.main").press("Enter")
    await expect(page.locator("[role=status]").first).to_contain_text("已交办 2 件。")
    dues = {(await journey.now()).clocks["reply"] for journey in (first, second)}
    assert len(dues) == 1
    await page.goto(str(world.server.make_url("/worklist/board")))
    await page.get_by_role("link", name="未接收 2").click()
    await expect(page.locator("main li h2")).to_have_count(2)
    await page.fill("#name", "港航没有接收的")
    await page.locator("button[value=keep]").click()
    await page.goto(str(world.server.make_url("/worklist")))
    await page.get_by_role("link", name="港航没有接收的").click()
    await expect(page.locator("main li h2")).to_have_count(2)


async def test_the_disposition_board_gives_outcomes_by_one_or_two_keys(world: World, browser: Browser) -> None:
    journey = Journey(world)
    await journey.furnish()
    water = ("自来水什么时候通？", "自来水几点通？")
    texts = (*water, "学校的净水器什么时候装？", "净水器学校什么时候能装？", "船票太贵了。", "路灯坏了。")
    await journey.answer(*((visitor(f"device-{n}"), text) for n, text in enumerate(texts)))
    page = await arrive_at(journey, browser, "office", f"/rooms/r/outcomes?session={world.session}")
    await expect(page.locator(".group.together h3")).to_contain_text("相近的提问")
    await page.keyboard.press("j")
    async with page.expect_navigation():
        await page.keyboard.press("1")
    await expect(page.locator("#open-count")).to_have_text("4")
    await page.keyboard.press("j")
    await page.keyboard.press("c")
    await page.select_option("#commitment-unit", "water")
    await page.fill("#commitment-title", "年底前装好净水器")
    await page.fill("#commitment-date", ahead(60))
    async with page.expect_navigation():
        await page.press("#commitment-title", "Enter")
    await expect(page.locator("#open-count")).to_have_text("3")
    await page.get_by_role("link", name="看办理").first.click()
    await expect(page.locator("h1")).to_have_text("年底前装好净水器")
    await expect(page.locator("main")).to_contain_text("已承诺，待单位确认")
    await expect(page.locator("main")).to_contain_text("现在轮到水务局。")


async def arrive_at(journey: Journey, browser: Browser, login: str, path: str) -> Page:
    token = ids.new_token()
    until = clock.now() + timedelta(hours=1)
    await journey.world.app[keys.PEOPLE].add_link(hash_secret(token), login, path, until)
    person = await Person.arrive(browser, str(journey.world.server.make_url(f"/sign-in/{token}")))
    return person.page


def journey_page(journey: Journey) -> str:
    return str(journey.world.server.make_url(journey.page))
