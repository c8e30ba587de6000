"""The recorder beside a media plane: what it writes, when it stops, and what it never holds up."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from liveroom import clock
from liveroom.recording import folder as recording_folder
from liveroom.recording import recorder as recorders
from liveroom.recording.folder import Part, read_part
from liveroom.recording.recorder import Recorder, StreamTap
from liveroom.relay.track import Track
from tests.support.aiortc_clients import publish
from tests.support.encoded import Publisher
from tests.support.media_server import Server


@contextlib.asynccontextmanager
async def recording(folder: Path) -> AsyncIterator[Recorder]:
    recorder = Recorder(folder, clock.now)
    running = asyncio.create_task(recorder.run())
    yield recorder
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await recorder.close()


def parts(folder: Path, stream: str = "a") -> list[Part]:
    found = [part for file in (folder / stream).glob("*") if (part := read_part(file))]
    return sorted(found, key=lambda part: part.begin)


def pictures(part: Part) -> int:
    with av.open(str(part.file)) as container:
        return sum(1 for _ in container.decode(video=0))


async def until_recorded(folder: Path, size: int = 20_000) -> None:
    async with asyncio.timeout(30):
        while sum(part.file.stat().st_size for part in parts(folder)) < size:
            await asyncio.sleep(0.1)


def send(tap: StreamTap, publisher: Publisher, seconds: float) -> None:
    """As if it had been forwarded until now."""
    now = asyncio.get_running_loop().time()
    publisher.at = now - seconds
    for taken in publisher.media(seconds):
        tap.take(Track(taken.kind, taken.codec, 90_000, 1), taken.packet, taken.at)


async def test_a_broadcast_is_recorded_until_it_is_cut_off(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    async with recording(folder) as recorder, Server.run(tap=recorder.tap) as server:
        publisher = await publish(server.whip, "t")
        await until_recorded(folder)
        assert recorder.facts() == {"recordings_open": 1, "recordings_failed": 0}
        await server.plane.cut("a")
        await asyncio.sleep(1.5)
        before = [part.file.stat().st_size for part in parts(folder)]
        await asyncio.sleep(1)
        assert [part.file.stat().st_size for part in parts(folder)] == before
        await publisher.close()
    (part,) = parts(folder)
    assert pictures(part) > 30
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(part.file.parent.stat().st_mode) == 0o700


async def test_a_server_that_ends_writes_down_the_rest(tmp_path: Path) -> None:
    async with recording(tmp_path) as recorder:
        send(recorder.tap("a"), Publisher(), 4.0)
    (part,) = parts(tmp_path)
    assert pictures(part) == 120


async def test_what_falls_silent_is_closed_and_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveroom.recording.stream.IDLE", 0.5)
    async with recording(tmp_path) as recorder:
        send(recorder.tap("a"), Publisher(), 3.0)
        assert recorder.facts()["recordings_open"] == 1
        async with asyncio.timeout(10):
            while recorder.facts()["recordings_open"]:
                await asyncio.sleep(0.1)
        assert [pictures(part) for part in parts(tmp_path)] == [90]


async def test_a_disk_that_is_nearly_full_is_left_to_everything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = recording_folder.RESERVE
    monkeypatch.setattr(recording_folder, "RESERVE", 1 << 60)
    async with recording(tmp_path) as recorder:
        await asyncio.sleep(2 * recorders.WRITE_EVERY)
        send(recorder.tap("a"), Publisher(), 4.0)
        await asyncio.sleep(2 * recorders.WRITE_EVERY)
        assert parts(tmp_path) == []
        assert recorder.facts()["recordings_failed"] == 1
        monkeypatch.setattr(recording_folder, "RESERVE", reserve)
        await asyncio.sleep(2 * recorders.WRITE_EVERY)
        send(recorder.tap("a"), Publisher(), 4.0)
    assert [pictures(part) for part in parts(tmp_path)] == [120]


async def test_an_error_ends_a_file_and_after_a_pause_another_one_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "PAUSE_AFTER_ERROR", 1.0)
    async with recording(tmp_path) as recorder:
        tap = recorder.tap("a")
        (tmp_path / "a").touch()  # where the folder should be
        send(tap, Publisher(), 3.0)
        await asyncio.sleep(2 * recorders.WRITE_EVERY)
        assert recorder.facts()["recordings_failed"] == 1
        (tmp_path / "a").unlink()
        await asyncio.sleep(1.0 + recorders.WRITE_EVERY)
        send(tap, Publisher(), 3.0)
    assert [pictures(part) for part in parts(tmp_path)] == [90]


async def test_the_pause_holds_however_much_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "PAUSE_AFTER_ERROR", 600.0)
    async with recording(tmp_path) as recorder:
        tap = recorder.tap("a")
        (tmp_path / "a").touch()
        for _ in range(4):
            send(tap, Publisher(), 3.0)
            await asyncio.sleep(2 * recorders.WRITE_EVERY)
        assert recorder.facts()["recordings_failed"] == 1
        assert not tap.wants_keyframe


async def test_what_waits_for_a_disk_that_stands_still_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "WAITING_LIMIT", 100)
    recorder = Recorder(tmp_path, clock.now)
    tap, (first, *_) = recorder.tap("a"), Publisher().media(0.1)
    for _ in range(1000):
        tap.take(Track("video", "h264", 90_000, 1), first.packet, 0.0)
        tap.report("video", 1, 1)
    assert len(tap.hand_over()) == 100
    await recorder.close()


def test_a_stream_cannot_choose_another_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="up"):
        Recorder(tmp_path, clock.now).tap("../up")
