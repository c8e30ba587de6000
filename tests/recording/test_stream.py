"""What is written of a stream, read again: frames as an encoder made them, into files and out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from liveroom.recording.folder import Part, read_part
from liveroom.recording.stream import (
    HOLD,
    IDLE,
    KEYFRAME_EVERY,
    ROLL_AFTER,
    ROLL_AT_LAST,
    Reported,
    StreamRecording,
    Taken,
)
from tests.support.encoded import Publisher

WALL = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""The wall clock at 0 of the monotonic one."""


def write(recording: StreamRecording, taken: Sequence[Taken | Reported], until: float) -> None:
    recording.write(taken, until, WALL + timedelta(seconds=until))


def parts(folder: Path) -> list[Part]:
    return sorted((part for file in folder.iterdir() if (part := read_part(file))), key=lambda part: part.begin)


def seconds(part: Part) -> float:
    """When it begins, of the monotonic clock."""
    return (part.begin - WALL).total_seconds()


def times(part: Part, kind: str) -> list[float]:
    """When the frames of a kind were taken, of the monotonic clock."""
    with av.open(str(part.file)) as container:
        tracks = [track for track in container.streams if track.type == kind]
        found = [packet for packet in container.demux(tracks) if packet.pts is not None] if tracks else []
        return [seconds(part) + float(packet.pts * packet.time_base) for packet in found]


def decoded(part: Part, kind: str) -> int:
    with av.open(str(part.file)) as container:
        return sum(1 for _ in container.decode(**{kind: 0}))


@pytest.mark.parametrize(("codec", "suffix"), [("h264", "mp4"), ("vp8", "webm")])
def test_all_frames_are_in_the_file_at_the_time_they_were_taken(tmp_path: Path, codec: str, suffix: str) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(codec, at=100.0)
    for _ in range(10):
        write(recording, publisher.media(0.5), publisher.at)
    recording.close()
    (part,) = parts(tmp_path / "s")
    assert part.suffix == suffix
    assert (decoded(part, "video"), decoded(part, "audio")) == (150, 250)
    shown, heard = times(part, "video"), times(part, "audio")
    assert shown == pytest.approx([100 + n / 30 for n in range(150)], abs=0.003)
    assert heard == pytest.approx([100 + n / 50 for n in range(250)], abs=0.01)


def test_a_picture_that_comes_late_belongs_to_the_sound_of_its_moment(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0)
    reports = [Reported(kind, 5000 << 32, 1) for kind in ("audio", "video")]
    media = publisher.media(3.0)
    late = [Taken(t.kind, t.codec, t.packet, t.at + 0.6) if t.kind == "video" else t for t in media]
    late.sort(key=lambda t: t.at)
    write(recording, [*late[:200], *reports, *late[200:]], 103.7)
    recording.close()
    (part,) = parts(tmp_path / "s")
    assert times(part, "video")[0] == pytest.approx(100.0, abs=0.01)
    assert times(part, "audio")[0] == pytest.approx(100.0, abs=0.01)


def test_an_interruption_ends_a_file_and_the_next_one_says_when_it_begins(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0)
    write(recording, publisher.media(3.0), 103.0)
    write(recording, [], 103.0 + IDLE + 0.5)
    assert recording.is_idle
    publisher.at = 120.0
    write(recording, publisher.media(3.0), 123.0)
    recording.close()
    first, second = parts(tmp_path / "s")
    assert times(first, "audio")[-1] < 103.0
    assert times(second, "video")[0] == pytest.approx(120.0, abs=0.05)
    assert (decoded(first, "video"), decoded(second, "video")) == (90, 90)


def test_a_file_ends_after_some_minutes_at_a_keyframe_and_nothing_is_lost_between(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0, width=64)
    write(recording, publisher.media(3.0), publisher.at)
    write(recording, publisher.media(ROLL_AFTER, picture=False), publisher.at)
    write(recording, publisher.media(1.0, keyframe=False), publisher.at)
    assert len(parts(tmp_path / "s")) == 1
    began = publisher.at
    write(recording, publisher.media(2.0), publisher.at)
    recording.close()
    first, second = parts(tmp_path / "s")
    assert decoded(first, "video") + decoded(second, "video") == 180
    assert decoded(first, "audio") + decoded(second, "audio") == (6 + ROLL_AFTER) * 50
    assert times(second, "video")[0] == pytest.approx(began, abs=0.05)


def test_a_file_ends_before_long_also_when_no_keyframe_comes(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0, width=64)
    write(recording, publisher.media(3.0), publisher.at)
    write(recording, publisher.media(ROLL_AT_LAST, picture=False), publisher.at)
    recording.close()
    first, second = parts(tmp_path / "s")
    assert seconds(second) - seconds(first) < ROLL_AT_LAST + 1
    assert decoded(first, "audio") + decoded(second, "audio") == (3 + ROLL_AT_LAST) * 50


def test_sound_alone_is_recorded_and_a_picture_that_comes_begins_a_file(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0)
    write(recording, publisher.media(4.0, picture=False), publisher.at)
    assert not recording.wants_keyframe(publisher.at)
    write(recording, publisher.media(3.0), publisher.at)
    recording.close()
    first, second = parts(tmp_path / "s")
    assert (decoded(first, "audio"), times(first, "video")) == (200, [])
    assert (decoded(second, "audio"), decoded(second, "video")) == (150, 90)


def test_a_picture_without_sound_is_recorded_and_sound_that_comes_begins_a_file(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher("vp8", at=100.0)
    write(recording, publisher.media(3.0, sound=False), publisher.at)
    write(recording, publisher.media(1.0, keyframe=False), publisher.at)
    write(recording, publisher.media(3.0), publisher.at)
    recording.close()
    first, second = parts(tmp_path / "s")
    assert (decoded(first, "video"), times(first, "audio")) == (120, [])
    assert (decoded(second, "video"), decoded(second, "audio")) == (90, 150)


def test_another_codec_begins_another_file(tmp_path: Path) -> None:
    recording, one, two = StreamRecording(tmp_path / "s"), Publisher("h264", at=100.0), Publisher("vp8", at=103.0)
    write(recording, one.media(3.0), 103.0)
    write(recording, two.media(3.0), 106.0)
    recording.close()
    assert [part.suffix for part in parts(tmp_path / "s")] == ["mp4", "webm"]
    assert [decoded(part, "video") for part in parts(tmp_path / "s")] == [90, 90]


def test_timestamps_that_begin_anew_begin_a_file(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0)
    write(recording, publisher.media(3.0), 103.0)
    publisher.timestamp += 90_000 * 5000
    publisher.sound_timestamp += 48_000 * 5000
    write(recording, publisher.media(3.0), 106.0)
    recording.close()
    first, second = parts(tmp_path / "s")
    assert times(second, "video")[0] == pytest.approx(103.0, abs=0.1)
    assert times(first, "video")[-1] < 103.0


def test_keyframes_are_wanted_until_there_is_one_and_then_every_few_seconds(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0, width=64)
    write(recording, publisher.media(1.0, picture=False), publisher.at)
    assert not recording.wants_keyframe(publisher.at), "there is no picture"
    write(recording, publisher.media(HOLD + 1)[20:], publisher.at)
    assert recording.wants_keyframe(publisher.at), "its first packets were lost"
    write(recording, publisher.media(0.5), publisher.at)
    assert not recording.wants_keyframe(publisher.at)
    write(recording, publisher.media(KEYFRAME_EVERY, picture=False), publisher.at)
    assert recording.wants_keyframe(publisher.at)


def test_a_picture_that_is_none_raises_and_leaves_no_file(tmp_path: Path) -> None:
    recording, publisher = StreamRecording(tmp_path / "s"), Publisher(at=100.0)
    garbage = b"\x78\0\2\x67x\0\2\x68x\0\2\x65x"
    broken = [
        replace(taken, packet=replace(taken.packet, payload=garbage, marker=True)) if taken.kind == "video" else taken
        for taken in publisher.media(3.0)
    ]
    with pytest.raises(ValueError, match="keyframe"):
        write(recording, broken, 103.0)
    recording.drop()
    assert parts(tmp_path / "s") == []
    write(recording, publisher.media(3.0), 106.0)
    recording.close()
    assert [decoded(part, "video") for part in parts(tmp_path / "s")] == [90]


def test_a_full_disk_raises(tmp_path: Path) -> None:
    recording = StreamRecording(Path("/dev/full") / "s")
    with pytest.raises(OSError, match="/dev/full"):
        write(recording, Publisher(at=100.0).media(3.0), 103.0)
    recording.drop()
    assert recording.is_idle
