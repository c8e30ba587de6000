"""A publisher who drops out never ends the session: viewers see a holding picture, and nobody reloads."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Person, chromium
from tests.support.demo import Demo
from tests.support.steps import ask

pytestmark = pytest.mark.browser
PROMISED = 5.0
"""Seconds to the holding picture, and from the return to the moving one, on a machine that does nothing else."""
BUSY = 4
"""How many times slower a machine may be that does: what was measured is told at the end of the run."""


async def go_live(demo: Demo, browser: Browser) -> tuple[Person, Person]:
    """A studio that is on air, and says so, and somebody who sees it."""
    deputy = await Person.arrive(browser, demo["studio"])
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    viewer = await Person.arrive(browser, demo["room"], phone=True)
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    return deputy, viewer


async def test_the_publishers_page_is_killed_and_comes_back(demo: Demo, browser: Browser, figures: list[str]) -> None:
    viewer = await Person.arrive(browser, demo["room"], phone=True)
    await viewer.page.evaluate("window.neverReloaded = true")
    async with chromium() as other:
        deputy = await Person.arrive(other, demo["studio"])
        await deputy.page.click("#go-live")
        await expect(viewer.page.locator("#holding")).to_be_hidden()
        # From now on the page knows, whatever happens to it, that it was on the air.
        await expect(deputy.page.locator("#state")).to_have_text("直播中")
        state = await deputy.context.storage_state()
        crashed = asyncio.Event()
        deputy.page.on("crash", lambda _: crashed.set())
        session = await deputy.context.new_cdp_session(deputy.page)
        gone = time.monotonic()
        # The renderer dies like a page that is killed: no goodbye is said, to the command that kills it neither.
        killing = asyncio.ensure_future(session.send("Page.crash"))
        await asyncio.wait_for(crashed.wait(), 30)
        await expect(viewer.page.locator("#holding-words")).to_contain_text("代表的网络中断了")
        held = time.monotonic() - gone
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    figures.append(f"holding picture {held:.1f} s after the studio was killed")
    assert held < PROMISED * BUSY

    context = await browser.new_context(permissions=["camera", "microphone"], storage_state=state, locale="zh-CN")
    page = await context.new_page()
    back = time.monotonic()
    await page.goto(demo["room"] + "/studio")
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    await viewer.moves()
    returned = time.monotonic() - back
    figures.append(f"moving picture {returned:.1f} s after the studio was opened again")
    assert returned < PROMISED * BUSY
    assert await viewer.page.evaluate("window.neverReloaded") is True


async def test_a_second_device_takes_over_cleanly(demo: Demo, browser: Browser) -> None:
    deputy, viewer = await go_live(demo, browser)
    state = await deputy.context.storage_state()
    state["origins"] = []
    context = await browser.new_context(permissions=["camera", "microphone"], storage_state=state, locale="zh-CN")
    page = await context.new_page()
    await page.goto(demo["room"] + "/studio")
    await page.click("#go-live")
    await expect(page.locator("#state")).to_have_text("直播中")
    await expect(deputy.page.locator("#problem")).to_contain_text("另一台设备接着直播了")
    await viewer.moves()
    await expect(viewer.page.locator("#holding")).to_be_hidden()


async def test_the_office_cuts_the_broadcast_off_and_lifts_it(demo: Demo, browser: Browser, figures: list[str]) -> None:
    deputy, viewer = await go_live(demo, browser)
    office = await Person.arrive(browser, demo["office"])
    await office.page.goto(demo["room"] + "/desk")
    await ask(viewer, "能不能多开一班船？")
    await office.page.click("#cut")
    await office.page.fill("#cut-reason", "内容需要核实")
    await office.page.click("#cut-dialog button[value=yes]")
    began = time.monotonic()
    await expect(viewer.page.locator("#holding-words")).to_have_text("直播已被中止")
    figures.append(f"a cut was seen by a viewer after {time.monotonic() - began:.1f} s")
    await expect(viewer.page.locator("#holding-more")).to_have_text("内容需要核实")
    await expect(deputy.page.locator("#go-live")).to_be_disabled()
    await expect(office.page.locator("#cut-note")).to_contain_text("内容需要核实")
    card = office.page.locator("[data-column=pending] .desk-card")
    await expect(card.locator("[data-act=refuse]")).to_be_visible()
    await expect(card.locator("[data-act=publish]")).to_have_count(0)
    await card.focus()
    await office.page.keyboard.press("p")
    await expect(office.page.locator(".toast.bad")).to_contain_text("解除之前不能公开")
    await office.page.click("#resume")
    await expect(office.page.locator("#cut-note")).to_be_hidden()
    await expect(card.locator("[data-act=publish]")).to_be_visible()
    await deputy.page.click("#go-live")
    await expect(viewer.page.locator("#holding")).to_be_hidden()


async def test_the_server_is_killed_in_the_middle_and_the_studio_goes_on_by_itself(
    demo: Demo, browser: Browser, figures: list[str]
) -> None:
    deputy, viewer = await go_live(demo, browser)
    for person in (deputy, viewer):
        await person.page.evaluate("window.neverReloaded = true")
    await deputy.notes("#state")
    port = demo.port
    await asyncio.to_thread(demo.kill)
    await asyncio.to_thread(demo.start, port)
    back = time.monotonic()
    await deputy.noted("网络中断，正在重连…")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    await viewer.moves()
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    figures.append(f"moving picture {time.monotonic() - back:.1f} s after the restart")

    state = await deputy.context.storage_state()
    await asyncio.to_thread(demo.kill)
    await deputy.leave()
    await asyncio.to_thread(demo.start, port)
    await expect(viewer.page.locator("#holding-words")).to_contain_text("代表的网络中断了")
    context = await browser.new_context(permissions=["camera", "microphone"], storage_state=state, locale="zh-CN")
    await (await context.new_page()).goto(demo["room"] + "/studio")
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    assert await viewer.page.evaluate("window.neverReloaded") is True
    await context.close()


async def test_a_producer_who_sends_nothing_cuts_lifts_and_ends(demo: Demo, browser: Browser) -> None:
    for command in ("add dao --name 导播 --role producer --password x", "link dao --to /rooms/haitian/studio"):
        line = [sys.executable, "-m", "liveroom", "user", *command.split(), "--data", str(demo.data)]
        made = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, check=True)
    deputy, viewer = await go_live(demo, browser)
    producer = await Person.arrive(browser, demo["home"].rstrip("/") + made.stdout.strip())
    await producer.page.click("#cut")
    await producer.page.fill("#cut-reason", "内容需要核实")
    await producer.page.click("#cut-dialog button[value=yes]")
    await expect(viewer.page.locator("#holding-more")).to_have_text("内容需要核实")
    await expect(deputy.page.locator("#resume")).to_be_hidden()
    await producer.page.click("#resume")
    await expect(viewer.page.locator("#holding-words")).to_contain_text("代表的网络中断了")
    await deputy.leave()
    moderator = await Person.arrive(browser, demo["desk"])
    await expect(moderator.page.locator("#end")).to_be_visible()
    await expect(moderator.page.locator("#cut")).to_be_hidden()
    await producer.page.click("#end")
    await producer.page.click("#end-dialog button[value=no]")
    await producer.page.click("#end")
    await producer.page.click("#end-dialog button[value=yes]")
    await expect(viewer.page.locator("#holding-words")).to_contain_text("已经结束")
    await expect(producer.page.locator("#end")).to_be_hidden()
    assert [*producer.errors, *moderator.errors] == []


async def test_the_first_frame_of_ten_joins(demo: Demo, browser: Browser, figures: list[str]) -> None:
    deputy = await Person.arrive(browser, demo["studio"])
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    viewer = await Person.arrive(browser, demo["home"])
    times = []
    for _ in range(10):
        times.append(await viewer.page.evaluate(FIRST_FRAME, demo["whep"]))
    figures.append(
        f"first decoded frame: median {statistics.median(times):.0f} ms, {min(times):.0f} to {max(times):.0f} ms"
    )
    assert statistics.median(times) < 1000 * BUSY


FIRST_FRAME = """async (url) => {
  const connection = new RTCPeerConnection();
  const video = document.createElement('video');
  video.muted = true; video.autoplay = true;
  connection.ontrack = (event) => { video.srcObject = event.streams[0]; };
  const began = performance.now();
  connection.addTransceiver('audio', {direction: 'recvonly'});
  connection.addTransceiver('video', {direction: 'recvonly'});
  await connection.setLocalDescription(await connection.createOffer());
  const first = new Promise((done) => video.requestVideoFrameCallback(() => done(performance.now() - began)));
  const headers = {'Content-Type': 'application/sdp'};
  const answer = await fetch(url, {method: 'POST', body: connection.localDescription.sdp, headers});
  await connection.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  const passed = await first;
  await fetch(answer.headers.get('Location'), {method: 'DELETE'});
  connection.close();
  return passed;
}"""
