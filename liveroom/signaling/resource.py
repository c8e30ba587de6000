"""The rules of a WHIP or WHEP session's address: entity tags and what a PATCH may be (RFC 9725, section 4.3).

Knows no HTTP library.
"""

from __future__ import annotations

from liveroom.errors import Refused
from liveroom.signaling.sdpfrag import Fragment

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"


def check_tag(if_match: str | None, tag: str) -> None:
    """`Refused("tag_missing")` without If-Match (428), `Refused("tag_differs")` when it names another state (412)."""
    if if_match is None:
        raise Refused("tag_missing")
    named = {part.strip() for part in if_match.split(",")}
    # Both spellings of "any" are in the field.
    if named & {"*", '"*"'} or tag in named:
        return
    raise Refused("tag_differs")


def is_restart(fragment: Fragment, known_ufrag: str) -> bool:
    """Whether a PATCH restarts ICE: it names other credentials than the peer has now, both of them.

    `Refused("bad_sdpfrag")` when only the name is there (RFC 8839, section 4.4.1.1.1).
    """
    if not fragment.ufrag or fragment.ufrag == known_ufrag:
        return False
    if not fragment.password:
        raise Refused("bad_sdpfrag", problem="a restart without a password")
    return True
