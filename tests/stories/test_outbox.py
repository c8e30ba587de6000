"""What is typed reaches the server or comes back to the field: nothing is lost on the way, and nothing blocks it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Person
from tests.support.demo import Demo
from tests.support.steps import ask

pytestmark = pytest.mark.browser
OUTBOX = "liveroom-outbox-haitian"
SHORT = "码头的灯什么时候修？"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }"
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
    # Put there from a page that has no outbox: the room's own would send at once, before it is left.
    viewer = await Person.arrive(browser, demo["home"] + "track", phone=True)
    page = viewer.page
    kept = [{"key": f"key-{len(text):08}", "text": text, "nickname": "", "island": ""} for text in (LONG, SHORT)]
    await page.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [OUTBOX, json.dumps(kept)])
    await page.goto(demo["room"])
    await expect(page.locator("#mine-list")).to_contain_text(SHORT)
    await expect(page.locator("#problem")).to_contain_text("内容太长了")
    await expect(page.locator("#text")).to_have_value(LONG)
    # The feed may show the question before its acknowledgement empties the outbox.
    await page.wait_for_function(f"localStorage.getItem('{OUTBOX}') === '[]'")
    assert viewer.errors == []


async def test_whoever_asks_too_often_is_told_to_wait_and_every_question_arrives(
    tmp_path: Path, browser: Browser
) -> None:
    demo = await asyncio.to_thread(Demo(tmp_path / "data", environment={"LIVEROOM_ASK_PER_MINUTE": "6"}).start)
    try:
        viewer = await Person.arrive(browser, demo["room"], phone=True)
        # The last one has to wait a third of a minute, so that a slow machine sees it wait, too.
        for number in range(8):
            await viewer.page.fill("#text", f"第 {number} 个提问")
            await viewer.page.click("#send")
        await expect(viewer.page.locator("#problem")).to_contain_text("已经保存在手机里，约")
        await expect(viewer.page.locator("#waiting-list")).to_contain_text("第 7 个提问")
        await expect(viewer.page.locator("#mine-list .card")).to_have_count(8, timeout=90_000)
        await expect(viewer.page.locator("#problem")).to_be_hidden()
        assert viewer.errors == []
    finally:
        await asyncio.to_thread(demo.stop)


async def test_a_browser_that_keeps_nothing_sends_all_the_same(demo: Demo, browser: Browser) -> None:
    viewer = await Person.arrive(browser, demo["room"], phone=True, script=FULL)
    await ask(viewer, SHORT)
    await expect(viewer.page.locator("#text")).to_have_value("")
    port = demo.port
    await asyncio.to_thread(demo.kill)
    await expect(viewer.page.locator("#link")).to_have_text("没有连上，正在重新连接")
    await viewer.page.fill("#text", "第二个提问")
    await viewer.page.click("#send")
    await expect(viewer.page.locator("#problem")).to_contain_text("请不要关闭这一页")
    await expect(viewer.page.locator("#waiting-list")).to_contain_text("第二个提问")
    await asyncio.to_thread(demo.start, port)
    await expect(viewer.page.locator("#mine-list")).to_contain_text("第二个提问")
    await expect(viewer.page.locator("#waiting-list .card")).to_have_count(0)
    assert viewer.errors == []
