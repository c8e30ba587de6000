"""Somebody verifies a mail address without leaving the broadcast; the desk sees one word of it."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Person
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_a_question_is_marked_as_verified_after_two_steps_in_the_page(demo: Demo, browser: Browser) -> None:
    viewer = await Person.arrive(browser, demo["room"], phone=True)
    page = viewer.page
    await expect(page.locator("#link")).to_have_text("网络正常")
    await expect(page.locator("#nickname")).to_be_hidden()
    await page.check("#as [value=verified]")
    await expect(page.locator("#contact")).to_be_focused()
    # Whoever gives up asks anonymously.
    await page.keyboard.press("Escape")
    await expect(page.locator("#as [value=anonymous]")).to_be_checked()
    await page.check("#as [value=verified]")
    await page.fill("#contact", "wang@example.org")
    await page.keyboard.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    (file,) = (demo.data / "codes").iterdir()
    await page.fill("#code", json.loads(file.read_text())["code"])
    await page.keyboard.press("Enter")
    await expect(page.locator("#verify-dialog .note.good")).to_be_visible()
    await page.click("#verify-back")
    await expect(page.locator("#as [value=verified]")).to_be_checked()
    await expect(page.locator("#verify-link")).to_have_text("这台设备已验证")
    await page.fill("#text", "码头的灯什么时候修？")
    await page.click("#send")
    await expect(page.locator("#asked")).to_contain_text("已收到，编号")
    await page.reload()
    await expect(page.locator("#as")).to_have_attribute("data-verified", "true")
    assert viewer.errors == []
