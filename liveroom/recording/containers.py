"""Files that browsers play: MP4 for H.264, WebM for VP8, Opus in either. Knows no stream, no session and no folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from liveroom.relay.frames import vp8_size

FRAGMENT = 0.5
"""Seconds of media after which a file that is being written plays up to there, however its writer ends."""

_TICKS = 1_000_000
_TIME_BASE = Fraction(1, _TICKS)
_MILLISECOND = _TICKS // 1000

_ANY = {"flush_packets": "1", "max_interleave_delta": str(200 * _MILLISECOND)}
"""The muxer waits for the other track no longer than that: a camera may be covered, a microphone silent."""

_CRASHES = {
    "mp4": {
        "movflags": "empty_moov+default_base_moof+frag_discont",
        # The times of both tracks stay as they are: moved to 0 each, they would not belong together any more.
        "avoid_negative_ts": "disabled",
        "frag_duration": str(int(FRAGMENT * _TICKS)),
    },
    "webm": {"cluster_time_limit": str(int(FRAGMENT * 1000))},
}
_PLAYING = {"mp4": {"movflags": "faststart"}, "webm": {"cues_to_front": "1"}}
"""A file begins to play, and can be wound, before all of it has come."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file must know of its picture: the codec, and a keyframe (of H.264 with its parameter sets)."""

    codec: str
    keyframe: bytes


def suffix_for(codec: str) -> str:
    """The container for pictures of this codec; without one for sound alone."""
    return "webm" if codec == "vp8" else "mp4"


class Writer:
    """A file that is being written: frames of `video`, of `audio`, or of both, each in its order."""

    def __init__(self, file: Path, options: Mapping[str, str]) -> None:
        self._container = av.open(str(file), "w", format=file.suffixes[0][1:], options={**_ANY, **options})
        self._streams: dict[str, Any] = {}
        self._last: dict[str, int] = {}

    @classmethod
    def recording(cls, file: Path, picture: Picture | None, *, sound: bool) -> Writer:
        """A new recording, which a crash does not spoil. Raises OSError; ValueError for what is no keyframe."""
        writer = cls(file, _CRASHES[file.suffix[1:]])
        try:
            if picture is not None:
                writer._streams["video"] = _add_picture(writer._container, picture)
            if sound:
                # The encoder is never fed: it only says what stands in the header (RFC 7845, section 5.1).
                writer._streams["audio"] = writer._container.add_stream("libopus", rate=48000, layout="stereo")
            writer._container.start_encoding()
        except BaseException:
            writer.close()
            raise
        return writer

    @classmethod
    def copying(cls, file: Path, tracks: Mapping[str, Any]) -> Writer:
        """A new file to play back, with tracks such as those of other files. Raises OSError."""
        writer = cls(file, _PLAYING[file.suffixes[0][1:]])
        for kind, track in tracks.items():
            writer._streams[kind] = writer._container.add_stream_from_template(track)
        return writer

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self._streams)

    def add(self, kind: str, data: bytes, seconds: float, *, keyframe: bool) -> None:
        """A frame, at its time in the file; just behind the one before where it would be earlier. Raises OSError."""
        at = max(round(seconds * _TICKS), self._last.get(kind, -_MILLISECOND) + _MILLISECOND)
        self._last[kind] = at
        packet = av.Packet(data)
        packet.time_base, packet.pts, packet.dts = _TIME_BASE, at, at
        packet.stream, packet.is_keyframe = self._streams[kind], keyframe
        self._container.mux(packet)

    def close(self) -> None:
        """Raises OSError when the rest cannot be written; the file is let go all the same."""
        self._container.close()


def _add_picture(container: Any, picture: Picture) -> Any:
    if picture.codec == "h264":
        with av.open(io.BytesIO(picture.keyframe), format="h264") as found:
            track = found.streams.video[0]
            if not track.codec_context.width:
                raise ValueError("no keyframe")
            stream = container.add_stream_from_template(track)
        stream.time_base = Fraction(1, 90_000)
        return stream
    size = vp8_size(picture.keyframe)
    if size is None:
        raise ValueError("no keyframe")
    return container.add_mux_stream("vp8", width=size[0], height=size[1])
