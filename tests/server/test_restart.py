"""What a restart in the middle of a broadcast leaves behind."""

from __future__ import annotations

from pathlib import Path

from liveroom.server import keys
from tests.support.world import Wire, World


async def test_a_session_that_was_live_waits_for_its_publisher_after_a_restart(tmp_path: Path) -> None:
    world = await World.make(tmp_path)
    await world.live()
    wire = await Wire.open(await world.visitor())
    before = await wire.hear("snapshot")
    assert before["session"]["state"] == "live"
    session = world.session
    await world.close()

    world = await World.make(tmp_path)
    world.session = session
    seen = {"epoch": before["epoch"], "seq": before["seq"]}
    back = await Wire.open(await world.visitor(), **seen)
    assert (await back.hear("feed"))["session"]["state"] == "interrupted"
    await world.live()
    while "session" not in (feed := await back.hear("feed")):
        pass
    assert feed["session"]["state"] == "live"
    assert (await world.app[keys.RECORDS].load(session)).session.started_at is not None
    await world.close()
