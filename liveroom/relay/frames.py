"""Puts the packets of one track in order and its frames together: H.264 (RFC 6184), VP8 (RFC 7741), Opus (RFC 7587).

Knows no container and no decoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from liveroom.relay.rtp import extend_timestamp
from liveroom.relay.track import Forwarded

PATIENCE = 0.8
"""Seconds that later packets wait for a missing one: the relay asks the publisher for it meanwhile."""

HELD_LIMIT = 1024
"""Packets that wait at most, and the most that a frame may have."""

_START_CODE = b"\0\0\0\1"
_IDR, _SPS, _PPS, _STAP_A, _FU_A = 5, 7, 8, 24, 28


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded frame: H.264 as a byte stream (Annex B of ITU-T H.264), a VP8 frame, or an Opus packet.

    `timestamp` counts on over the wrap of 32 bits. A `keyframe` needs no other; that of H.264 has its parameter sets.
    Of sound, every frame is one.
    """

    timestamp: int
    data: bytes
    keyframe: bool


@dataclass(slots=True)
class Frames:
    """The frames of one track (`codec` is h264, vp8 or opus), each once, in order.

    After a loss pictures are left out up to the next keyframe: nobody could decode them.
    """

    codec: str
    _held: dict[int, tuple[Forwarded, float]] = field(default_factory=dict)
    _next: int | None = None
    _gathered: list[Forwarded] = field(default_factory=list)
    _waits_for_keyframe: bool = True
    _timestamp: int | None = None
    _parameters: dict[int, bytes] = field(default_factory=dict)

    def add(self, packet: Forwarded, now: float) -> Iterator[Frame]:
        """Frames that are whole with this packet; `now` in seconds."""
        if self._next is None:
            self._next = packet.index
        if packet.index >= self._next:
            self._held.setdefault(packet.index, (packet, now))
        yield from self._in_order()
        yield from self.give_up(now)

    def give_up(self, now: float) -> Iterator[Frame]:
        """Frames behind packets that have been missing for too long."""
        while self._held and self._is_late(now):
            self._next = min(self._held)
            self._lose()
            yield from self._in_order()

    def flush(self) -> Iterator[Frame]:
        """Whatever can still be made of what is there: nothing more will come."""
        yield from self.give_up(float("inf"))

    def _is_late(self, now: float) -> bool:
        return len(self._held) > HELD_LIMIT or now - min(came for _, came in self._held.values()) > PATIENCE

    def _in_order(self) -> Iterator[Frame]:
        while self._next is not None and (held := self._held.pop(self._next, None)) is not None:
            self._next += 1
            yield from self._take(held[0])

    def _take(self, packet: Forwarded) -> Iterator[Frame]:
        if self.codec == "opus":
            yield Frame(self._extended(packet.timestamp), packet.payload, keyframe=True)
            return
        if self._gathered and self._gathered[0].timestamp != packet.timestamp:
            # Its last packet had no marker.
            yield from self._whole()
        self._gathered.append(packet)
        if packet.marker:
            yield from self._whole()
        elif len(self._gathered) > HELD_LIMIT:
            self._lose()

    def _whole(self) -> Iterator[Frame]:
        packets, self._gathered = self._gathered, []
        payloads = [packet.payload for packet in packets]
        picture = self._h264(payloads) if self.codec == "h264" else _vp8(payloads)
        if picture is None:
            self._lose()
            return
        data, keyframe = picture
        if keyframe or not self._waits_for_keyframe:
            self._waits_for_keyframe = False
            yield Frame(self._extended(packets[0].timestamp), data, keyframe)

    def _lose(self) -> None:
        self._gathered = []
        self._waits_for_keyframe = True

    def _extended(self, timestamp: int) -> int:
        self._timestamp = timestamp if self._timestamp is None else extend_timestamp(timestamp, self._timestamp)
        return self._timestamp

    def _h264(self, payloads: Sequence[bytes]) -> tuple[bytes, bool] | None:
        """The byte stream of a picture, its parameter sets before an IDR slice, and whether it is a keyframe."""
        units = _units(payloads)
        if not units:
            return None
        kinds = {unit[0] & 0x1F: unit for unit in units}
        self._parameters.update({kind: unit for kind, unit in kinds.items() if kind in {_SPS, _PPS}})
        if _IDR in kinds:
            # Some encoders send them once, before the first picture only.
            units = [unit for kind, unit in sorted(self._parameters.items()) if kind not in kinds] + units
        keyframe = _IDR in kinds and len(self._parameters) == 2
        return b"".join(_START_CODE + unit for unit in units), keyframe


def _units(payloads: Sequence[bytes]) -> list[bytes] | None:
    """The NAL units of a frame; None when a packet of it is damaged."""
    units: list[bytes] = []
    fragments: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 0x1F
        if fragments and kind != _FU_A:
            return None
        if 0 < kind < _STAP_A:
            units.append(payload)
        elif kind == _STAP_A:
            at = 1
            while at < len(payload):
                size = int.from_bytes(payload[at : at + 2])
                unit = payload[at + 2 : at + 2 + size]
                if not unit or len(unit) != size:
                    return None
                units.append(unit)
                at += 2 + size
        elif kind == _FU_A and len(payload) > 2:
            begins, ends = payload[1] & 0x80, payload[1] & 0x40
            if bool(begins) == bool(fragments):
                return None
            if begins:
                fragments = [bytes([payload[0] & 0xE0 | payload[1] & 0x1F])]
            fragments.append(payload[2:])
            if ends:
                units.append(b"".join(fragments))
                fragments = []
        else:
            return None
    return None if fragments else units


def _vp8(payloads: Sequence[bytes]) -> tuple[bytes, bool] | None:
    """A frame without payload descriptors (RFC 7741, section 4.2), and whether it is a keyframe; None when damaged."""
    parts: list[bytes] = []
    for payload in payloads:
        first, at = payload[0], 1
        if first & 0x80:
            extension = payload[1] if len(payload) > 1 else 0
            at = 2
            if extension & 0x80:
                at += 2 if len(payload) > at and payload[at] & 0x80 else 1
            at += bool(extension & 0x40) + bool(extension & 0x30)
        begins = bool(first & 0x10) and not first & 0x07
        if begins == bool(parts) or at >= len(payload):
            return None
        parts.append(payload[at:])
    frame = b"".join(parts)
    return frame, vp8_size(frame) is not None


def vp8_size(keyframe: bytes) -> tuple[int, int] | None:
    """Width and height of a VP8 keyframe in pixels (RFC 6386, section 9.1); None when it is damaged."""
    if len(keyframe) < 10 or keyframe[0] & 1 or keyframe[3:6] != b"\x9d\x01\x2a":
        return None
    width, height = (int.from_bytes(keyframe[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return (width, height) if width and height else None
