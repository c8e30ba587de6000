"""What other programs are told and how it is signed: Standard Webhooks 1.0.0. Knows no network."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from urllib.parse import urlsplit

from liveroom.errors import Refused

PREFIX = "whsec_"
SECRET_BYTES = 32
URL_LIMIT = 500


def show_secret(secret: bytes) -> str:
    """As it is handed over: 24 to 64 bytes in base64 after a prefix (section “Signature scheme”)."""
    return PREFIX + base64.b64encode(secret).decode()


def read_secret(written: str) -> bytes:
    """The bytes of a secret as it was handed over. Raises ValueError."""
    try:
        return base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no secret") from error


def signed(name: str, at: datetime, body: bytes, secret: bytes) -> dict[str, str]:
    """The headers of a message: its name, the same for every attempt; the time of this one; HMAC-SHA256 over both and
    the body, joined by full stops.
    """
    seconds = str(int(at.timestamp()))
    mac = hmac.new(secret, b".".join((name.encode(), seconds.encode(), body)), hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def check_url(written: str, *, private: bool) -> str:
    """An address to which programs may be told things. Refuses `hook_address`.

    Plain HTTP only where `private` addresses are allowed. Whether the host is one of ours is seen when it is looked up.
    """
    url = written.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Refused("hook_address") from None
    schemes = {"https", "http"} if private else {"https"}
    if (
        parts.scheme not in schemes
        or not host
        or parts.username is not None
        or parts.password is not None
        or parts.fragment
        or len(url) > URL_LIMIT
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        raise Refused("hook_address")
    return url
