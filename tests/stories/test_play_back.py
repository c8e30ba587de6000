"""An answer is played back: on a phone, the sound alone and the film; and beside the draft that comes of it."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from liveroom.rooms.playback import SETTLES
from tests.support.browser import PATIENCE, Person
from tests.support.demo import Demo
from tests.support.forms import take
from tests.support.steps import ASKED, ask, key, sideways

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ANSWER_SECONDS = 6
"""How long the deputy speaks."""


async def plays(player: Locator) -> float:
    """Press play, as a person would; how long it is, once some of it was played."""
    await player.evaluate("player => player.play()")
    async with asyncio.timeout(PATIENCE / 1000):
        while await player.evaluate("player => player.currentTime") < 1:
            await asyncio.sleep(0.1)
    await player.evaluate("player => player.pause()")
    return float(await player.evaluate("player => player.duration"))


async def opened(page: Page) -> Locator:
    """The clip of a page, with its players in sight; nothing of it was loaded before."""
    clip = page.locator("details.clip")
    await expect(clip).to_have_count(1)
    await expect(clip.locator("summary")).to_contain_text("回放代表的回答")
    assert await clip.locator("audio").evaluate("player => player.readyState") == 0
    await clip.locator("summary").click()
    await expect(clip.locator("video")).to_be_visible()
    return clip


async def test_an_answer_is_played_on_a_phone_and_beside_the_draft(demo: Demo, browser: Browser) -> None:
    deputy = await Person.arrive(browser, demo["studio"])
    await expect(deputy.page.locator("main")).to_contain_text("直播会录下来")
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    asker = await Person.arrive(browser, demo["room"], phone=True)
    await ask(asker, *ASKED[0])
    track = await asker.page.locator("#asked a").get_attribute("href")
    afterwards = asker.page.locator("#afterwards a")
    await expect(afterwards).to_be_hidden()
    moderator = await Person.arrive(browser, demo["desk"])
    for column, letter in (("pending", "p"), ("published", "q")):
        await key(moderator, column, ASKED[0][0], letter)
    await moderator.page.locator("[data-column=queued] .desk-card", has_text=ASKED[0][0]).focus()
    await moderator.page.keyboard.press("o")
    await expect(deputy.page.locator("#now-text")).to_have_text(ASKED[0][0])
    await asyncio.sleep(ANSWER_SECONDS)
    await deputy.page.click("#answered")
    await expect(asker.page.locator("#mine-list")).to_contain_text("代表已在直播")
    await deputy.page.click("#end")
    await deputy.page.click("#end-dialog button[value=yes]")
    await expect(asker.page.locator("#holding-words")).to_contain_text("已经结束")
    await asyncio.sleep(SETTLES.total_seconds())

    await expect(afterwards).to_be_visible()
    session = await afterwards.get_attribute("href")
    for path in (session, track):
        await asker.page.goto(demo["home"].rstrip("/") + str(path))
        clip = await opened(asker.page)
        assert ANSWER_SECONDS - 1 < await plays(clip.locator("audio")) < ANSWER_SECONDS + 20
        assert await plays(clip.locator("video")) > ANSWER_SECONDS - 1
        assert await clip.locator("video").evaluate("player => player.videoWidth") > 0
        assert await sideways(asker.page) == 0

    office = await Person.arrive(browser, demo["office"])
    await office.page.goto(demo["room"] + "/outcomes")
    await opened(office.page)
    await office.page.check("input[name=question]")
    await office.page.click("#begin-suggestion summary")
    await office.page.click("button[value=draft]")
    matter = office.page.url
    await take(office.page, "offer", deputy="lin")
    await deputy.page.goto(matter)
    await plays((await opened(deputy.page)).locator("video"))
    await expect(deputy.page.locator("#step-edit, #step-adopt").first).to_be_attached()
    for person in (deputy, asker, moderator, office):
        assert person.errors == []
