"""Clips of recorded sessions: cut, kept, refused, and let go."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import pytest

from liveroom.errors import Refused, Unavailable
from liveroom.ports.recordings import Clip
from liveroom.recording import folder as recording_folder
from liveroom.recording.folder import RecordingFolder, part_name, read_part
from liveroom.rooms.playback import Span
from tests.support.recorded import write_recording

WALL = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return WALL + timedelta(seconds=seconds)


def span(begin: float, end: float) -> Span:
    return Span(at(begin), at(end))


def record(folder: Path, *spans: tuple[float, float], codec: str = "h264") -> RecordingFolder:
    """Record from and to these seconds of WALL, with a keyframe every two."""
    write_recording(folder / "s", [span(*one) for one in spans], codec)
    return RecordingFolder(folder)


def read(clip: Clip) -> dict[str, list[float]]:
    """The times of all frames that can be decoded, by kind."""
    found: dict[str, list[float]] = {}
    with av.open(str(clip.file)) as container:
        for frame in container.decode():
            found.setdefault("video" if isinstance(frame, av.VideoFrame) else "audio", []).append(frame.time)
    return found


async def test_a_clip_begins_at_the_keyframe_before_and_ends_where_it_should(tmp_path: Path) -> None:
    kept = record(tmp_path, (0, 12))
    clip = await kept.clip("s", span(5, 9), picture=True)
    assert clip.content_type == "video/mp4"
    frames = read(clip)
    assert len(frames["video"]) == pytest.approx(5 * 30, abs=2), "from 4 to 9"
    assert len(frames["audio"]) == pytest.approx(5 * 50, abs=3)
    assert frames["video"][0] == pytest.approx(0, abs=0.01)
    assert frames["audio"][0] == pytest.approx(0, abs=0.03)


async def test_the_sound_alone_begins_at_once_and_is_small(tmp_path: Path) -> None:
    kept = record(tmp_path, (0, 12))
    sound = await kept.clip("s", span(5, 9), picture=False)
    assert sound.content_type == "audio/mp4"
    assert read(sound).keys() == {"audio"}
    assert len(read(sound)["audio"]) == pytest.approx(4 * 50, abs=2)


@pytest.mark.parametrize(("codec", "kind"), [("h264", "mp4"), ("vp8", "webm")])
async def test_a_clip_over_an_interruption_leaves_the_silence_out(tmp_path: Path, codec: str, kind: str) -> None:
    kept = record(tmp_path, (0, 6), (30, 36), codec=codec)
    clip = await kept.clip("s", span(4, 33), picture=True)
    assert clip.content_type == f"video/{kind}"
    frames = read(clip)
    assert len(frames["video"]) == pytest.approx(5 * 30, abs=3)
    assert frames["video"][-1] == pytest.approx(5, abs=0.2)
    assert max(b - a for a, b in pairwise(frames["video"])) < 0.3


async def test_a_clip_is_made_once_however_many_ask_and_one_who_leaves_harms_nobody(tmp_path: Path) -> None:
    kept = record(tmp_path, (0, 8))
    impatient = asyncio.create_task(kept.clip("s", span(2, 6), picture=True))
    await asyncio.sleep(0)
    asking = [asyncio.create_task(kept.clip("s", span(2, 6), picture=True)) for _ in range(5)]
    await asyncio.sleep(0.001)
    impatient.cancel()
    clips = await asyncio.gather(*asking)
    assert len({clip.file for clip in clips}) == 1
    made = clips[0].file.stat()
    again = (await kept.clip("s", span(2, 6), picture=True)).file.stat()
    assert (again.st_ino, again.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    assert [file.name for file in clips[0].file.parent.iterdir()] == [clips[0].file.name], "nothing unfinished is left"


@pytest.mark.parametrize(("begin", "end"), [(-20, -10), (12, 15), (40, 50)])
async def test_of_what_was_not_recorded_there_is_no_clip(tmp_path: Path, begin: float, end: float) -> None:
    kept = record(tmp_path, (0, 6))
    assert list(await kept.covers("s", [span(begin, end), span(-5, 1)])) == [False, True]
    with pytest.raises(Refused, match="not_found"):
        await kept.clip("s", span(begin, end), picture=True)


@pytest.mark.parametrize("session", ["other", "../s", "s/../s", "", "s\0"])
async def test_of_other_sessions_there_is_none(tmp_path: Path, session: str) -> None:
    kept = record(tmp_path, (0, 3))
    assert list(await kept.covers(session, [span(0, 3)])) == [False]
    with pytest.raises(Refused, match="not_found"):
        await kept.clip(session, span(0, 3), picture=True)


async def test_a_file_that_holds_nothing_gives_no_clip(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / part_name(at(0), "mp4")).touch()
    with pytest.raises(Refused, match="not_found"):
        await RecordingFolder(tmp_path).clip("s", span(0, 3), picture=True)


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = record(tmp_path, (0, 6))
    monkeypatch.setattr(recording_folder, "RESERVE", 1 << 60)
    with pytest.raises(Unavailable, match="no room"):
        await kept.clip("s", span(2, 4), picture=True)
    assert not (tmp_path / "s" / "clips").exists()


async def test_what_was_kept_long_enough_goes_with_its_clips(tmp_path: Path) -> None:
    kept = record(tmp_path, (0, 4))
    await kept.clip("s", span(1, 3), picture=True)
    (tmp_path / "strange").mkdir()
    assert await kept.sweep(at(-1)) == 0
    assert list(await kept.covers("s", [span(1, 3)])) == [True]
    assert await kept.sweep(at(3600)) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["strange"]
    assert await RecordingFolder(tmp_path / "none").sweep(at(0)) == 0


def test_names_say_when_a_part_begins(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 1, 20, 0, 1, 250_900, tzinfo=UTC)
    name = part_name(begin, "webm")
    assert read_part(tmp_path / name) is None, "it is not there"
    (tmp_path / name).touch()
    part = read_part(tmp_path / name)
    assert name == "20260301T200001250Z.webm"
    assert part is not None
    assert (part.begin, part.suffix) == (begin.replace(microsecond=250_000), "webm")
    assert [read_part(Path(other)) for other in ("clips", "x.mp4", name + ".part")] == [None] * 3
