"""What the deputy and the viewers can switch does what it says: other devices, silence, a dark picture, sound alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import THREE_CAMERAS, Person, chromium
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
async def equipped() -> AsyncIterator[Browser]:
    """A browser with several cameras and microphones."""
    async with chromium(THREE_CAMERAS) as opened:
        yield opened


async def go_live(demo: Demo, deputys: Browser, viewers: Browser) -> tuple[Person, Person]:
    deputy = await Person.arrive(deputys, demo["studio"])
    await deputy.page.click("#go-live")
    viewer = await Person.arrive(viewers, demo["room"], phone=True)
    await expect(viewer.page.locator("#holding")).to_be_hidden()
    return deputy, viewer


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
        _, energy = await viewer.frames()
        assert energy > 0, f"no sound after another {select}"
    port = demo.port
    demo.kill()
    demo.start(port)
    await expect(deputy.page.locator("#state")).to_have_text("网络中断，正在重连…", timeout=30_000)
    await expect(deputy.page.locator("#state")).to_have_text("直播中", timeout=30_000)
    await expect(viewer.page.locator("#holding")).to_be_hidden(timeout=20_000)
    await viewer.moves()
    _, energy = await viewer.frames()
    assert energy > 0, "no sound after the link came back"
    assert deputy.errors + viewer.errors == []
