"""Seals runs of packets for each viewer and sends them, in Python. Knows not which packets a viewer may have.

This is the inner loop of the product: with 1,000 viewers it runs 170,000 times a second. What is the same for all
viewers (headers, sizes, where each packet lies in the buffer that is sent) is worked out once, so that a viewer costs a
nonce, a cipher and a share of a system call. `media/native/sealing.c` is the same in C, for where it was compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

from liveroom.media.peer import Peer
from liveroom.media.port import Ancillary, UdpPort, segmentation


class Packet(NamedTuple):
    """What is the same for all viewers of a form; `mask` makes a viewer's salt the nonce."""

    mask: int
    header: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Packets that share a system call: sealed, all but the last are `segment` bytes long, and the last no longer.

    `overhead` is what the cipher adds to each.
    """

    packets: Sequence[Packet]
    segment: int
    overhead: int


class Viewer(Protocol):
    """Whom packets are sealed for. What is `remembered` of one between two sendings is the sender's own affair."""

    peer: Peer
    remembered: object


class Sender(Protocol):
    """Where the packets of a stream leave."""

    native: ClassVar[bool]
    """Whether it is compiled code."""

    @property
    def port(self) -> UdpPort: ...

    def send(self, viewers: Collection[Viewer], runs: Sequence[Run]) -> None:
        """All runs, in order, to every viewer that has keys and an address. Nobody waits for anybody."""


_Place = tuple[int, bytes, bytes, memoryview]
"""What makes a viewer's salt the nonce; payload and header, the same for all; where the sealed payload goes."""

_LaidOut = tuple[list[_Place], tuple[bytearray], Ancillary]
"""A run, the bytes to be sent once all are sealed, what the kernel is told with it."""


@dataclass(frozen=True, slots=True)
class PythonSender:
    """One `encrypt_into` a packet, one system call a run."""

    native: ClassVar[bool] = False
    port: UdpPort

    def send(self, viewers: Collection[Viewer], runs: Sequence[Run]) -> None:
        # No call of ours and no counter in here: at this pace each would be seen.
        sendmsg, sendto, failed, reached = self.port.sock.sendmsg, self.port.sock.sendto, self.port.failed, 0
        counters = self.port.counters
        plan = [_lay_out(run) for run in runs]
        for viewer in viewers:
            peer = viewer.peer
            address, sealer = peer.ice.nominated, peer.sealer
            if address is None or sealer is None:
                continue
            reached += 1
            salt, seal = sealer.salt, sealer.seal_rtp
            for packets, datagrams, ancillary in plan:
                try:
                    for mask, payload, header, into in packets:
                        seal((salt ^ mask).to_bytes(12), payload, header, into)
                    if ancillary:
                        sendmsg(datagrams, ancillary, 0, address)
                    else:
                        sendto(datagrams[0], address)
                except OSError as error:
                    failed(error, datagrams[0], ancillary, len(packets), address)
                except ValueError:  # libsrtp takes no packet of more than 1356 bytes
                    counters.sends -= 1
                    counters.sent -= len(packets)
                    counters.dropped += len(packets)
        counters.sends += reached * len(plan)
        counters.sent += reached * sum(len(packets) for packets, _, _ in plan)


def _lay_out(run: Run) -> _LaidOut:
    """One buffer for the whole run, which every viewer's packets pass through, with the headers in their places."""
    datagrams = bytearray()
    for _, header, payload in run.packets:
        datagrams += header + bytes(len(payload) + run.overhead)
    view, at, places = memoryview(datagrams), 0, list[_Place]()
    for mask, header, payload in run.packets:
        begin, at = at + len(header), at + len(header) + len(payload) + run.overhead
        places.append((mask, payload, header, view[begin:at]))
    return places, (datagrams,), segmentation(run.segment, len(run.packets))
