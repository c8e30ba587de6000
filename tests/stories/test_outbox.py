"""What is typed reaches the server once or comes back to its person: nothing is lost, and nothing blocks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.support.browser import ARGUMENTS, PATIENCE, PHONE, Person, executable
from tests.support.demo import Demo
from tests.support.link import Link
from tests.support.steps import ask

pytestmark = pytest.mark.browser
OUTBOX = "liveroom-outbox-haitian"
SHORT = "码头的灯什么时候修？"
FORBIDDEN = "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('', 'SecurityError'); } });"
FULL = "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };"
LONG = "长" * 6000
KEPT = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.open('liveroom', 1);
  asked.onerror = reject;
  asked.onsuccess = () => {
    const read = asked.result.transaction('outbox').objectStore('outbox').getAll();
    read.onsuccess = () => { asked.result.close(); resolve(read.result.map((entry) => entry.text)); };
  };
})"""


async def received(demo: Demo) -> list[str]:
    """What the server has, in its order; the demo is started again for it, since the desk's link works once."""
    await asyncio.to_thread(demo.stop)
    await asyncio.to_thread(demo.start)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await (await client.get(demo["desk"])).read()
        async with client.ws_connect(demo["socket"], max_msg_size=64_000_000) as socket:
            await socket.send_json({"type": "hello", "view": "desk"})
            questions = json.loads(await socket.receive_str(timeout=10))["questions"]
    return [str(question["text"]) for question in sorted(questions, key=lambda question: str(question["asked_at"]))]


@asynccontextmanager
async def link_to(demo: Demo) -> AsyncIterator[tuple[Link, str]]:
    """A link that can be broken, and the room's address through it."""
    link = await Link(demo.port).open()
    try:
        yield link, demo["room"].replace(f":{demo.port}", f":{link.port}")
    finally:
        await link.close()


@asynccontextmanager
async def same_browser(folder: Path) -> AsyncIterator[BrowserContext]:
    """A browser that remembers in a folder: opened again, it is the same device."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=executable(), args=ARGUMENTS, viewport=PHONE, locale="zh-CN"
        )
        context.set_default_timeout(PATIENCE)
        try:
            yield context
        finally:
            await context.close()


async def send(page: Page, text: str) -> None:
    """Press the button, and wait until the words are kept: then the field is free."""
    await page.fill("#text", text)
    await page.click("#send")
    await expect(page.locator("#text")).to_have_value("")


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
    assert await page.evaluate(KEPT) == []
    await page.fill("#text", SHORT)
    await page.click("#send")
    await expect(page.locator("#asked")).to_contain_text("已收到，编号")
    await expect(page.locator("#problem")).to_be_hidden()
    assert await page.evaluate(KEPT) == []
    assert viewer.errors == []


async def test_what_an_earlier_version_kept_is_sent_or_stays_in_the_list_of_what_came_back(
    demo: Demo, browser: Browser
) -> None:
    # Put there from a page that has no outbox: the room's own would send at once, before it is left.
    viewer = await Person.arrive(browser, demo["home"] + "track", phone=True)
    page = viewer.page
    kept = [{"key": f"key-{len(text):08}", "text": text, "nickname": "", "island": ""} for text in (LONG, SHORT)]
    await page.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [OUTBOX, json.dumps(kept)])
    await page.goto(demo["room"])
    await expect(page.locator("#mine-list")).to_contain_text(SHORT)
    back = page.locator("#returned-list .card")
    await expect(back).to_contain_text("内容太长了")
    await page.reload()
    await expect(back.locator("textarea")).to_have_value(LONG)
    assert await page.evaluate(f"localStorage.getItem('{OUTBOX}')") is None
    # Whoever begins to change it and leaves finds what was typed so far.
    await back.locator("textarea").fill("短一些")
    await back.locator("textarea").blur()
    await expect(back).to_have_count(1)
    await page.reload()
    await expect(back.locator("textarea")).to_have_value("短一些")
    await back.locator("[data-act=again]").click()
    await expect(page.locator("#mine-list")).to_contain_text("短一些")
    await expect(back).to_have_count(0)
    assert viewer.errors == []
    assert sorted(await received(demo)) == sorted([SHORT, "短一些"])


async def test_what_came_back_is_thrown_away_only_by_its_person(demo: Demo, browser: Browser) -> None:
    viewer = await Person.arrive(browser, demo["home"] + "track", phone=True)
    page = viewer.page
    kept = json.dumps([{"key": "key-12345678", "text": LONG}])
    await page.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [OUTBOX, kept])
    await page.goto(demo["room"])
    back = page.locator("#returned-list .card")
    await back.locator("[data-act=discard]").click()
    await page.click("#discard-dialog button[value=no]")
    await expect(back).to_have_count(1)
    await back.locator("[data-act=discard]").click()
    await page.click("#discard-dialog button[value=yes]")
    await expect(back).to_have_count(0)
    await expect(page.locator("#mine")).to_be_hidden()
    assert await page.evaluate(KEPT) == []
    assert viewer.errors == []


async def test_slow_mode_counts_down_and_sends_by_itself_what_was_not_changed_or_taken_back(
    tmp_path: Path, browser: Browser
) -> None:
    demo = await asyncio.to_thread(Demo(tmp_path / "data", environment={"LIVEROOM_ASK_PER_MINUTE": "4"}).start)
    try:
        viewer = await Person.arrive(browser, demo["room"], phone=True)
        page = viewer.page
        for number in range(4):
            await send(page, f"第 {number} 个提问")
        await expect(page.locator("#mine-list .card")).to_have_count(4)
        for text in ("等着的", "要改的", "不要的"):
            await send(page, text)
        countdown = page.locator("#held [data-countdown]")
        await expect(countdown).to_contain_text("秒自动发送")
        await expect(page.locator("#ask-news")).to_contain_text("秒后自动发送")
        first = int(await countdown.locator(".figure").inner_text())
        await expect(countdown.locator(".figure")).not_to_have_text(str(first))
        assert int(await countdown.locator(".figure").inner_text()) < first
        waiting = page.locator("#waiting-list .card")
        await expect(waiting.first).to_contain_text("秒自动发送")
        await waiting.filter(has_text="不要的").locator("[data-act=discard]").click()
        await page.click("#discard-dialog button[value=yes]")
        await waiting.filter(has_text="要改的").locator("[data-act=edit]").click()
        field = page.locator("#returned-list textarea")
        await expect(field).to_be_focused()
        await expect(page.locator("#mine-list")).to_contain_text("等着的")
        await field.fill("改好的")
        await page.click("#returned-list [data-act=again]")
        await expect(page.locator("#mine-list")).to_contain_text("改好的", timeout=2 * PATIENCE)
        await expect(page.locator("#held")).to_be_hidden()
        await expect(page.locator("#mine-list .card")).to_have_count(6)
        assert viewer.errors == []
    finally:
        await asyncio.to_thread(demo.stop)


@pytest.mark.parametrize("storage", [FORBIDDEN, FULL])
async def test_a_browser_that_keeps_nothing_sends_all_the_same(demo: Demo, browser: Browser, storage: str) -> None:
    viewer = await Person.arrive(browser, demo["home"], phone=True, script=storage)
    page = viewer.page
    async with link_to(demo) as (link, room):
        await page.goto(room)
        await ask(viewer, SHORT)
        await expect(page.locator("#text")).to_have_value("")
        link.change("cut")
        await expect(page.locator("#link")).to_have_text("没有连上，正在重新连接")
        await send(page, "第二个提问")
        await expect(page.locator("#delay")).to_contain_text("请不要关闭这一页")
        await expect(page.locator("#waiting-list")).to_contain_text("第二个提问")
        link.change("open")
        await expect(page.locator("#mine-list")).to_contain_text("第二个提问")
        await expect(page.locator("#waiting-list .card")).to_have_count(0)
    assert viewer.errors == []


async def test_typed_without_a_link_and_the_browser_closed_it_is_sent_once_when_it_is_opened_again(
    demo: Demo, tmp_path: Path
) -> None:
    async with link_to(demo) as (link, room):
        async with same_browser(tmp_path / "browser") as context:
            page = await context.new_page()
            await page.goto(room)
            await expect(page.locator("#link")).to_have_text("网络正常")
            link.change("cut")
            await expect(page.locator("#link")).to_have_text("没有连上，正在重新连接")
            for text in ("第一", "第二", "第三"):
                await send(page, text)
            await expect(page.locator("#delay")).to_contain_text("已经保存在手机里")
        link.change("open")
        async with same_browser(tmp_path / "browser") as context:
            page = await context.new_page()
            await page.goto(room)
            await expect(page.locator("#mine-list .card")).to_have_count(3)
            await expect(page.locator("#waiting-list .card")).to_have_count(0)
    assert await received(demo) == ["第一", "第二", "第三"]


async def test_two_pages_of_a_device_send_what_waits_once_and_in_order(demo: Demo, browser: Browser) -> None:
    async with link_to(demo) as (link, room):
        viewer = await Person.arrive(browser, room, phone=True)
        one, other = viewer.page, await viewer.context.new_page()
        await other.goto(room)
        for page in (one, other):
            await expect(page.locator("#link")).to_have_text("网络正常")
        link.change("cut")
        for page in (one, other):
            await expect(page.locator("#link")).to_have_text("没有连上，正在重新连接")
        for number in range(6):
            await send((one, other)[number % 2], f"提问 {number}")
        for page in (one, other):
            await expect(page.locator("#waiting-list .card")).to_have_count(6)
        link.change("open")
        for page in (one, other):
            await expect(page.locator("#mine-list .card")).to_have_count(6)
            await expect(page.locator("#waiting-list .card")).to_have_count(0)
    assert viewer.errors == []
    assert await received(demo) == [f"提问 {number}" for number in range(6)]


async def test_a_server_killed_between_commit_and_acknowledgement_has_the_question_once(
    demo: Demo, browser: Browser
) -> None:
    async with link_to(demo) as (link, room):
        viewer = await Person.arrive(browser, room, phone=True)
        page = viewer.page
        await expect(page.locator("#link")).to_have_text("网络正常")
        desk = await Person.arrive(browser, demo["desk"])
        await expect(desk.page.locator("#link")).to_have_text("网络正常")
        link.change("deaf")
        await send(page, SHORT)
        # The desk sees what is committed; the asker's page has not heard of it.
        await expect(desk.page.locator("[data-column=pending]")).to_contain_text(SHORT)
        await expect(page.locator("#waiting-list")).to_contain_text(SHORT)
        await expect(page.locator("#waiting-list [data-act=edit]")).to_have_count(0)
        await expect(page.locator("#asked")).to_be_hidden()
        port = demo.port
        await asyncio.to_thread(demo.kill)
        link.change("open")
        await asyncio.to_thread(demo.start, port)
        await expect(page.locator("#asked")).to_contain_text("已收到，编号")
        await expect(page.locator("#waiting-list .card")).to_have_count(0)
        await expect(page.locator("#mine-list .card")).to_have_count(1)
    assert await received(demo) == [SHORT]
