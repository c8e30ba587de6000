"""Media are kept to what the records say, whoever changed them; sessions whose process died are noted as lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from liveroom.actions import oversight
from liveroom.actions.oversight import Oversight
from liveroom.bus.alone import OwnDirectory
from liveroom.bus.memory import MemoryBus
from liveroom.errors import Unavailable
from liveroom.ports.bus import session_topic
from liveroom.ports.directory import Place


class Broadcasting:
    """The records: which sessions are live, and which may not be broadcast."""

    def __init__(self) -> None:
        self.forbidden: set[str] = set()
        self.live_now: list[str] = []
        self.lost: list[str] = []
        self.looks = 0
        self.failures = 0

    async def keep_to_records(self, media: Any, session: str) -> bool:
        self.looks += 1
        if self.failures:
            self.failures -= 1
            raise Unavailable("the database is not there")
        if session in self.forbidden:
            await media.cut(session)
        return session not in self.forbidden

    async def live(self) -> list[str]:
        return self.live_now

    async def media_lost(self, session: str) -> None:
        self.lost.append(session)


class Media:
    def __init__(self) -> None:
        self.gone: list[str] = []

    async def cut(self, stream: str) -> None:
        self.gone.append(stream)

    def is_live(self, stream: str) -> bool:
        return stream not in self.gone

    def viewers(self, stream: str) -> int:
        return 0


class Entries(OwnDirectory):
    """A directory that can be away, and that may name one other process."""

    def __init__(self) -> None:
        super().__init__()
        self.known = True
        self.elsewhere: set[str] = set()

    def holder(self, stream: str) -> Place | None:
        return Place("b", "http://b", True, {stream: 1}) if stream in self.elsewhere else None


class Scene:
    def __init__(self) -> None:
        self.broadcasting, self.media, self.bus, self.directory = Broadcasting(), Media(), MemoryBus(), Entries()
        self.oversight = Oversight(self.broadcasting, self.bus, self.directory)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(oversight, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(oversight, "RETRY_SECONDS", 0.01)
    made = Scene()
    tasks = [asyncio.create_task(made.oversight.run(made.media)), asyncio.create_task(made.oversight.look_for_lost())]
    yield made
    for task in tasks:
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_cut_that_was_decided_elsewhere_stops_media_at_the_ring(scene: Scene) -> None:
    await scene.directory.hold("s")
    scene.oversight.watch("s")
    await until(lambda: scene.broadcasting.looks == 1)
    assert scene.media.gone == []
    scene.broadcasting.forbidden.add("s")
    await scene.bus.publish(session_topic("s"))
    await until(lambda: scene.media.gone == ["s"])
    await until(lambda: not scene.directory.holds("s"))
    assert scene.bus.topics == (), "nobody listens for a stream that is gone"


async def test_records_that_cannot_be_read_are_asked_again(scene: Scene) -> None:
    scene.broadcasting.failures = 2
    scene.broadcasting.forbidden.add("s")
    scene.oversight.watch("s")
    await until(lambda: scene.media.gone == ["s"])
    assert scene.broadcasting.looks == 3


async def test_a_stream_that_another_process_has_taken_ends_here(scene: Scene) -> None:
    scene.oversight.watch("s")
    scene.oversight.yield_to_another("s")
    await until(lambda: scene.media.gone == ["s"])


async def test_a_live_session_that_nobody_holds_is_lost_and_others_are_not(scene: Scene) -> None:
    await scene.directory.hold("here")
    scene.directory.elsewhere.add("there")
    scene.broadcasting.live_now = ["here", "there", "nowhere"]
    await until(lambda: "nowhere" in scene.broadcasting.lost)
    assert set(scene.broadcasting.lost) == {"nowhere"}


async def test_nothing_is_lost_while_the_directory_cannot_be_read(scene: Scene) -> None:
    scene.directory.known = False
    scene.broadcasting.live_now = ["s"]
    await asyncio.sleep(0.2)
    assert scene.broadcasting.lost == []
    scene.directory.known = True
    await until(lambda: "s" in scene.broadcasting.lost)
