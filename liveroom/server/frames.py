"""Messages of the session socket as bytes on the wire (RFC 6455, section 5.2). Knows no channel and no meaning."""

from __future__ import annotations

from typing import Any

import msgspec

PING = b"\x89\x00"
"""A ping without content."""

_TEXT = 0x81
"""A whole text message in one frame; a server's frames are not masked."""

_encode = msgspec.json.Encoder()


def encode(value: Any) -> msgspec.Raw:
    """A part of messages, encoded once and put into each of them as it is."""
    return msgspec.Raw(_encode.encode(value))


def message(kind: str, **fields: Any) -> bytes:
    """One message of the socket: JSON."""
    return _encode.encode({"type": kind, **fields})


def goodbye(code: int) -> bytes:
    """A close frame with its code."""
    return b"\x88\x02" + code.to_bytes(2, "big")


def frame(text: bytes) -> bytes:
    """The message as it is written to any number of connections, one after another with others."""
    size = len(text)
    if size < 126:
        return bytes((_TEXT, size)) + text
    if size < 1 << 16:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + text
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + text
