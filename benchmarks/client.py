"""One WebRTC client without a codec: a socket, ICE checks, a DTLS handshake, SRTP keys. Knows no HTTP."""

from __future__ import annotations

import asyncio
import ctypes
import re
import secrets
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from aioice import stun

from liveroom.media.dtls import Certificate, DtlsSession
from liveroom.media.srtp import Opener, Sealer, opener, sealer
from liveroom.signaling.stun import binding_success, parse_binding_request

CHECK_EVERY = 0.1
CONNECT_SECONDS = 20.0
_SO_ATTACH_FILTER, _SO_TIMESTAMPNS, _SO_MEMINFO, _DROPS = 26, 35, 55, 8
_PRIORITY = (110 << 24) + (65535 << 8) + 255
_TIMESPEC = struct.Struct("qq")


Media = Callable[["Client", bytes, int], None]
"""Takes a datagram of SRTP or SRTCP, still sealed, and the wall-clock nanoseconds at which the kernel had it."""


@dataclass(frozen=True)
class Local:
    """What we put into our description."""

    ufrag: str
    password: str
    fingerprint: str
    address: tuple[str, int]

    def lines(self, setup: str) -> str:
        host, port = self.address
        return (
            f"a=ice-ufrag:{self.ufrag}\r\na=ice-pwd:{self.password}\r\na=fingerprint:sha-256 {self.fingerprint}\r\n"
            f"a=setup:{setup}\r\na=candidate:1 1 udp {_PRIORITY} {host} {port} typ host\r\na=end-of-candidates\r\n"
        )


@dataclass(frozen=True)
class Remote:
    """What we use of the server's description: credentials, certificate, address, SSRCs in the order of the text."""

    ufrag: str
    password: str
    fingerprint: tuple[str, str]
    address: tuple[str, int]
    ssrcs: tuple[int, ...]

    @classmethod
    def read(cls, sdp: str) -> Remote:
        def one(pattern: str) -> re.Match[str]:
            found = re.search(pattern, sdp, re.MULTILINE)
            if found is None:
                raise ValueError(f"the server's description has no {pattern}")
            return found

        digest, value = one(r"^a=fingerprint:(\S+) (\S+)").groups()
        host, port = one(r"^a=candidate:\S+ 1 (?:udp|UDP) \d+ (\S+) (\d+) typ host").groups()
        ssrcs = dict.fromkeys(int(ssrc) for ssrc in re.findall(r"^a=ssrc:(\d+) ", sdp, re.MULTILINE))
        return cls(
            one(r"^a=ice-ufrag:(\S+)")[1],
            one(r"^a=ice-pwd:(\S+)")[1],
            (digest.lower(), value.upper()),
            (host, int(port)),
            tuple(ssrcs),
        )


class Client:
    """Connects from an address of this `host`, stays alive by consent checks, hands over the media that reach it."""

    def __init__(self, certificate: Certificate, media: Media, host: str = "127.0.0.1") -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.sock.bind((host, 0))
        self.local = Local(
            secrets.token_hex(4), secrets.token_hex(16), certificate.fingerprint, self.sock.getsockname()
        )
        self.remote: Remote
        self.opener: Opener
        self.sealer: Sealer
        self.closed = False
        self._media = media
        self._dtls = DtlsSession(certificate, "client", self.send)
        self._validated = asyncio.Event()
        self._tie = secrets.randbits(64)

    async def connect(self, remote: Remote) -> None:
        """ICE as the controlling agent, then DTLS as its client; raises ConnectionError or TimeoutError."""
        self.remote = remote
        asyncio.get_running_loop().add_reader(self.sock, self._ready)
        async with asyncio.timeout(CONNECT_SECONDS):
            while not self._validated.is_set():
                self.check()
                try:
                    await asyncio.wait_for(self._validated.wait(), CHECK_EVERY)
                except TimeoutError:
                    continue
            keys = await self._dtls.open([remote.fingerprint], self._ended)
        self.opener, self.sealer = opener(keys), sealer(keys)

    def send(self, datagram: bytes) -> None:
        self.sock.sendto(datagram, self.remote.address)

    def check(self) -> None:
        """A connectivity or consent check, with the attributes that browsers send (RFC 8445, section 7.1)."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.remote.ufrag}:{self.local.ufrag}"
        request.attributes["ICE-CONTROLLING"] = self._tie
        request.attributes["USE-CANDIDATE"] = None
        request.attributes["PRIORITY"] = _PRIORITY
        request.add_message_integrity(self.remote.password.encode())
        self.send(bytes(request))

    def drop_media(self, sample: float) -> None:
        """From now on the kernel drops RTP and RTCP before it wakes us; a share of `sample` still comes through.

        A filter (socket(7), SO_ATTACH_FILTER) on the first byte of the UDP payload, with chance in the kernel: what
        comes through is an even sample of all packets to all viewers, and costs next to nothing.
        """
        ancillary_random = 0xFFFFF000 + 56
        program = [
            (0x30, 0, 0, 8),  # first byte behind the UDP header
            (0x35, 0, 3, 128),  # below: STUN or DTLS, take it
            (0x25, 2, 0, 191),  # above: take it
            (0x20, 0, 0, ancillary_random),
            (0x25, 1, 0, int(sample * 0xFFFFFFFF)),  # above the share: drop
            (0x06, 0, 0, 0xFFFFFFFF),
            (0x06, 0, 0, 0),
        ]
        code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
        buffer = ctypes.create_string_buffer(code, len(code))
        self.sock.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(program), ctypes.addressof(buffer))
        )

    @property
    def dropped(self) -> int:
        """How many datagrams the kernel has dropped at this socket (32 bits; a benchmark never gets there)."""
        return int(struct.unpack("9I", self.sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 36))[_DROPS])

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()

    def _ended(self) -> None:
        self.closed = True

    def _ready(self) -> None:
        while True:
            try:
                datagram, ancillary, _, source = self.sock.recvmsg(2048, 64)
            except (BlockingIOError, ConnectionRefusedError):
                return
            first = datagram[0]
            if 128 <= first <= 191:
                seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2][: _TIMESPEC.size])
                self._media(self, datagram, seconds * 1_000_000_000 + nanoseconds)
            elif 20 <= first <= 63:
                self._dtls.feed(datagram)
            elif datagram[:2] == b"\x01\x01":
                self._validated.set()
            elif (request := parse_binding_request(datagram)) is not None:
                # A full agent at the other end asks, too; one that is lite never does.
                self.sock.sendto(binding_success(request.transaction, source, self.local.password.encode()), source)
