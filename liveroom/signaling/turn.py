"""STUN and TURN servers as WHIP and WHEP name them to a client, with passwords that soon end. Knows no clock."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha1

USER = "liveroom"


def ice_links(urls: Sequence[str], secret: str, expires_at: int) -> list[str]:
    """One `Link` value for each server (RFC 9725, section 4.6).

    The user name is the Unix time at which the password ends, the password its HMAC-SHA1 under the secret that we
    share with the TURN server (draft-uberti-behave-turn-rest, section 2.2; coturn's `use-auth-secret`).
    """
    username = f"{expires_at}:{USER}"
    credential = base64.b64encode(hmac.digest(secret.encode(), username.encode(), sha1)).decode()
    login = f'; username="{username}"; credential="{credential}"; credential-type="password"'
    return [f'<{url}>; rel="ice-server"{login if url.startswith("turn") else ""}' for url in urls]
