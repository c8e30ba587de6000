"""The world of the stories about matters: its people, its clock, and which arrows of the diagram they took."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support import arrows
from tests.support.clocks import Shifted
from tests.support.evidence import FAILED
from tests.support.stage import Stage
from tests.support.world import World


@pytest.fixture
async def stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage whose log is compared with the table of the arrows when the story has ended well."""
    shifted = Shifted(monkeypatch)
    world = await World.make(tmp_path)
    played = Stage(world, browser, shifted)
    yield played
    try:
        if not request.node.stash.get(FAILED, False):
            assert played.errors == []
            await _compare(request.node.name, world)
    finally:
        await world.close()


async def _compare(story: str, world: World) -> None:
    took, rows = await arrows.taken(world), arrows.table()
    if os.environ.get("ARROWS") == "write":
        arrows.write(rows | {story: took})
        return
    told = rows.get(story, (frozenset(), frozenset()))
    assert took == told, f"tests/stories/arrows.toml tells another story: ARROWS=write renews it\n{took}"
