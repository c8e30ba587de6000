"""Behind a strict network, pages reach the media through the operator's TURN server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.aiortc_clients import publish
from tests.support.browser import Person
from tests.support.demo import Demo
from tests.support.turn import TurnDoor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SECRET = "known to the door and to the server"
# A browser asks the TURN server as soon as the direct way is not there at once: here it never is.
STRICT_NETWORK = """
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) {
    super({ ...configuration, iceTransportPolicy: 'relay' });
  }
};
"""


async def asks(door: TurnDoor) -> bool:
    """Whether somebody comes to the door within some seconds with the right password."""
    door.admitted.clear()
    for _ in range(100):
        if door.admitted:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_the_studio_and_the_room_ask_the_turn_server_with_a_right_password(
    tmp_path: Path, browser: Browser
) -> None:
    door = await TurnDoor.open(SECRET)
    held = tmp_path / "turn-secret"
    held.write_text(SECRET + "\n")
    urls = f"turn:127.0.0.1:{door.port}?transport=udp"
    environment = {"LIVEROOM_TURN_URLS": urls, "LIVEROOM_TURN_SECRET_FILE": str(held)}
    demo = await asyncio.to_thread(Demo(tmp_path / "data", environment=environment).start)
    try:
        deputy = await Person.arrive(browser, demo["studio"])
        await deputy.context.add_init_script(STRICT_NETWORK)
        await deputy.page.reload()
        await deputy.page.click("#go-live")
        assert await asks(door), "the studio did not ask"
        await deputy.leave()

        publisher = await publish(demo["whip"], demo["whip_token"])
        viewer = await Person.arrive(browser, demo["room"], phone=True)
        await viewer.context.add_init_script(STRICT_NETWORK)
        await viewer.page.reload()
        assert await asks(door), "the room did not ask"
        assert not door.turned_away
        assert not deputy.errors + viewer.errors
        await publisher.close()
    finally:
        await asyncio.to_thread(demo.stop)
        door.transport.close()
