"""Who broadcasts is told that it is recorded, where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World


@pytest.mark.parametrize("record", [True, False])
async def test_the_studio_says_whether_a_broadcast_is_recorded(tmp_path: Path, record: bool) -> None:
    world = await World.make(tmp_path, record=record)
    deputy = await world.sign_in("deputy")
    page = await (await deputy.get("/rooms/r/studio")).text()
    assert ("直播会录下来" in page) == record
    metrics = await (await deputy.get("/metrics")).text()
    assert ("liveroom_recordings_open 0.0" in metrics) == record
    await world.close()
