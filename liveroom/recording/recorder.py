"""Takes what streams forward and has it written down, apart from the loop that forwards. Knows no container."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from liveroom.clock import Clock
from liveroom.recording.folder import folder_of, has_room
from liveroom.recording.stream import Reported, StreamRecording, Taken
from liveroom.relay.track import Forwarded, Track

log = structlog.get_logger()

WRITE_EVERY = 0.5
"""Seconds between two writings. With what a file holds back (`containers.FRAGMENT`) and what waits for missing packets
(`frames.PATIENCE`), a crash costs less than two seconds."""

WAITING_LIMIT = 20_000
"""Packets of a stream that wait to be written at most, about 25 MB: a disk that stands still costs no more memory."""

PAUSE_AFTER_ERROR = 10.0


@dataclass(eq=False)
class StreamTap:
    """What a stream tells of all that it forwards. It costs the stream one appended value a packet, come what may."""

    name: str
    begin: Callable[[StreamTap], None]
    wants_keyframe: bool = False
    _waiting: list[Taken | Reported] = field(default_factory=list)

    def take(self, track: Track, packet: Forwarded, now: float) -> None:
        """A packet; `now` in seconds of the monotonic clock."""
        self._append(Taken(track.kind, track.codec, packet, now))

    def report(self, kind: str, ntp: int, timestamp: int) -> None:
        """Which timestamp was due at which NTP time (64 bits)."""
        self._append(Reported(kind, ntp, timestamp))

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    def hand_over(self) -> list[Taken | Reported]:
        """All there is to write down, once."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def _append(self, one: Taken | Reported) -> None:
        if not self._waiting:
            self.begin(self)
        if len(self._waiting) < WAITING_LIMIT:
            self._waiting.append(one)


@dataclass(slots=True)
class _Running:
    recording: StreamRecording
    paused_until: float = 0.0


class Recorder:
    """Writes down all streams, each in the folder of its name, in one thread."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "recorder")
        self._running: dict[StreamTap, _Running] = {}
        self._failures = 0
        self._has_room = True

    def tap(self, stream: str) -> StreamTap:
        """For a stream that begins. Raises ValueError for a name that can be none of a folder."""
        folder_of(self._folder, stream)
        return StreamTap(stream, self._begin)

    def _begin(self, tap: StreamTap) -> None:
        if tap not in self._running:
            self._running[tap] = _Running(StreamRecording(folder_of(self._folder, tap.name)))

    async def run(self) -> None:
        """For as long as the process serves."""
        while True:
            await asyncio.sleep(WRITE_EVERY)
            if self._running:
                await self._in_thread(self._look_for_room)
            for tap, running in list(self._running.items()):
                await self._in_thread(self._write, running, tap.hand_over())
                now = time.monotonic()
                tap.wants_keyframe = running.recording.wants_keyframe(now)
                if running.recording.is_idle and tap.is_empty and now >= running.paused_until:
                    del self._running[tap]

    async def close(self) -> None:
        """Write down the rest and end all files."""
        if self._running:
            await self._in_thread(self._look_for_room)
        for tap, running in self._running.items():
            await self._in_thread(self._write, running, tap.hand_over())
            await self._in_thread(self._guarded, running, running.recording.close)
        self._running.clear()
        self._thread.shutdown()

    def facts(self) -> dict[str, float]:
        """Gauges and counters for the metrics page."""
        return {"recordings_open": len(self._running), "recordings_failed": self._failures}

    async def _in_thread(self, work: Callable[..., None], *values: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)

    def _look_for_room(self) -> None:
        before = self._has_room
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._has_room, problem = has_room(self._folder), "the disk is nearly full"
        except OSError as error:
            self._has_room, problem = False, str(error)
        if before and not self._has_room:
            self._failures += 1
            log.warning("recording_stopped", problem=problem)

    def _write(self, running: _Running, what: Sequence[Taken | Reported]) -> None:
        now = time.monotonic()
        if not self._has_room:
            what = []
        if now >= running.paused_until:
            self._guarded(running, lambda: running.recording.write(what, now, self._clock()))

    def _guarded(self, running: _Running, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, ValueError) as error:
            log.warning("recording_failed", problem=str(error))
            self._failures += 1
            running.recording.drop()
            running.paused_until = time.monotonic() + PAUSE_AFTER_ERROR
