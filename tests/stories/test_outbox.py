"""What is typed reaches the server or comes back to the field: nothing is lost on the way, and nothing blocks it."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Person
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
OUTBOX = "liveroom-outbox-haitian"
SHORT = "码头的灯什么时候修？"
LONG = "长" * 6000


async def test_a_text_that_is_too_long_stays_in_the_field_and_the_next_one_is_sent(
    demo: Demo, browser: Browser
) -> None:
    viewer = await Person.arrive(browser, demo["room"], phone=True)
    page = viewer.page
    await page.fill("#text", "长" * 301)
    await expect(page.locator("#left")).to_have_text("超出 1 字")
    await page.click("#send")
    await expect(page.locator("#problem")).to_have_text("提问最多 300 字，请删短后再提交。")
    await expect(page.locator("#text")).to_have_value("长" * 301)
    await expect(page.locator("#text")).to_be_focused()
    assert await page.evaluate(f"localStorage.getItem('{OUTBOX}')") is None
    await page.fill("#text", SHORT)
    await page.click("#send")
    await expect(page.locator("#asked")).to_contain_text("已收到，编号")
    await expect(page.locator("#problem")).to_be_hidden()
    assert viewer.errors == []


async def test_a_text_that_the_server_never_takes_comes_back_and_does_not_hold_up_the_next(
    demo: Demo, browser: Browser
) -> None:
    viewer = await Person.arrive(browser, demo["room"], phone=True)
    page = viewer.page
    kept = [{"key": f"key-{len(text):08}", "text": text, "nickname": "", "island": ""} for text in (LONG, SHORT)]
    await page.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [OUTBOX, json.dumps(kept)])
    await page.reload()
    await expect(page.locator("#mine-list")).to_contain_text(SHORT)
    await expect(page.locator("#problem")).to_contain_text("内容太长了")
    await expect(page.locator("#text")).to_have_value(LONG)
    assert await page.evaluate(f"localStorage.getItem('{OUTBOX}')") == "[]"
    assert viewer.errors == []
