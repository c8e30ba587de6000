"""One connection: its ICE agent, its DTLS session, its keys. Knows not whether it publishes or watches."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liveroom.media.port import Address, UdpPort
from liveroom.media.srtp import Opener, Sealer, opener, sealer
from liveroom.signaling.ice import IceLite
from liveroom.signaling.sdp import Offer

if TYPE_CHECKING:
    from liveroom.media.dtls import Certificate, DtlsSession

CONNECT_SECONDS = 10.0
"""An offer that nobody follows up is forgotten after this time."""


@dataclass(slots=True, eq=False)
class Peer:
    """A transport from the accepted offer to its end. `tag` is the entity tag of its ICE state.

    `door` names the endpoint that accepted the offer; under no other is the peer to be found.
    """

    id: str
    door: str
    offer: Offer
    ice: IceLite
    port: UdpPort
    dtls: DtlsSession
    tag: str
    role: str
    opener: Opener | None = None
    sealer: Sealer | None = None
    closed: bool = False
    _heard: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None
    _ended: list[Callable[[Peer], None]] = field(default_factory=list)

    @property
    def connected(self) -> bool:
        return self.sealer is not None

    @property
    def address(self) -> Address | None:
        return self.ice.nominated

    def connect(self, ready: Callable[[Peer], None], ended: Callable[[Peer], None]) -> None:
        """Begin; `ready` is called when keys are there, `ended` once when the peer is gone or never came."""
        self._ended.append(ended)
        self._task = asyncio.create_task(self._connect(ready))

    def heard(self) -> None:
        """A genuine connectivity check has come: there is an address to send to."""
        self._heard.set()

    async def _connect(self, ready: Callable[[Peer], None]) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                # As a DTLS client we speak first: without an address that is lost, and repeated a second later.
                await self._heard.wait()
                keys = await self.dtls.open(self.offer.fingerprints, self.end)
        except (ConnectionError, TimeoutError):
            self.end()
            return
        self.opener, self.sealer = opener(keys), sealer(keys)
        if not self.closed:
            ready(self)

    def send_rtcp(self, packet: bytes) -> None:
        if self.sealer is not None and self.address is not None:
            self.port.send(self.sealer.seal_rtcp(packet), self.address)

    def end(self) -> None:
        """It is over, whoever says so; the rest of the plane is told once."""
        if self.closed:
            return
        self.closed = True
        for ended in self._ended:
            ended(self)

    async def close(self) -> None:
        """Say goodbye and free everything; harmless when it is over already."""
        self.end()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.dtls.close()


def new_dtls(certificate: Certificate, setup: str, port: UdpPort, ice: IceLite) -> DtlsSession:
    """A DTLS session that sends to whatever address ICE has found last."""

    from liveroom.media.dtls import DtlsSession

    def send(datagram: bytes) -> None:
        if ice.nominated is not None:
            port.send(datagram, ice.nominated)

    return DtlsSession(certificate, "client" if setup == "active" else "server", send)
