"""What people type runs nowhere in a real browser: on every page, in forms that were wrong, where scripts draw it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, expect

from tests.support.browser import PATIENCE, Person
from tests.support.demo import Demo
from tests.support.hostile import ALL, ASKER, PAGES, PAYLOADS, Hostile, packed, readable, stations
from tests.support.markup import foreign
from tests.support.watched import watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
READ = """() => {
  const main = document.querySelector('main');
  return [main.textContent, ...[...main.querySelectorAll('input, textarea')].map((one) => one.value)].join(' ');
}"""


class Reader:
    """Somebody of a hostile world with a real browser, who has the cookies of their own; what is found is kept.

    Who is `unguarded` has no content security policy: what came through would run.
    """

    def __init__(self, person: Person, site: str, found: list[str]) -> None:
        self.page = person.page
        self.person = person
        self.site = site
        self.found = found

    @classmethod
    async def arrive(cls, browser: Browser, hostile: Hostile, who: str, *, unguarded: bool) -> Reader:
        person = await Person.arrive(browser, "about:blank", unguarded=unguarded)
        site = str(hostile.world.server.make_url("/"))
        await person.context.add_cookies(cookies(hostile.browsers[who], site))
        return cls(person, site, await watched(person.context, site))

    async def read(self, address: str, least: int) -> None:
        await self.page.goto(self.site + address.removeprefix("/"))
        await self.reads(address, least)

    async def reads(self, where: str, least: int) -> None:
        """So many payloads stand in the page where somebody is, as text, and did nothing."""
        async with asyncio.timeout(PATIENCE / 1000):
            while len(shown := readable(await self.page.evaluate(READ))) < least:
                assert self.found == [], where
                await asyncio.sleep(0.1)
        assert len(shown) >= least
        # What waits for a hand or a moment gets both.
        await self.page.mouse.move(300, 300)
        await self.page.keyboard.press("Tab")
        await self.page.wait_for_timeout(100)
        assert self.found == [], where
        assert foreign(await self.page.content()) == [], where

    async def leave(self) -> None:
        assert (self.found, self.person.errors) == ([], [])
        await self.person.leave()


def cookies(client: TestClient, site: str) -> list[Mapping[str, str]]:
    return [{"name": one.key, "value": one.value, "url": site} for one in client.session.cookie_jar]


@pytest.mark.parametrize("unguarded", [True, False])
async def test_what_runs_is_refused_or_is_fetched_is_seen(browser: Browser, unguarded: bool) -> None:
    """Else the others would find nothing, whatever came through."""

    async def page(_request: web.Request) -> web.Response:
        body = f"<main>{PAYLOADS[0]}<img src=http://localhost:9/seen></main>"
        policy = {"Content-Security-Policy": "default-src 'self'; img-src *"}
        return web.Response(text=body, content_type="text/html", headers=policy)

    app = web.Application()
    app.router.add_get("/", page)
    server = TestServer(app)
    await server.start_server()
    person, site = await Person.arrive(browser, "about:blank", unguarded=unguarded), str(server.make_url("/"))
    found = await watched(person.context, site)
    await person.page.goto(site)
    await person.page.evaluate("alert('seen')")
    await server.close()
    for seen in (f"fetched {site}x", "fetched http://localhost:9/seen", "asked seen"):
        assert seen in found
    assert any("ran" in line for line in found) is unguarded
    assert any("refused script-src" in line for line in found) is not unguarded


@pytest.fixture
async def hostile(tmp_path: Path) -> AsyncIterator[Hostile]:
    made = await Hostile.furnish(tmp_path)
    yield made
    await made.world.close()


async def test_no_payload_runs_on_any_page_or_form(hostile: Hostile, browser: Browser, tmp_path: Path) -> None:
    for unguarded in (True, False):
        readers = {who: await Reader.arrive(browser, hostile, who, unguarded=unguarded) for who in hostile.browsers}
        for pages in PAGES.values():
            for page in pages:
                await readers[page.who].read(hostile.at(page), page.drawn)
        await _write_what_is_refused(readers, tmp_path)
        if not unguarded:
            await _rate(readers[ASKER], hostile)
        for reader in readers.values():
            await reader.leave()


async def _write_what_is_refused(readers: Mapping[str, Reader], folder: Path) -> None:
    """Forms come back with what was typed; a list is shown before it is imported, also when rows of it are wrong."""
    typed = packed(254)[0]
    for who, address, opens, field, words in (
        ("unit", "/account", "summary", "#contact", typed),
        ("office", "/office/people", ".person summary", ".person input[name=contact]", typed),
        ("office", "/work-orders/new", "", "#body", ALL),
        ("office", "/office/words", "", "#text", packed(300)[0]),
    ):
        page = readers[who].page
        await readers[who].read(address, 0)
        if opens and not await page.locator(field).first.is_visible():
            await page.locator(opens).first.click()
        if field == "#body":
            await page.fill("#title", "……")
        await page.locator(field).first.fill(words)
        async with page.expect_navigation():
            await page.locator(field).first.locator("xpath=ancestor::form").locator("button.button").click()
        assert await page.locator(field).first.input_value() == words, address
        await readers[who].reads(address, len(readable(words)))
    office, file = readers["office"], folder / "<img src=x onerror=hit()>.csv"
    for kind, content, least in (
        ("stations", stations(packed(40)[::-1]), 100),
        ("holidays", stations(PAYLOADS).replace("编号,名称", "日期,休班").replace("S", ""), 80),
    ):
        file.write_text(content)
        await office.read("/office/import", 2)
        await office.page.check(f"[name=kind][value={kind}]")
        await office.page.set_input_files("#file", file)
        async with office.page.expect_navigation():
            await office.page.click("text=检查（不会导入）")
        await expect(office.page.locator("tbody tr").first).to_be_visible()
        await office.reads(f"what is imported: {kind}", least)


async def _rate(asker: Reader, hostile: Hostile) -> None:
    """Whoever asked says that it is solved, in words that the page of their own data shows them."""
    code, comment = hostile.values["code"], packed(500)[-1]
    await asker.read(f"/track/{code}", len(PAYLOADS))
    await asker.page.get_by_text("想补充几句").click()
    await asker.page.fill("#check-comment", comment)
    async with asker.page.expect_navigation():
        await asker.page.locator(".answers button[value=yes]").click()
    await expect(asker.page.locator("#check")).to_contain_text("您说：已经解决")
    await asker.reads("after the rating", len(PAYLOADS))
    await asker.read(f"/track/{code}/data", 10)
    shown = readable(await asker.page.locator("main").inner_text())
    assert set(readable(comment)) <= set(shown), "their own words are shown to them"


async def test_no_payload_runs_at_the_desk_or_in_the_room_as_it_comes(tmp_path: Path, browser: Browser) -> None:
    """Question by question, as the scripts of both draw them."""
    demo = Demo(tmp_path / "data", environment={"LIVEROOM_ASK_PER_MINUTE": "100000"}).start()
    try:
        people = [await Person.arrive(browser, "about:blank") for _ in range(2)]
        found = [await watched(person.context, demo["home"]) for person in people]
        viewer, desk = people
        await viewer.page.goto(demo["room"])
        await desk.page.goto(demo["desk"])
        await ask_all(demo)
        pending = desk.page.locator("[data-column=pending]")
        await expect(pending.locator(".desk-card").nth(59)).to_be_visible()
        cards = pending.locator(".desk-card")
        for _ in range(80):  # a column draws sixty at a time: so all have been drawn
            await cards.first.focus()
            await desk.page.keyboard.press("p")
            await desk.page.wait_for_timeout(50)
        await expect(viewer.page.locator("main")).to_contain_text("hit()")
        for person in people:
            await person.page.mouse.move(300, 300)
            await person.page.wait_for_timeout(500)
            assert foreign(await person.page.content()) == []
        assert found == [[], []]
    finally:
        demo.stop()


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
