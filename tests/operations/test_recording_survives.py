"""A recording survives: whoever kills the server while it records finds files that play, up to just before."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from liveroom.recording.folder import Part, RecordingFolder, read_part
from liveroom.rooms.playback import Span
from liveroom.storage.folder import RECORDINGS
from tests.support.aiortc_clients import publish
from tests.support.demo import Demo

PROMISED = 2.0
"""Seconds that may be missing, on a machine that does nothing else."""
BUSY = 3


def parts(data: Path) -> list[Part]:
    files = (data / RECORDINGS).glob("*/*")
    return sorted((part for file in files if (part := read_part(file))), key=lambda part: part.begin)


def last_frames(part: Part) -> dict[str, datetime]:
    """When the last frame of each kind was taken that can be decoded."""
    last: dict[str, datetime] = {}
    with av.open(str(part.file)) as container:
        for frame in container.decode():
            kind = "video" if isinstance(frame, av.VideoFrame) else "audio"
            last[kind] = part.begin + timedelta(seconds=frame.time)
    return last


@pytest.mark.alone
@pytest.mark.timeout(300)
async def test_kills_cost_two_seconds_of_a_recording_at_most(tmp_path: Path, figures: list[str]) -> None:
    chance, missing = random.Random(7), []
    demo = Demo(tmp_path / "data").start()
    port = demo.port
    for kill in range(3):
        publisher = await publish(demo["whip"], demo["whip_token"])
        async with asyncio.timeout(60):
            while len(parts(demo.data)) <= kill:
                await asyncio.sleep(0.1)
        await asyncio.sleep(3 + chance.random())
        killed = datetime.now(UTC)
        await asyncio.to_thread(demo.kill)
        await publisher.close()
        part = parts(demo.data)[-1]
        last = last_frames(part)
        assert last.keys() == {"video", "audio"}
        missing += [(killed - at).total_seconds() for at in last.values()]
        span = Span(part.begin + timedelta(seconds=1), killed)
        clip = await RecordingFolder(demo.data / RECORDINGS).clip(part.file.parent.name, span, picture=True)
        with av.open(str(clip.file)) as container:
            assert sum(1 for _ in container.decode(video=0)) > 30
        await asyncio.to_thread(demo.start, port)
    demo.stop()
    figures.append(f"recording, {len(missing) // 2} kills: the last {max(missing):.1f} s at most were missing")
    assert max(missing) < PROMISED * BUSY
    assert len(parts(demo.data)) == 3
