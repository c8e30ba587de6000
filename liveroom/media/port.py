"""The one UDP port: reads all that is there, sends many packets in one system call. Knows no peers."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

Address = tuple[str, int]
Receive = Callable[[bytes, Address], None]
Ancillary = list[tuple[int, int, bytes]]

READ_AT_ONCE = 128
RECEIVE_BUFFER = 4 * 1024 * 1024
SOL_UDP, UDP_SEGMENT = 17, 103
_CANNOT_SEGMENT = {errno.EIO, errno.EMSGSIZE, errno.EINVAL}
"""Nothing was sent: the device cannot segment, or segments do not fit the path, where single packets are fragmented."""

SEGMENTS_AT_ONCE = 32
BYTES_AT_ONCE = 60_000


@dataclass(slots=True)
class Counters:
    received: int = 0
    sent: int = 0
    sends: int = 0
    dropped: int = 0


@dataclass(slots=True)
class UdpPort:
    """A bound, non-blocking socket in the event loop."""

    sock: socket.socket
    segments: bool
    counters: Counters = field(default_factory=Counters)

    @classmethod
    def bind(cls, host: str, port: int) -> UdpPort:
        """Raises OSError when the port is taken."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                sock.setsockopt(socket.SOL_SOCKET, option, RECEIVE_BUFFER)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        return cls(sock, _has_segmentation())

    @property
    def number(self) -> int:
        return int(self.sock.getsockname()[1])

    def listen(self, receive: Receive) -> None:
        """Hand every datagram to `receive`, all that are there in one turn of the loop (bounded, to be fair)."""

        def ready() -> None:
            read, counters = self.sock.recvfrom, self.counters
            for _ in range(READ_AT_ONCE):
                try:
                    datagram, source = read(2048)
                except (BlockingIOError, InterruptedError):
                    return
                except OSError:
                    continue  # an ICMP error of an earlier send: that peer will be missed by its consent
                counters.received += 1
                # An empty datagram says nothing, and would end sessions in code that looks at its first byte.
                if datagram:
                    receive(datagram, source)

        asyncio.get_running_loop().add_reader(self.sock, ready)

    def send(self, datagram: bytes, address: Address) -> None:
        """One datagram; dropped when the kernel has no room, as a network would."""
        counters = self.counters
        counters.sends += 1
        try:
            self.sock.sendto(datagram, address)
            counters.sent += 1
        except OSError:
            counters.dropped += 1

    def failed(
        self, error: OSError, datagrams: bytes | bytearray, ancillary: Ancillary, count: int, address: Address
    ) -> None:
        """What a send of so many datagrams, one after the other, did not take. They were counted as sent."""
        self.counters.sent -= count
        if ancillary and error.errno in _CANNOT_SEGMENT:
            if error.errno == errno.EIO:
                self.segments = False  # the device refuses segmentation: plain sends from now on
            segment = int.from_bytes(ancillary[0][2], sys.byteorder)
            for at in range(0, len(datagrams), segment):
                self.send(bytes(datagrams[at : at + segment]), address)
        else:
            self.counters.dropped += count

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()


def segmentation(segment: int, count: int) -> Ancillary:
    """What tells the kernel to cut a send into `count` datagrams of `segment` bytes (the last may be shorter)."""
    return [(SOL_UDP, UDP_SEGMENT, segment.to_bytes(2, sys.byteorder))] if count > 1 else []


def _has_segmentation() -> bool:
    """Whether this kernel knows UDP_SEGMENT (Linux 4.18)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.setsockopt(SOL_UDP, UDP_SEGMENT, 1200)
        except OSError:
            return False
        return True
