"""Whether a packet begins a picture that needs no other: H.264 (RFC 6184) and VP8 (RFC 7741). Knows no decoder."""

from __future__ import annotations

_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28


def begins_keyframe(codec: str, payload: bytes) -> bool:
    """For H.264 the packet with the parameter set or the first IDR slice, for VP8 the first of a key frame."""
    if codec == "h264":
        return _h264(payload)
    return codec == "vp8" and _vp8(payload)


def _h264(payload: bytes) -> bool:
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind in {_IDR, _SPS}:
        return True
    if kind == _FU_A:
        return bool(payload[1] & 0x80) and payload[1] & 0x1F in {_IDR, _SPS}
    if kind != _STAP_A:
        return False
    at = 1
    while at + 3 <= len(payload):
        size = int.from_bytes(payload[at : at + 2])
        if payload[at + 2] & 0x1F in {_IDR, _SPS}:
            return True
        at += 2 + size
    return False


def _vp8(payload: bytes) -> bool:
    if not payload:
        return False
    first, at = payload[0], 1
    # Start of a partition, and of partition 0: the frame header follows.
    if not first & 0x10 or first & 0x07:
        return False
    if first & 0x80:
        if len(payload) < 2:
            return False
        extension, at = payload[1], 2
        if extension & 0x80:
            if len(payload) <= at:
                return False
            at += 2 if payload[at] & 0x80 else 1
        at += bool(extension & 0x40)
        at += bool(extension & 0x30)
    return len(payload) > at and not payload[at] & 0x01
