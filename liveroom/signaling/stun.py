"""STUN binding requests and our answers as bytes (RFC 8489). Knows no addresses but the one to report."""

from __future__ import annotations

import hmac
import ipaddress
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1

COOKIE = 0x2112A442
_COOKIE_BYTES = COOKIE.to_bytes(4)
BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
USERNAME, INTEGRITY, XOR_MAPPED_ADDRESS, USE_CANDIDATE, FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x0025, 0x8028
_FINGERPRINT_XOR = 0x5354554E
_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_MAPPED = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """A connectivity check. `local_ufrag` is ours, the part of USERNAME before the colon."""

    transaction: bytes
    local_ufrag: str
    use_candidate: bool
    signed: bytes
    integrity: bytes

    def is_signed_with(self, password: bytes) -> bool:
        """Whether the sender knows our password."""
        return hmac.compare_digest(self.integrity, hmac.digest(password, self.signed, sha1))


def parse_binding_request(datagram: bytes) -> BindingRequest | None:
    """The request, or None for everything that is not a whole, signed binding request with a user name."""
    size = len(datagram)
    if size < 20 or size > 1500:
        return None
    kind, length, cookie, transaction = _HEADER.unpack_from(datagram)
    if kind != BINDING_REQUEST or cookie != COOKIE or length + 20 != size or length % 4:
        return None
    at, username, use_candidate = 20, "", False
    signed = integrity = b""
    while at + 4 <= size:
        attribute, width = _ATTRIBUTE.unpack_from(datagram, at)
        value = datagram[at + 4 : at + 4 + width]
        if len(value) != width:
            return None
        if attribute == INTEGRITY:
            if width != 20:
                return None
            # The length field counts up to and including this attribute while it is signed (RFC 8489, section 14.5).
            signed = datagram[:2] + (at + 24 - 20).to_bytes(2) + datagram[4:at]
            integrity = value
            break  # what follows is not signed
        if attribute == USERNAME:
            try:
                username = value.decode("ascii")
            except UnicodeDecodeError:
                return None
        elif attribute == USE_CANDIDATE:
            use_candidate = True
        at += 4 + width + (-width % 4)
    ufrag = username.partition(":")[0]
    if not integrity or not ufrag:
        return None
    return BindingRequest(transaction, ufrag, use_candidate, signed, integrity)


def binding_success(transaction: bytes, address: tuple[str, int], password: bytes) -> bytes:
    """The signed answer that tells the peer how we see it."""
    host = _packed(address[0])
    family, mask = (1, _COOKIE_BYTES) if len(host) == 4 else (2, _COOKIE_BYTES + transaction)
    masked = (int.from_bytes(host) ^ int.from_bytes(mask)).to_bytes(len(host))
    value = _MAPPED.pack(0, family, address[1] ^ (COOKIE >> 16)) + masked
    body = _ATTRIBUTE.pack(XOR_MAPPED_ADDRESS, len(value)) + value
    body += _ATTRIBUTE.pack(INTEGRITY, 20) + hmac.digest(password, _head(transaction, len(body) + 24) + body, sha1)
    checksum = zlib.crc32(_head(transaction, len(body) + 8) + body) ^ _FINGERPRINT_XOR
    body += _ATTRIBUTE.pack(FINGERPRINT, 4) + checksum.to_bytes(4)
    return _head(transaction, len(body)) + body


@lru_cache(maxsize=4096)
def _packed(host: str) -> bytes:
    """The address as bytes; kept, since a viewer asks again every few seconds."""
    return ipaddress.ip_address(host).packed


def binding_request(transaction: bytes, username: str, password: bytes, *, use_candidate: bool = False) -> bytes:
    """A signed check, as a full agent sends it; for synthetic viewers and tests."""
    name = username.encode()
    body = _ATTRIBUTE.pack(USERNAME, len(name)) + name + bytes(-len(name) % 4)
    if use_candidate:
        body += _ATTRIBUTE.pack(USE_CANDIDATE, 0)
    head = struct.pack("!HHI12s", BINDING_REQUEST, len(body) + 24, COOKIE, transaction)
    body += _ATTRIBUTE.pack(INTEGRITY, 20) + hmac.digest(password, head + body, sha1)
    return struct.pack("!HHI12s", BINDING_REQUEST, len(body), COOKIE, transaction) + body


def _head(transaction: bytes, length: int) -> bytes:
    return _HEADER.pack(BINDING_SUCCESS, length, COOKIE, transaction)
