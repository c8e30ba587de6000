"""Peers that cost little: real checks, a real DTLS handshake and real SRTP, and no codec."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections import Counter

import aiohttp

from liveroom.media.dtls import Certificate, DtlsSession
from liveroom.media.srtp import Opener, Sealer, opener, seal_packet, sealer
from liveroom.relay.rtp import is_rtcp, write_header
from liveroom.signaling.stun import binding_request

CERTIFICATE = Certificate()
PICTURE, SSRC = 102, 7
IDR = b"\x65" + bytes(900)

OFFER = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
m=video 9 UDP/TLS/RTP/SAVPF {picture}
c=IN IP4 0.0.0.0
a=mid:0
a={direction}
a=rtcp-mux
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {fingerprint}
a=setup:active
a=rtpmap:{picture} H264/90000
a=fmtp:{picture} packetization-mode=1;profile-level-id=42e01f
"""


def offer(direction: str) -> str:
    return OFFER.format(direction=direction, picture=PICTURE, fingerprint=CERTIFICATE.fingerprint)


class Cheap(asyncio.DatagramProtocol):
    """One peer of the server at 127.0.0.1."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.location = ""
        self.sequence = 1000
        self.opener: Opener | None = None

    async def negotiate(self, client: aiohttp.ClientSession, url: str, direction: str, token: str = "") -> int:
        """POST the offer; the status of the answer."""
        headers = {"Content-Type": "application/sdp"} | ({"Authorization": f"Bearer {token}"} if token else {})
        async with client.post(url, data=offer(direction), headers=headers) as response:
            self.answer = await response.text()
            if response.status == 201:
                self.location = str(response.url.join(response.url.__class__(response.headers["Location"])))
                self.headers = headers
            return response.status

    async def connect(self) -> Cheap:
        """Checks, handshake, keys."""
        found = re.search(r"a=ice-ufrag:(\S+)\r\na=ice-pwd:(\S+)", self.answer)
        port = re.search(r"m=video (\d+)", self.answer)
        assert found is not None
        assert port is not None
        self.name, self.password = f"{found[1]}:abcd", found[2].encode()
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, remote_addr=("127.0.0.1", int(port[1])), family=socket.AF_INET
        )
        self.dtls = DtlsSession(CERTIFICATE, "client", self.transport.sendto)
        self.check()
        fingerprint = re.search(r"a=fingerprint:sha-256 (\S+)", self.answer)
        assert fingerprint is not None
        async with asyncio.timeout(30):
            keys = await self.dtls.open([("sha-256", fingerprint[1])], lambda: None)
        self.opener, self.sealer = opener(keys), sealer(keys)
        return self

    def check(self) -> None:
        self.transport.sendto(binding_request(os.urandom(12), self.name, self.password, use_candidate=True))

    def send_picture(self) -> None:
        """A packet that is a whole keyframe."""
        self.sequence += 1
        sender: Sealer = self.sealer
        header = write_header(PICTURE, True, self.sequence, self.sequence * 3000, SSRC)
        self.transport.sendto(seal_packet(sender, header, IDR, self.sequence))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if 20 <= data[0] <= 63:
            self.dtls.feed(data)
        elif data[0] < 4:
            self.received["check"] += 1
        elif self.opener is not None and not is_rtcp(data):
            self.received["picture" if self.opener.open_rtp(data) is not None else "unreadable"] += 1

    async def close(self, client: aiohttp.ClientSession) -> None:
        async with client.delete(self.location, headers=self.headers):
            pass
        await self.dtls.close()
        self.transport.close()
