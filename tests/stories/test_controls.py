"""What the deputy and the viewers can switch does what it says: other devices, silence, a dark picture, sound alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import THREE_CAMERAS, Person, chromium
from tests.support.demo import Demo
from tests.support.evidence import witnessed

pytestmark = pytest.mark.browser

SILENCE = 1.0
"""Energy that a decoder's fading out and its comfort noise stay below; the beeps of a fake microphone are far above."""


@pytest.fixture
async def equipped(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """A browser with several cameras and microphones."""
    async with chromium(THREE_CAMERAS) as opened, witnessed(opened, request.node):
        yield opened


async def go_live(demo: Demo, deputys: Browser, viewers: Browser) -> tuple[Person, Person]:
    deputy = await Person.arrive(deputys, demo["studio"])
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    viewer = await Person.arrive(viewers, demo["room"], phone=True)
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    return deputy, viewer


async def energy(viewer: Person) -> float:
    _, heard = await viewer.frames()
    return heard


async def until(read: Callable[[], Awaitable[float]], holds: Callable[[float], bool]) -> None:
    """Wait until a figure is as it should be: what was on its way arrives first."""
    async with asyncio.timeout(60):
        while not holds(figure := await read()):
            await asyncio.sleep(0.1)
    assert holds(figure)


async def choose(page: Page, select: str, kind: str) -> str:
    """Choose the last device, which is not the one in use; its identifier, when the studio has opened it."""
    choice = page.locator(f"#{select}")
    other = await choice.locator("option").last.get_attribute("value")
    assert other != await choice.input_value()
    await choice.select_option(other)
    await page.wait_for_function(
        """([kind, id]) => document.getElementById('preview').srcObject.getTracks()
          .some((track) => track.kind === kind && track.getSettings().deviceId === id)""",
        arg=[kind, other],
    )
    return str(other)


async def test_a_camera_and_a_microphone_that_were_changed_go_on_after_the_link_was_lost(
    demo: Demo, browser: Browser, equipped: Browser
) -> None:
    deputy, viewer = await go_live(demo, equipped, browser)
    await viewer.moves()
    for select, kind in (("camera", "video"), ("microphone", "audio")):
        await choose(deputy.page, select, kind)
        await viewer.moves()
        # The tracks of the device before are stopped: this is the new one's sound.
        await viewer.sounds(SILENCE)
    await deputy.notes("#state")
    port = demo.port
    await asyncio.to_thread(demo.kill)
    await asyncio.to_thread(demo.start, port)
    await deputy.noted("网络中断，正在重连…")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    await viewer.moves()
    await viewer.sounds(SILENCE)
    assert deputy.errors + viewer.errors == []


async def test_a_muted_studio_is_silent_for_viewers_with_another_microphone_too(
    demo: Demo, browser: Browser, equipped: Browser
) -> None:
    deputy, viewer = await go_live(demo, equipped, browser)
    await viewer.sounds(SILENCE)
    await deputy.page.click("#mute")
    await until(lambda: energy(viewer), lambda heard: heard < SILENCE)
    await viewer.moves()
    await choose(deputy.page, "microphone", "audio")
    await viewer.moves()
    assert await energy(viewer) < SILENCE, "another microphone was not muted"
    await deputy.page.click("#mute")
    await viewer.sounds(SILENCE)
    assert deputy.errors + viewer.errors == []


async def test_a_hidden_camera_is_black_for_viewers_and_the_sound_goes_on(demo: Demo, browser: Browser) -> None:
    deputy, viewer = await go_live(demo, browser, browser)
    await until(lambda: viewer.page.evaluate(BRIGHTNESS), lambda bright: bright > 20)
    await deputy.page.click("#hide")
    await until(lambda: viewer.page.evaluate(BRIGHTNESS), lambda bright: bright < 1)
    await viewer.sounds(SILENCE)
    assert await viewer.page.evaluate(BRIGHTNESS) < 1
    await deputy.page.click("#hide")
    await until(lambda: viewer.page.evaluate(BRIGHTNESS), lambda bright: bright > 20)
    assert deputy.errors + viewer.errors == []


async def test_a_viewer_who_only_listens_gets_no_picture_until_it_is_wanted_again(demo: Demo, browser: Browser) -> None:
    deputy, viewer = await go_live(demo, browser, browser)
    await viewer.moves()
    await viewer.page.click("#audio-only")
    await expect(viewer.page.locator("#holding-words")).to_have_text("只听声音")
    await viewer.page.wait_for_function("document.getElementById('video').srcObject.getVideoTracks().length === 0")
    await viewer.sounds(SILENCE)
    pictures = await viewer.pictures()
    await viewer.page.wait_for_timeout(1000)
    assert await viewer.pictures() == pictures
    await viewer.page.click("#audio-only")
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    await viewer.moves()
    await viewer.sounds(SILENCE)
    assert deputy.errors + viewer.errors == []


async def test_a_studio_whose_browser_keeps_nothing_broadcasts_all_the_same(demo: Demo, browser: Browser) -> None:
    deputy = await Person.arrive(browser, demo["studio"], script=NOTHING_KEPT)
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    await expect(deputy.page.locator("#mute")).to_be_visible()
    assert deputy.errors == []


NOTHING_KEPT = """
Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } });
"""
BRIGHTNESS = """() => {
  const context = Object.assign(document.createElement('canvas'), {width: 64, height: 36}).getContext('2d');
  context.drawImage(document.getElementById('video'), 0, 0, 64, 36);
  const {data} = context.getImageData(0, 0, 64, 36);
  return data.reduce((sum, value, n) => (n % 4 === 3 ? sum : sum + value), 0) / (64 * 36 * 3);
}"""
