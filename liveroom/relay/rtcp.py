"""RTCP as far as a relay uses it (RFC 3550, RFC 4585, RFC 5104): read feedback, write reports. Knows no streams."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
_HEAD = struct.Struct("!BBH")
_SEAL_LIMIT = 20
"""The most that a cipher adds to a compound packet: a tag of 16 bytes and an index of 4 (RFC 7714, section 9.2)."""


@dataclass(frozen=True, slots=True)
class SenderReport:
    """When, by the sender's wall clock (64-bit NTP), which RTP timestamp was due."""

    ssrc: int
    ntp: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a viewer asks for: a keyframe of a stream, or packets again (sequence numbers of 16 bits)."""

    ssrc: int
    keyframe: bool = False
    lost: tuple[int, ...] = ()


def read(compound: bytes) -> Iterator[SenderReport | Feedback]:
    """What a relay uses of a compound packet. Stops at the first damaged part."""
    at = 0
    while at + 8 <= len(compound):
        first, kind, words = _HEAD.unpack_from(compound, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(compound):
            return
        if kind == SR and words >= 6:
            ssrc, ntp, timestamp = struct.unpack_from("!IQI", compound, at + 4)
            yield SenderReport(ssrc, ntp, timestamp)
        elif kind == RTPFB and first & 0x1F == 1 and words >= 3:
            (ssrc,) = struct.unpack_from("!I", compound, at + 8)
            yield Feedback(ssrc, lost=tuple(_lost(compound[at + 12 : end])))
        elif kind == PSFB and first & 0x1F == 1 and words >= 2:
            (ssrc,) = struct.unpack_from("!I", compound, at + 8)
            yield Feedback(ssrc, keyframe=True)
        elif kind == PSFB and first & 0x1F == 4 and words >= 4:
            (ssrc,) = struct.unpack_from("!I", compound, at + 12)
            yield Feedback(ssrc, keyframe=True)
        at = end


def is_bare_report(sealed: bytes) -> bool:
    """Whether a sealed compound packet (RFC 3711, section 3.4) is a receiver report and nothing else.

    Type and length of the first part are in clear, and what a cipher adds is too short for another part that says
    something. Every viewer sends one each second, and a relay does nothing with it.
    """
    return sealed[1] == RR and len(sealed) - 4 * (int.from_bytes(sealed[2:4]) + 1) <= _SEAL_LIMIT


def _lost(entries: bytes) -> Iterable[int]:
    for at in range(0, len(entries) - 3, 4):
        first, mask = struct.unpack_from("!HH", entries, at)
        yield first
        for bit in range(16):
            if mask >> bit & 1:
                yield (first + bit + 1) & 0xFFFF


def write_keyframe_request(sender: int, media: int) -> bytes:
    """Picture loss indication (RFC 4585, section 6.3.1)."""
    return struct.pack("!BBHII", 0x81, PSFB, 2, sender, media)


def write_nack(sender: int, media: int, lost: Sequence[int]) -> bytes:
    """Generic NACK (RFC 4585, section 6.2.1) of sequence numbers in ascending order."""
    entries: list[tuple[int, int]] = []
    for sequence in (index & 0xFFFF for index in lost):
        if entries and 0 < (sequence - entries[-1][0]) & 0xFFFF <= 16:
            first, mask = entries[-1]
            entries[-1] = (first, mask | 1 << ((sequence - first - 1) & 0xFFFF))
        else:
            entries.append((sequence, 0))
    body = b"".join(struct.pack("!HH", *entry) for entry in entries)
    return struct.pack("!BBHII", 0x81, RTPFB, 2 + len(entries), sender, media) + body


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How a stream arrives (RFC 3550, section 6.4.1); `last_report` and `delay` in the units of that section."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


def write_receiver_report(sender: int, blocks: Sequence[ReportBlock]) -> bytes:
    """A receiver report (RFC 3550, section 6.4.2)."""
    body = b"".join(
        struct.pack(
            "!IIIIII",
            block.ssrc,
            (block.fraction_lost & 0xFF) << 24 | max(0, min(block.lost, 0x7FFFFF)),
            block.highest & 0xFFFFFFFF,
            block.jitter,
            block.last_report,
            block.delay,
        )
        for block in blocks
    )
    return struct.pack("!BBHI", 0x80 | len(blocks), RR, 1 + 6 * len(blocks), sender) + body


def write_sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int, cname: bytes) -> bytes:
    """A sender report with the canonical name that ties sound and picture together (RFC 3550, section 6.5.1)."""
    report = struct.pack(
        "!BBHIQIII", 0x80, SR, 6, ssrc, ntp, timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF
    )
    return report + write_description(ssrc, cname)


def write_description(ssrc: int, cname: bytes) -> bytes:
    """A source description with the canonical name, which every compound packet has (RFC 3550, section 6.1)."""
    item = bytes([1, len(cname)]) + cname + b"\0"
    item += bytes(-len(item) % 4)
    return struct.pack("!BBHI", 0x81, SDES, 1 + len(item) // 4, ssrc) + item


def write_bitrate_limit(sender: int, bits_per_second: int, media: Sequence[int]) -> bytes:
    """REMB: the most that we want to receive (draft-alvestrand-rmcat-remb-03)."""
    exponent = max(0, bits_per_second.bit_length() - 18)
    mantissa = bits_per_second >> exponent
    body = struct.pack("!I4sI", 0, b"REMB", len(media) << 24 | exponent << 18 | mantissa)
    body += b"".join(struct.pack("!I", ssrc) for ssrc in media)
    return struct.pack("!BBHI", 0x8F, PSFB, 1 + len(body) // 4, sender) + body
