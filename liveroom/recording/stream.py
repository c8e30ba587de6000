"""Writes what one stream forwards into files, one after the other. Works in a thread; knows no event loop.

A new file begins with a keyframe every few minutes, with each other kind of picture, and after every interruption: none
is large, and any can be cut and played without the others.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from liveroom.recording.containers import Picture, Writer, suffix_for
from liveroom.recording.folder import part_name
from liveroom.relay.frames import Frame, Frames
from liveroom.relay.timeline import Timeline
from liveroom.relay.track import Forwarded

HOLD = 2.0
"""Seconds for which a beginning waits for the sender's reports, which say how sound and picture belong together."""

IDLE = 3.0
"""Seconds without a packet after which a file is closed."""

ROLL_AFTER, ROLL_AT_LAST = 300.0, 330.0
"""Seconds after which a file ends before a keyframe, and before any frame."""

KEYFRAME_EVERY = 10.0
"""Seconds between keyframes at least: clips begin with one."""

_LEAD = 0.2
"""Seconds that a file begins before its first frame: one of the other track may have been taken earlier."""

_EPOCH = datetime.fromtimestamp(0, UTC)

RATES = {"audio": 48_000, "video": 90_000}
"""Clock rates of all that is forwarded (RFC 7587, section 4.1; RFC 6184, section 5.1; RFC 7741, section 4.1)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A packet that was forwarded; `at` in seconds of a monotonic clock."""

    kind: str
    codec: str
    packet: Forwarded
    at: float


@dataclass(frozen=True, slots=True)
class Reported:
    """What a sender report said of a kind: NTP time (64 bits) and timestamp (32 bits)."""

    kind: str
    ntp: int
    timestamp: int


@dataclass(slots=True)
class _Open:
    """The file that is being written; `zero` is the time at which it begins."""

    writer: Writer
    zero: float

    @property
    def has_picture(self) -> bool:
        return "video" in self.writer.kinds

    @property
    def has_sound(self) -> bool:
        return "audio" in self.writer.kinds


@dataclass(slots=True)
class StreamRecording:
    """What is known of a stream while it is recorded into `folder`."""

    folder: Path
    _wall: datetime = _EPOCH
    """The wall clock at 0 of the monotonic one."""
    _codecs: dict[str, str] = field(default_factory=dict)
    _frames: dict[str, Frames] = field(default_factory=dict)
    _timeline: Timeline = field(default_factory=lambda: Timeline(RATES))
    _held: list[tuple[str, Frame]] = field(default_factory=list)
    _first_at: float = 0.0
    _last_at: float = 0.0
    _keyframe_at: float = -math.inf
    _sound_at: float = -math.inf
    _open: _Open | None = None

    def write(self, what: Sequence[Taken | Reported], now: float, wall: datetime) -> None:
        """Write down what has come until `now`, which is `wall` on the wall clock.

        Raises OSError, and ValueError for a picture that is none; `drop` lets it begin anew.
        """
        self._wall = wall - timedelta(seconds=now)
        for one in what:
            if isinstance(one, Reported):
                self._timeline.report(one.kind, one.ntp, one.timestamp)
            else:
                self._take(one)
        if now - self._last_at > IDLE:
            self.close()

    def wants_keyframe(self, now: float) -> bool:
        """Whether there is a picture that waits for one to begin with, or for the next to be cut at."""
        begun = self._open is not None and self._open.has_picture
        return "video" in self._codecs and (not begun or now - self._keyframe_at >= KEYFRAME_EVERY)

    @property
    def is_idle(self) -> bool:
        """Whether nothing has come for a while, so that nothing is open."""
        return not self._frames

    def close(self) -> None:
        """Write down what is left and end the file: nothing more comes, or something else. Raises as `write`."""
        for kind, frames in self._frames.items():
            for frame in frames.flush():
                self._note(kind, frame, self._last_at)
        self._release()
        self._end()
        self._begin_anew()

    def drop(self) -> None:
        """Let go of everything, also of what was not written down."""
        with contextlib.suppress(OSError, ValueError):
            self._end()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._codecs, self._frames, self._held, self._timeline = {}, {}, [], Timeline(RATES)
        self._keyframe_at = self._sound_at = -math.inf

    def _take(self, one: Taken) -> None:
        if self._frames and (one.at - self._last_at > IDLE or self._codecs.get(one.kind, one.codec) != one.codec):
            self.close()
        if not self._frames:
            self._first_at = one.at
        self._codecs[one.kind], self._last_at = one.codec, one.at
        if one.kind == "audio":
            self._sound_at = one.at
        for frame in self._frames.setdefault(one.kind, Frames(one.codec)).add(one.packet, one.at):
            self._note(one.kind, frame, one.at)

    def _note(self, kind: str, frame: Frame, at: float) -> None:
        if not self._timeline.note(kind, frame.timestamp, at):
            self._release()
            self._end()
            self._timeline, self._first_at = Timeline(RATES), at
            self._timeline.note(kind, frame.timestamp, at)
        if kind == "video" and frame.keyframe:
            self._keyframe_at = at
        self._held.append((kind, frame))
        if self._open is not None or self._timeline.is_sure or at - self._first_at >= HOLD:
            self._release()

    def _release(self) -> None:
        """What was held until it was known when it was taken goes into the file."""
        held, self._held = self._held, []
        if held and self._open is None:
            self._timeline.settle()
            self._begin(held)
        for kind, frame in held:
            self._put(kind, frame)

    def _put(self, kind: str, frame: Frame) -> None:
        if self._open is not None and self._is_over(self._open, kind, frame):
            self._end()
            self._timeline.settle()
        if self._open is None:
            self._begin([(kind, frame)])
        if self._open is not None and kind in self._open.writer.kinds:
            seconds = self._timeline.seconds(kind, frame.timestamp) - self._open.zero
            self._open.writer.add(kind, frame.data, seconds, keyframe=frame.keyframe)

    def _is_over(self, opened: _Open, kind: str, frame: Frame) -> bool:
        """Whether another file begins with this frame."""
        age = self._timeline.seconds(kind, frame.timestamp) - opened.zero
        if kind == "video" and frame.keyframe:
            return age >= ROLL_AFTER or not opened.has_picture or (self._has_sound and not opened.has_sound)
        return age >= ROLL_AT_LAST

    @property
    def _has_sound(self) -> bool:
        return self._last_at - self._sound_at < IDLE

    def _begin(self, frames: Sequence[tuple[str, Frame]]) -> None:
        """A new file for these frames and what follows; none while there is neither sound nor a whole picture."""
        codec = self._codecs.get("video", "")
        keyframe = next((frame.data for kind, frame in frames if kind == "video" and frame.keyframe), None)
        if keyframe is None and not self._has_sound:
            return
        zero = min(self._timeline.seconds(kind, frame.timestamp) for kind, frame in frames) - _LEAD
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.folder / part_name(self._wall + timedelta(seconds=zero), suffix_for(codec))
        try:
            picture = Picture(codec, keyframe) if keyframe is not None else None
            self._open = _Open(Writer.recording(file, picture, sound=self._has_sound), zero)
        except BaseException:
            file.unlink(missing_ok=True)
            raise

    def _end(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            opened.writer.close()
