"""Behind a strict network, pages reach the media through the operator's TURN server."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Person
from tests.support.demo import Demo
from tests.support.turn import TurnRelay

pytestmark = pytest.mark.browser
SECRET = "known to the relay and to the server"
# What is left of ICE where a network lets nothing through but the way to the TURN server.
STRICT_NETWORK = """
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) {
    super({ ...configuration, iceTransportPolicy: 'relay' });
  }
};
"""


async def test_a_broadcast_goes_from_a_studio_to_a_viewer_through_the_turn_server_alone(
    tmp_path: Path, furnished: Path, browser: Browser, figures: list[str]
) -> None:
    relay = await TurnRelay.open(SECRET)
    held = tmp_path / "turn-secret"
    held.write_text(SECRET + "\n")
    urls = f"turn:127.0.0.1:{relay.port}?transport=udp"
    environment = {"LIVEROOM_TURN_URLS": urls, "LIVEROOM_TURN_SECRET_FILE": str(held)}
    shutil.copytree(furnished, tmp_path / "data")
    demo = await asyncio.to_thread(Demo(tmp_path / "data", environment=environment).start)
    try:
        deputy = await Person.arrive(browser, demo["studio"], script=STRICT_NETWORK)
        await deputy.page.click("#go-live")
        await expect(deputy.page.locator("#state"), "the studio sends").to_have_text("直播中")
        sent = relay.outward
        assert sent, "the studio's packets went through the relay"
        viewer = await Person.arrive(browser, demo["room"], phone=True, script=STRICT_NETWORK)
        await expect(viewer.page.locator("#holding"), "the viewer sees it").to_be_hidden()
        before = relay.inward
        await viewer.moves()
        assert relay.inward > before, "the viewer's packets came through the relay"
        await viewer.sounds()
        figures.append(f"through a TURN server: {relay.outward} datagrams to the media port, {relay.inward} from it")
        assert len(relay.admitted) > len(relay.turned_away) == 0
        assert deputy.errors + viewer.errors == []
    finally:
        await asyncio.to_thread(demo.stop)
        relay.close()
