"""The compiled twin of `PythonSender`: same bytes on the wire, same counts. Knows not how they are sealed."""

from __future__ import annotations

import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

import structlog

from liveroom.media.native import binding
from liveroom.media.native.binding import Context, Library, Unavailable
from liveroom.media.port import Address, UdpPort
from liveroom.media.sending import PythonSender, Run, Sender, Viewer
from liveroom.media.srtp import Sealer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A viewer as the compiled code knows it, as long as keys and address are the same."""

    sealer: Sealer
    address: Address
    context: Context
    packed: bytes


class NativeSender:
    """One call for all viewers. Who has another cipher than AES-128-GCM is served by the Python twin."""

    native: ClassVar[bool] = True

    def __init__(self, port: UdpPort, loaded: Library) -> None:
        self.port = port
        self._library = loaded
        self._twin = PythonSender(port)

    def send(self, viewers: Collection[Viewer], runs: Sequence[Run]) -> None:
        if not runs:
            return
        packed, others = list[bytes](), list[Viewer]()
        for viewer in viewers:
            peer, known = viewer.peer, viewer.remembered
            address, sealer = peer.ice.nominated, peer.sealer
            if address is None or sealer is None:
                continue
            if not isinstance(known, _Remembered) or known.address is not address or known.sealer is not sealer:
                known = viewer.remembered = self._learn(known, sealer, address)
                if known is None:
                    others.append(viewer)
                    continue
            packed.append(known.packed)
        if packed:
            self._send(packed, runs)
        if others:
            self._twin.send(others, runs)

    def _learn(self, known: object, sealer: Sealer, address: Address) -> _Remembered | None:
        if isinstance(known, _Remembered) and known.sealer is sealer:
            context: Context | None = known.context
        else:
            context = self._library.context(sealer.key, sealer.salt.to_bytes(12)) if sealer.key else None
        if context is None:
            return None
        return _Remembered(sealer, address, context, binding.viewer(context, socket.inet_aton(address[0]), address[1]))

    def _send(self, viewers: Sequence[bytes], runs: Sequence[Run]) -> None:
        text, at = list[bytes](), 0
        packets, packed_runs = list[bytes](), list[bytes]()
        for run in runs:
            packed_runs.append(binding.run(len(packets), len(run.packets), run.segment))
            for mask, header, payload in run.packets:
                packets.append(binding.packet(at, len(header), len(payload), mask))
                text += (header, payload)
                at += len(header) + len(payload)
        sends, sent, dropped, cannot_segment = self._library.send(
            self.port.sock.fileno(), viewers, packets, b"".join(text), packed_runs
        )
        counters = self.port.counters
        counters.sends += sends
        counters.sent += sent
        counters.dropped += dropped
        if cannot_segment:
            self.port.segments = False


def choose_sender(port: UdpPort, native: bool) -> Sender:
    """The compiled sender where it is wanted and there; the log says which it is."""
    if not native:
        log.info("sealing_in_python", why="as it was set")
        return PythonSender(port)
    try:
        loaded = binding.load()
    except Unavailable as unavailable:
        log.warning("sealing_in_python", why=str(unavailable), cost="about twice the CPU for each viewer")
        return PythonSender(port)
    log.info("sealing_in_compiled_code")
    return NativeSender(port, loaded)
