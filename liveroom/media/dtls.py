"""The DTLS handshake of one peer, by aiortc. Every underscore name of aiortc that we use stands in this file."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, cast

from aiortc import RTCIceTransport
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
)
from OpenSSL import SSL

from liveroom.media.srtp import Keys, material_size, split_material

BACKLOG = 32
"""Datagrams that may wait for a handshake; a flight has about five."""

_ALERT = 21


_PROFILES = [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80]


class _RTCCertificate(RTCCertificate):
    """aiortc's certificate with one OpenSSL context for all handshakes: making one costs as much as a handshake."""

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(_PROFILES)
            self._context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        return self._context


class Certificate:
    """The server's certificate: one per process, so that joining costs no key generation."""

    def __init__(self) -> None:
        self.of_aiortc = _RTCCertificate.generateCertificate()
        self.fingerprint = next(f.value for f in self.of_aiortc.getFingerprints() if f.algorithm == "sha-256")


class DtlsSession:
    """A handshake and what follows until one side closes. SRTP never passes through here."""

    def __init__(self, certificate: Certificate, role: str, send: Callable[[bytes], None]) -> None:
        """`role` is ours: server or client."""
        self._wire = _Wire(role, send)
        self._transport = _Transport(self._wire, [certificate.of_aiortc])
        self._transport._set_role(role)
        self._transport._srtp_profiles = _PROFILES

    async def open(self, fingerprints: Sequence[tuple[str, str]], closed: Callable[[], None]) -> Keys:
        """The keys; raises ConnectionError when the handshake fails or the peer is not who the offer named.

        `closed` is called once when the peer says goodbye afterwards.
        """
        parameters = RTCDtlsParameters([RTCDtlsFingerprint(algorithm=a, value=v) for a, v in fingerprints])
        try:
            await self._transport.start(parameters)
        except Exception as error:
            # OpenSSL and the reader of certificates each have errors of their own for what a stranger may send.
            raise ConnectionError("the DTLS handshake failed") from error
        keys = self._transport.keys
        if self._transport.state != "connected" or keys is None:
            raise ConnectionError("the DTLS handshake failed")

        def changed() -> None:
            if self._transport.state == "closed":
                closed()

        self._transport.on("statechange", changed)
        return keys

    def feed(self, datagram: bytes) -> None:
        """A DTLS datagram of this peer; dropped when too many wait, or when it says goodbye in plain text.

        An alert outside the encryption may come from anybody (RFC 6347, section 4.1.2.7); a handshake that has really
        failed ends by its deadline.
        """
        if _has_plain_alert(datagram):
            return
        with contextlib.suppress(asyncio.QueueFull):
            self._wire.waiting.put_nowait(datagram)

    async def close(self) -> None:
        """Say goodbye (close_notify), if there is anybody."""
        self._transport.remove_all_listeners()
        await self._transport.stop()


def _has_plain_alert(datagram: bytes) -> bool:
    """Whether one of the records is an alert of epoch 0 (RFC 6347, section 4.1: a head of 13 bytes)."""
    at = 0
    while at + 13 <= len(datagram):
        if datagram[at] == _ALERT and datagram[at + 3 : at + 5] == b"\0\0":
            return True
        at += 13 + int.from_bytes(datagram[at + 11 : at + 13])
    return False


class _Wire:
    """What aiortc takes for an ICE transport."""

    def __init__(self, role: str, send: Callable[[bytes], None]) -> None:
        self.role = "controlled"
        self.state = "completed"
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        self._out = send

    async def _recv(self) -> bytes:
        return await self.waiting.get()

    async def _send(self, data: bytes) -> None:
        self._out(data)


class _Transport(RTCDtlsTransport):
    """aiortc's transport, stopped where it would set up SRTP of its own."""

    def __init__(self, wire: _Wire, certificates: list[Any]) -> None:
        super().__init__(cast(RTCIceTransport, wire), certificates)
        self.keys: Keys | None = None

    def _setup_srtp(self) -> None:
        ssl = self._ssl
        profile = ssl.get_selected_srtp_profile() if ssl is not None else b""
        if ssl is None or not profile:
            self._set_state(State.FAILED)
            return
        material = ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", material_size(profile))
        self.keys = split_material(profile, material, server=self._role == "server")
