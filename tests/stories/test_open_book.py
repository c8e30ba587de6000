"""What askers and other sites see, in a real browser: the answer without a script, the frame, the paper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from tests.support.browser import DESKTOP, PHONE
from tests.support.followed import Led
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
async def led(tmp_path: Path) -> AsyncIterator[Led]:
    world = await World.make(tmp_path)
    led = await Led.from_question(world)
    await led.handled()
    await led.replied("A")
    await led.evaluated()
    yield led
    await world.close()


async def test_an_asker_says_that_it_is_solved_without_a_script(led: Led, browser: Browser) -> None:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    page = await context.new_page()
    await page.goto(str(led.world.server.make_url(f"/track/{led.code}")))
    await expect(page.get_by_role("heading", name="问题解决了吗？")).to_be_visible()
    button = page.get_by_role("button", name="解决了", exact=True)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("您说：已经解决")).to_be_visible()
    await expect(page.get_by_text("1 人说已解决，0 人说还没有解决")).to_be_visible()
    await context.close()


async def test_the_card_stands_on_another_site_and_nothing_else_does(led: Led, browser: Browser) -> None:
    ours = f"http://127.0.0.1:{led.world.server.port}/suggestions/2026-0001"

    async def elsewhere(_request: web.Request) -> web.Response:
        frames = f'<iframe name="card" src="{ours}/card"></iframe><iframe name="page" src="{ours}"></iframe>'
        return web.Response(text=f"<!doctype html><title>x</title>{frames}", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", elsewhere)
    other = TestServer(app, host="localhost")
    await other.start_server()
    context = await browser.new_context(viewport=DESKTOP, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"http://localhost:{other.port}/")
    await expect(page.frame_locator('iframe[name="card"]').get_by_role("heading", name="码头照明")).to_be_visible()
    await expect(page.frame_locator('iframe[name="page"]').get_by_role("heading", name="码头照明")).to_have_count(0)
    assert await context.cookies() == []
    await context.close()
    await other.close()


async def test_paper_has_what_matters_and_a_code_to_scan(led: Led, browser: Browser) -> None:
    context = await browser.new_context(viewport=DESKTOP, locale="zh-CN")
    page = await context.new_page()
    await page.goto(str(led.world.server.make_url("/suggestions/2026-0001")))
    await expect(page.locator(".paper-only svg")).to_be_hidden()
    await page.emulate_media(media="print")
    await expect(page.locator(".paper-only svg")).to_be_visible()
    await expect(page.get_by_role("heading", name="答复")).to_be_visible()
    for unwanted in (".top .place", ".foot", "form", ".no-print"):
        for found in await page.locator(unwanted).all():
            await expect(found).to_be_hidden()
    assert (await page.pdf(format="A4")).startswith(b"%PDF-")
    await context.close()
