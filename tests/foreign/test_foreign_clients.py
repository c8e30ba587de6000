"""Clients of others, unchanged and from another origin, publish to and watch from the real server."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error

from tests.support.aiortc_clients import Watching, publish
from tests.support.demo import Demo
from tests.support.ffmpeg_whip import Ffmpeg
from tests.support.foreign_page import ForeignPage

pytestmark = pytest.mark.browser

PUBLISHERS = ("whip-whep", "@eyevinn/whip-web-client")
PLAYERS = ("whip-whep", "@eyevinn/webrtc-player")
PICTURES, SOUNDS = 40, 60
WITHOUT_IF_MATCH = "Request rejected with status 428"
"""What `whip-whep` throws, and nobody catches, when it trickles candidates as a viewer: it goes on without."""

ESBUILD = Path(__file__).parents[2] / "node_modules" / ".bin" / "esbuild"

Ledger = list[tuple[str, str, str, int, int]]


class Stage:
    """A demo, a site of another origin and the clients of a test."""

    def __init__(self, demo: Demo, browser: Browser, site: str, ledger: Ledger) -> None:
        self.demo = demo
        self.ledger = ledger
        self._browser = browser
        self._site = site

    async def page(self) -> ForeignPage:
        return await ForeignPage.open(self._browser, self._site)

    async def publish(self, client: str, kinds: tuple[str, ...] = ("audio", "video")) -> ForeignPage:
        page = await self.page()
        await page.start(f"{client} publishes", self.demo["whip"], self.demo["whip_token"], kinds)
        return page

    async def watch(self, client: str) -> ForeignPage:
        page = await self.page()
        await page.start(f"{client} watches", self.demo["whep"])
        return page

    async def on_air(self) -> Watching:
        """An aiortc viewer: unlike the players it waits until somebody publishes."""
        return await Watching().open(self.demo["whep"])

    async def everybody_decodes(self, publisher: str, what: str = "", *, sound: bool = True) -> None:
        """aiortc and all players at once decode what is published; players leave by DELETE."""
        aiortc = await self.on_air()
        kinds = {"video": PICTURES, "audio": SOUNDS} if sound else {"video": PICTURES}

        async def play(name: str) -> tuple[int, int]:
            page = await self.watch(name)
            for kind, more in (kinds | {"shown": 10}).items():
                frames = await page.until(kind, more)
            await page.call("stop")
            assert await page.heard("DELETE") == 200
            assert set(page.person.errors) <= {WITHOUT_IF_MATCH}
            return frames["video"], frames["audio"]

        played = await asyncio.gather(*(play(name) for name in PLAYERS))
        for kind, more in kinds.items():
            await aiortc.until(kind, more)
        self.ledger.append((publisher, "aiortc", what, aiortc.frames["video"], aiortc.frames["audio"]))
        self.ledger.extend((publisher, name, what, *frames) for name, frames in zip(PLAYERS, played, strict=True))
        await aiortc.close()


@pytest.fixture
def stage(demo: Demo, browser: Browser, site: str, ledger: Ledger) -> Stage:
    return Stage(demo, browser, site, ledger)


def test_where_ci_decides_the_foreign_clients_are_there() -> None:
    """Elsewhere the tests below are skipped without node or its packages; with $CI set that is a failure."""
    there = shutil.which("node") is not None and ESBUILD.exists()
    assert there or not os.environ.get("CI"), "the foreign clients need node 20 or later and `npm ci`"


@pytest.mark.parametrize("client", PUBLISHERS)
async def test_what_a_package_publishes_is_decoded_by_every_viewer(stage: Stage, client: str) -> None:
    publisher = await stage.publish(client)
    await stage.everybody_decodes(client)
    await publisher.call("stop")
    assert await publisher.heard("DELETE") == 200
    assert publisher.person.errors == []


@pytest.mark.parametrize("option", ["", "whip_flags=dtls_active"])
async def test_what_ffmpeg_publishes_is_decoded_by_every_viewer(stage: Stage, tmp_path: Path, option: str) -> None:
    ffmpeg = Ffmpeg(tmp_path, stage.demo["whip"], stage.demo["whip_token"], *filter(None, [option]))
    try:
        await stage.everybody_decodes("FFmpeg", option or "DTLS server, its default")
    finally:
        ffmpeg.stop()


async def test_what_aiortc_publishes_is_decoded_by_every_viewer(stage: Stage) -> None:
    connection = await publish(stage.demo["whip"], stage.demo["whip_token"])
    await stage.everybody_decodes("aiortc")
    await connection.close()


async def test_pictures_alone_are_decoded_by_every_viewer(stage: Stage) -> None:
    await stage.publish("whip-whep", ("video",))
    await stage.everybody_decodes("whip-whep", "pictures alone", sound=False)


async def test_media_go_on_after_ice_restarts_of_publisher_and_player(stage: Stage) -> None:
    publisher = await stage.publish("whip-whep")
    first = await stage.on_air()
    player = await stage.watch("whip-whep")
    await player.until("video", 10)
    for restarted in (publisher, player):
        await restarted.restart()
        await restarted.answered("PATCH", 200)
        frames = await player.until("video", PICTURES)
    await first.until("video", 10)
    stage.ledger.append(("whip-whep", "whip-whep", "ICE restart of both", frames["video"], frames["audio"]))
    await first.close()


async def test_ending_a_session_that_was_taken_over_is_harmless(stage: Stage) -> None:
    first = await stage.publish("whip-whep")
    viewer = await stage.on_air()
    await viewer.until("video", 10)
    second = await stage.publish("@eyevinn/whip-web-client")
    await viewer.until("video", PICTURES)
    for publisher in (first, second):
        await publisher.call("stop")
        assert await publisher.heard("DELETE") == 200
    await viewer.close()


async def test_players_that_come_too_early_are_told(stage: Stage) -> None:
    with pytest.raises(Error, match="Request rejected with status 409"):
        await stage.watch("whip-whep")
    player = await stage.watch("@eyevinn/webrtc-player")
    assert await player.heard("POST") == 409
    await player.person.page.wait_for_function("foreign.said().includes('initial-connection-failed')")


async def test_a_publisher_with_a_wrong_token_is_told(stage: Stage) -> None:
    page = await stage.page()
    with pytest.raises(Error, match="Request rejected with status 401"):
        await page.start("whip-whep publishes", stage.demo["whip"], "wrong", ("video",))
