"""Connectivity checks (RFC 8445, section 7) from an address of our own: is a session still answering? Knows no HTTP."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aioice import stun

AGAIN_AFTER = 0.2
FORBIDDEN = 403
_PRIORITY = (110 << 24) + (65535 << 8) + 255


class Echo(StrEnum):
    """What became of our checks."""

    ANSWERED = "answered"
    FORBIDDEN = "refused with 403"
    SILENCE = "not answered, or not with its transaction id and a right MESSAGE-INTEGRITY"


@dataclass(frozen=True, slots=True)
class Target:
    """A session's ICE: where, under which names (the server's and ours) and with which password of the server."""

    candidates: Sequence[tuple[str, int]]
    ufrag: str
    password: str
    own_ufrag: str


async def probe(target: Target, seconds: float) -> Echo:
    """Send checks to all candidates until one is answered, or `seconds` have passed."""
    loop = asyncio.get_running_loop()
    ear = _Ear(loop.create_future(), target.password.encode())
    transports = []
    try:
        for address in target.candidates:
            try:
                transport, _ = await loop.create_datagram_endpoint(lambda: ear, remote_addr=address)
            except OSError:
                continue  # a candidate of a network that we are not part of
            transports.append(transport)
        for _ in range(max(1, round(seconds / AGAIN_AFTER))):
            for transport in transports:
                transport.sendto(ear.expect(_check(target)))
            done, _ = await asyncio.wait([ear.heard], timeout=AGAIN_AFTER)
            if done:
                return ear.heard.result()
        return Echo.SILENCE
    finally:
        for transport in transports:
            transport.close()


def _check(target: Target) -> stun.Message:
    message = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.REQUEST,
        transaction_id=secrets.token_bytes(12),
    )
    message.attributes["USERNAME"] = f"{target.ufrag}:{target.own_ufrag}"
    message.attributes["PRIORITY"] = _PRIORITY
    message.attributes["ICE-CONTROLLING"] = secrets.randbits(64)
    message.add_message_integrity(target.password.encode())
    return message


class _Ear(asyncio.DatagramProtocol):
    """Waits for the first right answer to any check (RFC 8445, section 7.2.5; RFC 8489, section 9.1.4)."""

    def __init__(self, heard: asyncio.Future[Echo], password: bytes) -> None:
        self.heard = heard
        self._password = password
        self._asked: set[bytes] = set()

    def expect(self, check: stun.Message) -> bytes:
        """The bytes of a check whose answer is waited for."""
        self._asked.add(check.transaction_id)
        return bytes(check)

    def datagram_received(self, data: bytes, address: Any) -> None:
        try:
            message = stun.parse_message(data)
        except (ValueError, IndexError, struct.error):
            return
        if self.heard.done() or message.transaction_id not in self._asked:
            return
        if message.message_class == stun.Class.RESPONSE:
            if message.check_message_integrity(self._password):
                self.heard.set_result(Echo.ANSWERED)
        # Whoever has forgotten a session has no password left to sign with.
        elif message.message_class == stun.Class.ERROR and message.attributes.get("ERROR-CODE", (0,))[0] == FORBIDDEN:
            self.heard.set_result(Echo.FORBIDDEN)
