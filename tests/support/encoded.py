"""Packets as a publisher's encoder makes them: real pictures and sound, packed by aiortc, in the form we forward."""

from __future__ import annotations

import fractions
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder

from liveroom.recording.stream import Taken
from liveroom.relay.keyframes import begins_keyframe
from liveroom.relay.track import Forwarded

PICTURES_A_SECOND = 30


@dataclass
class Publisher:
    """Speaks and shows something from `at` on (seconds of a monotonic clock); numbers and timestamps go on."""

    codec: str = "h264"
    at: float = 100.0
    width: int = 320
    index: int = 1000
    sound_index: int = 1000
    timestamp: int = 1
    sound_timestamp: int = 1

    def __post_init__(self) -> None:
        self._encoder = H264Encoder() if self.codec == "h264" else Vp8Encoder()
        self._speech = cycle(_speech())
        self._shown = 0

    def media(self, seconds: float, *, sound: bool = True, picture: bool = True, keyframe: bool = True) -> list[Taken]:
        """What it sends in so many seconds, in the order of sending; with `keyframe` it begins with one."""
        end, taken = self.at + seconds, list[Taken]()
        next_picture = next_sound = self.at
        while min(next_picture, next_sound) < end - 1e-9:
            if next_picture <= next_sound:
                if picture:
                    taken += self._picture(next_picture, force=keyframe)
                    keyframe = False
                self.timestamp += 90_000 // PICTURES_A_SECOND
                next_picture += 1 / PICTURES_A_SECOND
            else:
                if sound:
                    taken += self._sound(next_sound)
                self.sound_timestamp += 960
                next_sound += 0.02
        self.at = end
        return taken

    def _picture(self, at: float, *, force: bool) -> Iterator[Taken]:
        frame = av.VideoFrame(self.width, self.width * 3 // 4, "yuv420p")
        self._shown += 1
        for plane in frame.planes:
            # Noise takes more than one packet; what changes little makes no encoder begin anew.
            noise = random.Random(1).randbytes(plane.buffer_size)
            plane.update(bytes([self._shown % 256]) * 64 + noise[64:])
        frame.pts, frame.time_base = self._shown, fractions.Fraction(1, PICTURES_A_SECOND)
        payloads: Sequence[bytes] = self._encoder.encode(frame, force_keyframe=force)[0]
        for n, payload in enumerate(payloads):
            keyframe, last = begins_keyframe(self.codec, payload), n == len(payloads) - 1
            yield Taken("video", self.codec, Forwarded(self.index, self.timestamp, last, payload, keyframe), at)
            self.index += 1

    def _sound(self, at: float) -> Iterator[Taken]:
        payload = next(self._speech)
        yield Taken("audio", "opus", Forwarded(self.sound_index, self.sound_timestamp, False, payload, False), at)
        self.sound_index += 1


def _speech() -> list[bytes]:
    """A few packets of 20 ms, to be said again and again."""
    speaker, frame = OpusEncoder(), av.AudioFrame(format="s16", layout="stereo", samples=960)
    frame.planes[0].update(bytes(n * 31 & 0x3F for n in range(3840)))
    frame.sample_rate, frame.time_base = 48_000, fractions.Fraction(1, 48_000)
    spoken: list[bytes] = []
    while len(spoken) < 5:
        frame.pts = 960 * len(spoken)
        spoken += speaker.encode(frame)[0]
    return spoken
