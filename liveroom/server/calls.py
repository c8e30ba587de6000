"""What one process asks of another one's media: the call, its answer, and the seal that shows who calls.

Knows no media and no network. The seal (HMAC-SHA256 over time and body) is made with a key that only processes with the
same records have; a copied call is of use for some seconds and for what it says, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Literal

import msgspec

from liveroom.signaling.sdp import OFFER_LIMIT

PATH = "/media"
FACTS = "/metrics"
BODY_LIMIT = 4 * OFFER_LIMIT
SEALED_FOR = 30.0
"""Seconds for which a seal holds; the clocks of two machines may differ by less."""

Deed = Literal["publish", "subscribe", "answer", "patch", "check", "hang_up"]


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A method of the media plane with its arguments, after the gate has let the client in."""

    does: Deed
    door: str
    stream: str = ""
    peer: str = ""
    body: str = ""
    network: str = ""
    tag: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What the plane returned (`kind` accepted, proposed, patched or nothing), or what it refused (`refused`)."""

    kind: Literal["accepted", "proposed", "patched", "nothing", "refused"]
    peer: str = ""
    body: str = ""
    tag: str = ""
    code: str = ""
    retry_after: float | None = None
    problem: str = ""


def key_of(secret: bytes) -> bytes:
    """The key of the seals, from the secret of the records; neither gives the other one away."""
    return hmac.new(secret, b"neighbours", hashlib.sha256).digest()


def seal(key: bytes, path: str, body: bytes, now: float | None = None) -> str:
    """The value of the header `Authorization`."""
    at = str(int(time.time() if now is None else now))
    return f"Liveroom {at}.{_mac(key, path, at, body)}"


def is_sealed(key: bytes, path: str, body: bytes, header: str, now: float | None = None) -> bool:
    """Whether the header is a seal of this body for this path, made lately."""
    scheme, _, written = header.partition(" ")
    at, _, mac = written.partition(".")
    if scheme != "Liveroom" or not at.isascii() or not at.isdigit() or len(at) > 12:
        return False
    right = hmac.compare_digest(mac.encode(), _mac(key, path, at, body).encode())
    return right and abs((time.time() if now is None else now) - int(at)) <= SEALED_FOR


def _mac(key: bytes, path: str, at: str, body: bytes) -> str:
    return hmac.new(key, f"{path} {at}\n".encode() + body, hashlib.sha256).hexdigest()
