"""A real Chromium for the tests, with a camera and a microphone that are not there."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
# The second one is a depth camera (Y16), whose pictures WebRTC does not send.
THREE_CAMERAS = "--use-fake-device-for-media-stream=device-count=3"
PATIENCE = 30_000
"""Milliseconds that a page may take for anything on a machine that is busy with other work."""

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}

expect.set_options(timeout=PATIENCE)


def executable() -> str:
    """Chromium, or a skipped test with a line that says how to get it."""
    for candidate in (os.environ.get("CHROMIUM"), "/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"):
        found = candidate and shutil.which(candidate)
        if found:
            return found
    pytest.skip("no Chromium: apt-get install chromium fonts-noto-cjk, or set CHROMIUM")


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """`more` arguments overrule those that all tests use."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            await browser.close()


class Person:
    """Somebody with a browser of their own; errors of their pages are kept."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def arrive(
        cls,
        browser: Browser,
        address: str,
        *,
        phone: bool = False,
        lang: str = "zh-CN",
        script: str = "",
        unguarded: bool = False,
    ) -> Person:
        """Somebody who has opened a page; `script` runs before those of every page they open. Who is `unguarded` has a
        browser that heeds no content security policy.
        """
        context = await browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            locale=lang,
            permissions=["camera", "microphone"],
            bypass_csp=unguarded,
        )
        context.set_default_timeout(PATIENCE)
        if script:
            await context.add_init_script(script)
        person = cls(context, await context.new_page())
        await person.page.goto(address)
        return person

    async def pictures(self) -> int:
        """Decoded pictures so far."""
        found = await self.page.evaluate("document.getElementById('video').getVideoPlaybackQuality().totalVideoFrames")
        return int(found)

    async def frames(self) -> tuple[int, float]:
        """Decoded pictures so far, and the audio energy of the next one and a half seconds."""
        return await self.pictures(), float(await self.page.evaluate(MEASURE_ENERGY))

    async def moves(self) -> None:
        """Wait until some more pictures are decoded; their number begins anew with every connection."""
        before = await self.pictures()
        async with asyncio.timeout(PATIENCE / 1000):
            while (now := await self.pictures()) <= before + 5:
                before = min(before, now)
                await asyncio.sleep(0.05)

    async def sounds(self, energy: float = 0) -> None:
        """Wait until more is heard than this energy."""
        async with asyncio.timeout(PATIENCE / 1000):
            while (await self.frames())[1] <= energy:
                pass

    async def notes(self, selector: str) -> None:
        """From now on the page keeps every text that an element has: what is told for a moment is not missed."""
        await self.page.evaluate(NOTES, selector)

    async def noted(self, text: str) -> None:
        await self.page.wait_for_function("text => noted.includes(text)", arg=text)

    async def leave(self) -> None:
        await self.context.close()


NOTES = """(selector) => {
  const element = document.querySelector(selector);
  window.noted = [element.textContent];
  const note = () => noted.push(element.textContent);
  new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true });
}"""
MEASURE_ENERGY = """async () => {
  const stream = document.getElementById('video').srcObject;
  if (!stream || !stream.getAudioTracks().length) return 0;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let energy = 0;
  for (let n = 0; n < 30; n++) {
    await new Promise((done) => setTimeout(done, 50));
    analyser.getFloatTimeDomainData(samples);
    energy += samples.reduce((sum, sample) => sum + sample * sample, 0);
  }
  await context.close();
  return energy;
}"""
