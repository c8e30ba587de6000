"""RTP packets as bytes (RFC 3550, section 5.1). Knows no codec."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEADER = struct.Struct("!BBHII")
HEADER_SIZE = 12


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """A packet without header extensions, contributing sources and padding: identifiers of those differ by client."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def header_size(packet: bytes) -> int | None:
    """Bytes of the header with CSRCs and extensions; None when the packet is damaged."""
    if len(packet) < HEADER_SIZE or packet[0] >> 6 != 2:
        return None
    size = HEADER_SIZE + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if len(packet) < size + 4:
            return None
        size += 4 + 4 * int.from_bytes(packet[size + 2 : size + 4])
    return size if size <= len(packet) else None


def parse(header: bytes, payload: bytes) -> RtpPacket | None:
    """A packet from its header and its (opened) payload; None when its padding is damaged."""
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(header)
    if first & 0x20:
        if not payload or not 0 < payload[-1] <= len(payload):
            return None
        payload = payload[: -payload[-1]]
    return RtpPacket(second & 0x7F, bool(second & 0x80), sequence, timestamp, ssrc, payload)


def write_header(
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, padded: bool = False
) -> bytes:
    """A plain header of 12 bytes."""
    return _HEADER.pack(
        0xA0 if padded else 0x80,
        payload_type | (0x80 if marker else 0),
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
    )


def is_rtcp(datagram: bytes) -> bool:
    """RTCP among multiplexed packets (RFC 5761, section 4)."""
    return len(datagram) >= 2 and 192 <= datagram[1] <= 223


def extend(sequence: int, near: int) -> int:
    """The extended sequence number closest to `near` whose low 16 bits are `sequence` (RFC 3711, section 3.3.1)."""
    candidate = (near & ~0xFFFF) | sequence
    if candidate - near > 0x8000:
        return candidate - 0x10000
    if near - candidate > 0x8000:
        return candidate + 0x10000
    return candidate


def extend_timestamp(timestamp: int, near: int) -> int:
    """The timestamp closest to `near` whose low 32 bits are `timestamp`: it counts on over its wraps."""
    return near + (timestamp - near + 0x80000000 & 0xFFFFFFFF) - 0x80000000
