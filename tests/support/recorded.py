"""Recordings of the past, written as the server writes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from liveroom.recording.folder import read_part
from liveroom.recording.stream import IDLE, StreamRecording
from liveroom.rooms.playback import Span
from tests.support.encoded import Publisher

KEYFRAME_EVERY = 2.0


def write_recording(folder: Path, spans: Sequence[Span], codec: str = "h264") -> None:
    """Record a publisher that was there at these times, with a keyframe every two seconds."""
    zero = spans[0].begin
    recording, publisher = StreamRecording(folder), Publisher(codec)

    def wall(at: float) -> datetime:
        return zero + timedelta(seconds=at)

    for span in spans:
        publisher.at = (span.begin - zero).total_seconds()
        end = (span.end - zero).total_seconds()
        while publisher.at < end - 0.01:
            media = publisher.media(min(KEYFRAME_EVERY, end - publisher.at))
            recording.write(media, publisher.at, wall(publisher.at))
        recording.write([], end + IDLE + 1, wall(end + IDLE + 1))
    recording.close()
    for part in filter(None, map(read_part, folder.iterdir())):
        # What is of the past was written to last in the past.
        wrote = max(span.end for span in spans if span.begin - timedelta(seconds=1) < part.begin)
        os.utime(part.file, (wrote.timestamp(), wrote.timestamp()))
