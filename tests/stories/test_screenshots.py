"""Pictures of every page at phone and desktop width, and what a page must never do: scroll sideways or break."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import DESKTOP, PHONE, Person
from tests.support.demo import Demo
from tests.support.steps import ASKED, ask, key, sideways

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
# `make screenshots` renews the pictures of the README; a plain test run leaves the checkout as it is.
FOLDER = ROOT / os.environ.get("SCREENSHOTS", "tests/.out/screenshots")
LINES = (
    "labels => labels.map((label) => Math.round(label.clientHeight / parseFloat(getComputedStyle(label).lineHeight)))"
)
NARROW = {"width": 320, "height": 700}


async def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Phone and desktop width into the folder; 320 px wide it must still fit."""
    for suffix, size in (("narrow", NARROW), ("phone", PHONE), ("desktop", DESKTOP)):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await page.wait_for_timeout(250)
        assert await sideways(page) <= 0, f"{name} scrolls sideways at {size['width']} px"
        if suffix != "narrow":
            await page.screenshot(path=FOLDER / f"{name}-{suffix}.png", full_page=whole, animations="disabled")


async def test_every_page_fits_a_phone_and_a_desktop(demo: Demo, browser: Browser) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    people: list[Person] = []

    async def arrive(where: str) -> Person:
        person = await Person.arrive(browser, where if "://" in where else demo[where])
        people.append(person)
        return person

    deputy, viewer = await arrive("studio"), await arrive("room")
    await expect(deputy.page.locator("#go-live")).to_be_enabled()
    await picture(viewer.page, "room-before")
    await picture(deputy.page, "studio-before")
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    for text, nickname, island in ASKED:
        await ask(viewer, text, nickname, island)
    moderator = await arrive("desk")
    for text, _, _ in ASKED[:3]:
        await key(moderator, "pending", text, "p")
    for text, _, _ in ASKED[:2]:
        await key(moderator, "published", text, "q")
    card = moderator.page.locator("[data-column=queued] .desk-card", has_text=ASKED[0][0])
    await card.focus()
    await moderator.page.keyboard.press("o")
    await expect(viewer.page.locator("#on-air-text")).to_have_text(ASKED[0][0])
    await viewer.page.wait_for_timeout(1500)
    await picture(viewer.page, "room-live")
    await picture(moderator.page, "desk")
    await picture(deputy.page, "studio-live")

    office = await arrive("office")
    for summary in await office.page.locator("details.step > summary").all():
        await summary.click()
    await picture(office.page, "office-live")

    english = await Person.arrive(browser, demo["room"], lang="en-GB")
    people.append(english)
    await expect(english.page.locator("#holding")).to_be_hidden()
    await picture(english.page, "room-english")
    dark = await browser.new_context(viewport=PHONE, color_scheme="dark", locale="zh-CN")
    at_night = await dark.new_page()
    await at_night.goto(demo["room"])
    await expect(at_night.locator("#holding")).to_be_hidden()
    await picture(at_night, "room-dark")
    await dark.close()

    await deputy.page.click("#end")
    await deputy.page.click("#end-dialog button[value=yes]")
    await expect(viewer.page.locator("#holding-words")).to_contain_text("已经结束")
    await office.page.reload()
    await picture(office.page, "office")
    await office.page.goto(demo["room"] + "/outcomes")
    await picture(office.page, "outcomes")
    labels = await office.page.locator(".bottom-bar label").evaluate_all(LINES)
    assert labels == [1] * len(labels), "a label of the bar is broken at desktop width"
    await office.page.goto(demo["home"] + "worklist")
    await picture(office.page, "worklist")
    unit = await arrive("unit")
    await unit.page.locator("main a[href^='/worklist/']").first.click()
    await picture(unit.page, "work-item", whole=True)

    newcomer = await arrive("home")
    await picture(newcomer.page, "home")
    await newcomer.page.goto(demo["home"] + "suggestions")
    await picture(newcomer.page, "suggestions")
    await newcomer.page.locator("main a[href^='/suggestions/']").first.click()
    await picture(newcomer.page, "suggestion", whole=True)
    await newcomer.page.goto(demo["home"] + "track")
    await picture(newcomer.page, "track-form")
    await newcomer.page.goto(demo["home"] + "sign-in")
    await picture(newcomer.page, "sign-in")
    await newcomer.page.goto(demo["home"] + "nothing-here")
    await picture(newcomer.page, "not-found")
    code = await viewer.page.locator("#asked a").get_attribute("href")
    assert code is not None
    assert re.fullmatch(r"/track/\w+", code)
    await viewer.page.goto(demo["home"].rstrip("/") + code)
    await picture(viewer.page, "track", whole=True)
    assert [error for person in people for error in person.errors] == []
    for person in people:
        await person.leave()
