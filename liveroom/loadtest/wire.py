"""The client's side of a websocket as bytes (RFC 6455). Knows no socket and no message of the room."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED = 0x80, 0x80
_NO_MASK = b"\0\0\0\0"
"""A masking key like any other: what it masks stays as it is, which costs nothing."""


def handshake(host: str, path: str, headers: dict[str, str]) -> bytes:
    """The request that opens a websocket."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}", "Sec-WebSocket-Version: 13"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def status(data: bytes) -> tuple[int, int] | None:
    """The status of an answer and where its head ends; None while it is not whole."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    words = data[:64].split(b" ", 2)
    return (int(words[1]) if len(words) > 1 and words[1].isdigit() else 0), end + 4


def frame(text: bytes, opcode: int = TEXT) -> bytes:
    """A message of a client in one frame."""
    size = len(text)
    if size < 126:
        return bytes((_FINAL | opcode, _MASKED | size)) + _NO_MASK + text
    return bytes((_FINAL | opcode, _MASKED | 126)) + size.to_bytes(2, "big") + _NO_MASK + text


def frames(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Opcode, content and end of every whole frame of a server."""
    at, size = 0, len(data)
    while size - at >= 2:
        length, start = data[at + 1], at + 2
        if length == 126:
            length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        elif length == 127:
            length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
        if start + length > size:
            return
        opcode, at = data[at] & 0x0F, start + length
        yield opcode, data[start:at], at
