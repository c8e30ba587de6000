"""A relay between a player and the server that can fall silent like a pulled cable, and sees what still comes.

Knows SDP only as far as to put itself in place of the server's candidates.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from liveroom.conformance.description import read_description


class Relay:
    """`last_media_at` is when the server last sent RTP or RTCP, in seconds of the steady clock; 0 for never."""

    def __init__(self) -> None:
        self.silent = False
        self.media = 0
        self.last_media_at = 0.0
        self._transports: list[asyncio.DatagramTransport] = []

    async def stand_in(self, answer: str, host: str) -> str:
        """The server's answer with our addresses, on `host`, in place of its own."""
        ways = []
        for number, address in enumerate(read_description(answer).candidates, 1):
            try:
                ways.append((number, await self._open(address, host)))
            except OSError:
                continue  # a candidate of a network that we are not part of
        if not ways:
            raise ValueError("the answer holds no candidate that can be reached")
        lines: list[str] = []
        for line in answer.replace("\r\n", "\n").splitlines():
            if line.startswith(("a=candidate:", "a=end-of-candidates")):
                continue
            lines.append(line)
            if line.startswith("a=mid:"):
                lines += [f"a=candidate:{n} 1 udp {2130706431 - n} {host} {port} typ host" for n, port in ways]
                lines.append("a=end-of-candidates")
        return "\r\n".join(lines) + "\r\n"

    def close(self) -> None:
        for transport in self._transports:
            transport.close()

    async def _open(self, address: tuple[str, int], host: str) -> int:
        loop = asyncio.get_running_loop()
        back, server_side = await loop.create_datagram_endpoint(lambda: _Side(self), remote_addr=address)
        self._transports.append(back)
        front, player_side = await loop.create_datagram_endpoint(lambda: _Side(self), local_addr=(host, 0))
        self._transports.append(front)
        player_side.towards_the_server = True
        player_side.other, server_side.other = server_side, player_side
        return int(front.get_extra_info("sockname")[1])

    def note(self, datagram: bytes) -> None:
        # RTP and RTCP, by the first byte (RFC 7983).
        if datagram and 128 <= datagram[0] <= 191:
            self.media += 1
            self.last_media_at = time.monotonic()


class _Side(asyncio.DatagramProtocol):
    """One of the two sockets of a way: what comes here goes out there."""

    transport: asyncio.DatagramTransport
    other: _Side

    def __init__(self, relay: Relay) -> None:
        self.towards_the_server = False
        self.peer: Any = None
        self._relay = relay

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        if self.towards_the_server:
            self.peer = address
            if not self._relay.silent:
                self.other.transport.sendto(data)
            return
        self._relay.note(data)
        if self.other.peer is not None and not self._relay.silent:
            self.other.transport.sendto(data, self.other.peer)
