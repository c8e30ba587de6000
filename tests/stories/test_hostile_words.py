"""What people type is drawn by the pages' scripts, too: nothing of it runs in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Person
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PAYLOADS: list[str] = json.loads((Path(__file__).parents[1] / "vectors" / "payloads.json").read_text("utf-8"))
RAN = "window.ran = 0; window.hit = () => { window.ran += 1; };"


async def ask_all(demo: Demo) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await (await client.get(demo["room"])).read()
        async with client.ws_connect(demo["socket"], max_msg_size=64_000_000) as socket:
            await socket.send_json({"type": "hello", "view": "room"})
            for number, payload in enumerate(PAYLOADS):
                typed = {"text": f"{payload} 为什么？", "nickname": payload[:20], "island": payload[:20]}
                await socket.send_json({"type": "ask", "id": number, "key": f"payload-{number:04}", **typed})
                while (answer := json.loads(await socket.receive_str(timeout=30))).get("id") != number:
                    pass
                assert answer["type"] == "asked", answer


async def test_no_payload_runs_at_the_desk_or_in_the_room(tmp_path: Path, browser: Browser) -> None:
    demo = Demo(tmp_path / "data", environment={"LIVEROOM_ASK_PER_MINUTE": "100000"}).start()
    try:
        viewer = await Person.arrive(browser, demo["room"], script=RAN)
        desk = await Person.arrive(browser, demo["desk"], script=RAN)
        await ask_all(demo)
        pending = desk.page.locator("[data-column=pending]")
        await expect(pending.locator(".desk-card").nth(59)).to_be_visible()
        cards = pending.locator(".desk-card")
        for _ in range(80):  # a column draws sixty at a time: so all have been drawn
            await cards.first.focus()
            await desk.page.keyboard.press("p")
            await desk.page.wait_for_timeout(50)
        await expect(viewer.page.locator("main")).to_contain_text("hit()")
        for person in (viewer, desk):
            await person.page.mouse.move(300, 300)
            await person.page.wait_for_timeout(500)
            assert await person.page.evaluate("window.ran") == 0
            assert await person.page.locator("main iframe, main object, main marquee, main img[src=x]").count() == 0
    finally:
        demo.stop()
