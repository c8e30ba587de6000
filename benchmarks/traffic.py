"""What a publisher sends: profiles, frames and payloads. Knows no sockets and no keys.

Payloads are VP8 (RFC 7741) and Opus in form only: valid up to the frame header, filling behind it, and in the last
eight bytes the time of sending.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

VIDEO, AUDIO = "video", "audio"
PAYLOAD_TYPES = {VIDEO: 96, AUDIO: 111}
CLOCK_RATES = {VIDEO: 90_000, AUDIO: 48_000}
AUDIO_EVERY = 0.02
STAMP = 8
_HEADER = 12
_FILLING = random.Random(1).randbytes(1500)


@dataclass(frozen=True)
class Profile:
    """`size` is an RTP packet's, header included, before SRTP adds its tag."""

    frames: int
    packets: int
    size: int
    audio_size: int = 92

    @property
    def per_second(self) -> float:
        """Packets a second, sound included."""
        return self.frames * self.packets + 1 / AUDIO_EVERY


PROFILES = {"lecture": Profile(30, 4, 1100), "small": Profile(30, 2, 1150)}


@dataclass(frozen=True)
class Due:
    """A packet that is due `at` seconds after the beginning."""

    at: float
    kind: str
    number: int
    last: bool


def schedule(profile: Profile, spread: float) -> Iterator[Due]:
    """Frames and sound of a profile for ever, in order; `spread` is the time between the packets of a frame."""
    second = 0
    while True:
        due = [
            Due(second + frame / profile.frames + number * spread, VIDEO, number, number == profile.packets - 1)
            for frame in range(profile.frames)
            for number in range(profile.packets)
        ]
        # Sound does not keep step with the picture's frames, nor with their beginning.
        due += [Due(second + 0.007 + n * AUDIO_EVERY, AUDIO, 0, False) for n in range(round(1 / AUDIO_EVERY))]
        yield from sorted(due, key=lambda packet: packet.at)
        second += 1


def trickle() -> Iterator[Due]:
    """Just enough sound to count as live."""
    number = 0
    while True:
        yield Due(number / 5, AUDIO, 0, False)
        number += 1


def payload(due: Due, profile: Profile, keyframe: bool, now: int) -> bytes:
    """The payload of a packet that is sent at `now` (nanoseconds of the wall clock)."""
    if due.kind == AUDIO:
        head, size = b"\x78", profile.audio_size
    else:
        # As Chromium splits a frame: packets that differ by at most a byte.
        head, size = _vp8_head(due.number, keyframe), profile.size - (due.number * 2 >= profile.packets)
    return head + _FILLING[: size - _HEADER - len(head) - STAMP] + now.to_bytes(STAMP)


def sent_at(opened: bytes) -> int:
    """When this payload was sent, in nanoseconds of the wall clock."""
    return int.from_bytes(opened[-STAMP:])


def _vp8_head(number: int, keyframe: bool) -> bytes:
    """Payload descriptor, and in a frame's first packet the frame header (RFC 6386, section 9.1)."""
    if number:
        return b"\x00"
    if keyframe:
        return b"\x10" + bytes([0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01])  # 640 x 360
    return b"\x10" + bytes([0x11, 0x02, 0x00])
