"""Opens and seals SRTP and SRTCP (RFC 3711, RFC 7714). Knows no peers and no packets' meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import pylibsrtp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liveroom.relay.rtp import extend, header_size

GCM = b"SRTP_AEAD_AES_128_GCM"
CM_SHA1 = b"SRTP_AES128_CM_SHA1_80"
PROFILES = (GCM, CM_SHA1)
"""In the order in which we like them: GCM by `cryptography` costs a fifth of the other."""

_KEY = 16
_SALT = {GCM: 12, CM_SHA1: 14}
_REPLAY_WINDOW = 1024
_TAG = {GCM: 16, CM_SHA1: 10}
"""Bytes that a cipher adds to a packet (RFC 7714, section 14.2; RFC 5764, section 4.1.2)."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Master keys and salts of one DTLS session, each key followed by its salt (RFC 5764, section 4.2)."""

    profile: bytes
    ours: bytes
    theirs: bytes


def material_size(profile: bytes) -> int:
    """Bytes to export from DTLS."""
    return 2 * (_KEY + _SALT[profile])


def split_material(profile: bytes, material: bytes, *, server: bool) -> Keys:
    """Client key, server key, client salt, server salt, in that order."""
    salt = _SALT[profile]
    client = material[:_KEY] + material[2 * _KEY : 2 * _KEY + salt]
    ours = material[_KEY : 2 * _KEY] + material[2 * _KEY + salt :]
    return Keys(profile, ours, client) if server else Keys(profile, client, ours)


class Opener(Protocol):
    """Takes what a peer sent; None for what is forged, damaged or replayed."""

    def open_rtp(self, packet: bytes) -> tuple[bytes, bytes] | None:
        """Header and payload."""

    def open_rtcp(self, packet: bytes) -> bytes | None: ...


class Sealer(Protocol):
    """Makes what only one peer can read."""

    @property
    def seal_rtp(self) -> Callable[[bytes, bytes, bytes, memoryview], object]:
        """Nonce, payload and header; the sealed payload is written to where it follows the header.

        The nonce is `salt ^ nonce_mask(ssrc, index)` in 12 bytes.
        """

    @property
    def salt(self) -> int: ...

    @property
    def key(self) -> bytes:
        """For whoever seals with AES-128-GCM by other means; empty where the cipher is another one."""

    @property
    def overhead(self) -> int:
        """Bytes by which a sealed payload is longer."""

    def seal_rtcp(self, packet: bytes) -> bytes: ...


def opener(keys: Keys) -> Opener:
    return GcmOpener(keys.theirs) if keys.profile == GCM else LibOpener(keys.theirs)


def sealer(keys: Keys) -> Sealer:
    return GcmSealer(keys.ours) if keys.profile == GCM else LibSealer(keys.ours)


def nonce_mask(ssrc: int, index: int) -> int:
    """What makes a salt the nonce of a packet (RFC 7714, section 8.1), by its 48-bit index (RFC 3711, 3.3.1)."""
    return ssrc << 48 ^ index


def seal_packet(sealer: Sealer, header: bytes, payload: bytes, index: int) -> bytes:
    """A whole packet, header first, for those who send few."""
    sealed = bytearray(len(payload) + sealer.overhead)
    nonce = sealer.salt ^ nonce_mask(int.from_bytes(header[8:12]), index)
    sealer.seal_rtp(nonce.to_bytes(12), payload, header, memoryview(sealed))
    return header + sealed


def derive(master: bytes, label: int, size: int) -> bytes:
    """A session key or salt (RFC 3711, section 4.3.1; RFC 7714, section 11: the salt is padded to 112 bits)."""
    key, salt = master[:_KEY], master[_KEY:].ljust(14, b"\0")
    block = (int.from_bytes(salt) ^ label << 48) << 16
    encryptor = Cipher(algorithms.AES(key), modes.CTR(block.to_bytes(16))).encryptor()
    return encryptor.update(bytes(size))


class GcmSealer:
    """AES-128-GCM outwards."""

    __slots__ = ("_rtcp", "_rtcp_index", "_rtcp_salt", "key", "salt", "seal_rtp")
    overhead = _TAG[GCM]

    def __init__(self, master: bytes) -> None:
        # The cipher itself: a method of ours around it would cost a tenth of the inner loop.
        self.key = derive(master, 0, 16)
        self.seal_rtp = AESGCM(self.key).encrypt_into
        self.salt = int.from_bytes(derive(master, 2, 12))
        self._rtcp = AESGCM(derive(master, 3, 16))
        self._rtcp_salt = int.from_bytes(derive(master, 5, 12))
        self._rtcp_index = 0

    def seal_rtcp(self, packet: bytes) -> bytes:
        self._rtcp_index = (self._rtcp_index + 1) & 0x7FFFFFFF
        trailer = (0x80000000 | self._rtcp_index).to_bytes(4)
        nonce = self._rtcp_salt ^ int.from_bytes(packet[4:8]) << 48 ^ self._rtcp_index
        return packet[:8] + self._rtcp.encrypt(nonce.to_bytes(12), packet[8:], packet[:8] + trailer) + trailer


@dataclass(slots=True)
class _Seen:
    """Highest index of one SSRC and a bit for each of the last ones (RFC 3711, section 3.3.2)."""

    highest: int
    mask: int = 1

    def is_new(self, index: int) -> bool:
        if index > self.highest:
            return True
        back = self.highest - index
        return back < _REPLAY_WINDOW and not self.mask >> back & 1

    def add(self, index: int) -> None:
        if index > self.highest:
            # Bounded before it is shifted: an SRTCP index may jump by 2^31, at the sender's choice.
            ahead = min(index - self.highest, _REPLAY_WINDOW)
            self.mask = (self.mask << ahead | 1) & ((1 << _REPLAY_WINDOW) - 1)
            self.highest = index
        else:
            self.mask |= 1 << (self.highest - index)


SSRC_LIMIT = 16
"""Streams in which a peer is heard; a client that sends has four. Each is remembered until the peer goes."""


@dataclass(slots=True)
class GcmOpener:
    """AES-128-GCM inwards."""

    master: bytes
    _rtp: AESGCM = field(init=False)
    _rtcp: AESGCM = field(init=False)
    _rtp_salt: int = field(init=False)
    _rtcp_salt: int = field(init=False)
    _streams: dict[int, _Seen] = field(default_factory=dict)
    _reports: dict[int, _Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rtp = AESGCM(derive(self.master, 0, 16))
        self._rtp_salt = int.from_bytes(derive(self.master, 2, 12))
        self._rtcp = AESGCM(derive(self.master, 3, 16))
        self._rtcp_salt = int.from_bytes(derive(self.master, 5, 12))

    def open_rtp(self, packet: bytes) -> tuple[bytes, bytes] | None:
        size = header_size(packet)
        if size is None or len(packet) < size + _TAG[GCM]:
            return None
        header = packet[:size]
        sequence, ssrc = int.from_bytes(packet[2:4]), int.from_bytes(packet[8:12])
        seen = self._streams.get(ssrc)
        index = sequence if seen is None else extend(sequence, seen.highest)
        if index < 0 or (seen is not None and not seen.is_new(index)):
            return None
        nonce = (self._rtp_salt ^ ssrc << 48 ^ index).to_bytes(12)
        try:
            payload = self._rtp.decrypt(nonce, packet[size:], header)
        except InvalidTag:
            return None
        return (header, payload) if _remember(self._streams, ssrc, index) else None

    def open_rtcp(self, packet: bytes) -> bytes | None:
        if len(packet) < 8 + _TAG[GCM] + 4:
            return None
        trailer = int.from_bytes(packet[-4:])
        if not trailer & 0x80000000:
            return None
        ssrc, index = int.from_bytes(packet[4:8]), trailer & 0x7FFFFFFF
        seen = self._reports.get(ssrc)
        if seen is not None and not seen.is_new(index):
            return None
        nonce = (self._rtcp_salt ^ ssrc << 48 ^ index).to_bytes(12)
        try:
            body = self._rtcp.decrypt(nonce, packet[8:-4], packet[:8] + packet[-4:])
        except InvalidTag:
            return None
        return packet[:8] + body if _remember(self._reports, ssrc, index) else None


def _remember(streams: dict[int, _Seen], ssrc: int, index: int) -> bool:
    seen = streams.get(ssrc)
    if seen is not None:
        seen.add(index)
        return True
    if len(streams) >= SSRC_LIMIT:
        return False
    streams[ssrc] = _Seen(index)
    return True


def _policy(master: bytes, direction: int) -> pylibsrtp.Policy:
    policy = pylibsrtp.Policy(
        key=master, ssrc_type=direction, srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
    )
    policy.allow_repeat_tx = True
    policy.window_size = _REPLAY_WINDOW
    return policy


class LibSealer:
    """AES-CM with HMAC-SHA1 outwards, for clients without GCM."""

    overhead = _TAG[CM_SHA1]
    salt = 0
    key = b""

    def __init__(self, master: bytes) -> None:
        self._session = pylibsrtp.Session(_policy(master, pylibsrtp.Policy.SSRC_ANY_OUTBOUND))

    def seal_rtp(self, nonce: bytes, payload: bytes, header: bytes, into: memoryview) -> None:
        """The nonce is not used: libsrtp counts by itself."""
        into[:] = self._session.protect(header + payload)[len(header) :]

    def seal_rtcp(self, packet: bytes) -> bytes:
        return bytes(self._session.protect_rtcp(packet))


class LibOpener:
    """AES-CM with HMAC-SHA1 inwards."""

    def __init__(self, master: bytes) -> None:
        self._session = pylibsrtp.Session(_policy(master, pylibsrtp.Policy.SSRC_ANY_INBOUND))
        self._streams: set[bytes] = set()
        self._reports: set[bytes] = set()

    def open_rtp(self, packet: bytes) -> tuple[bytes, bytes] | None:
        opened = self._open(self._session.unprotect, packet, packet[8:12], self._streams)
        size = header_size(opened) if opened is not None else None
        return None if opened is None or size is None else (opened[:size], opened[size:])

    def open_rtcp(self, packet: bytes) -> bytes | None:
        return self._open(self._session.unprotect_rtcp, packet, packet[4:8], self._reports)

    @staticmethod
    def _open(unprotect: Callable[[bytes], bytes], packet: bytes, ssrc: bytes, known: set[bytes]) -> bytes | None:
        # libsrtp keeps something of every SSRC it has heard, and knows no limit.
        if ssrc not in known and len(known) >= SSRC_LIMIT:
            return None
        try:
            opened = bytes(unprotect(packet))
        except (pylibsrtp.Error, ValueError, TypeError):
            return None
        known.add(ssrc)
        return opened
