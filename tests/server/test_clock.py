"""A clock that is set right in the middle of a session, by five minutes, backwards; and days that go by."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from liveroom import clock
from liveroom.server import keys
from tests.support.step_back import assert_kept, step_back
from tests.support.world import World


async def test_a_clock_that_steps_back_loses_nothing_and_claims_and_the_shield_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_kept(await step_back(tmp_path, monkeypatch, 20))


async def test_what_was_planned_and_did_not_take_place_is_not_called_coming(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await world.app[keys.PEOPLE].account("office")
    assert office is not None
    broadcasting = world.app[keys.VERBS].broadcasting
    await broadcasting.plan("r", "下一场的主题", clock.now() + timedelta(days=1), ("deputy",), office.actor)

    async def home() -> str:
        return await (await (await world.visitor()).get("/")).text()

    page = await home()
    assert "接下来的场次" in page
    assert "下一场的主题" in page
    assert "deputy 甲" in page
    monkeypatch.setattr(broadcasting, "_clock", lambda: clock.now() + timedelta(days=2))
    assert "接下来的场次" not in await home()
