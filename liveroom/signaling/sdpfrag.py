"""Fragments of PATCH requests and their answers: trickled candidates, ICE restarts (RFC 8840). Knows no peer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from liveroom.errors import Refused
from liveroom.signaling.sdp import Local, Offer, candidate_lines

FRAGMENT_LIMIT = 8 * 1024
_CREDENTIAL = re.compile(r"[A-Za-z0-9+/]{4,256}")
_LINE = re.compile(r"[a-z]=[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Fragment:
    """Credentials are empty when the fragment names none; candidates are only counted: an ICE-lite agent uses none."""

    ufrag: str
    password: str
    candidates: int


def parse_fragment(text: str) -> Fragment:
    """`Refused("bad_sdpfrag")` when malformed, `Refused("unsupported_patch")` when it asks for nothing we know."""
    if len(text.encode(errors="replace")) > FRAGMENT_LIMIT:
        raise Refused("bad_sdpfrag", problem="too large")
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    if not lines or not all(_LINE.fullmatch(line) for line in lines):
        raise Refused("bad_sdpfrag", problem="a line is damaged")
    ufrag, password = _value(lines, "a=ice-ufrag:"), _value(lines, "a=ice-pwd:")
    for credential in (ufrag, password):
        if credential and not _CREDENTIAL.fullmatch(credential):
            raise Refused("bad_sdpfrag", problem="a credential is damaged")
    if password and not ufrag:
        raise Refused("bad_sdpfrag", problem="a password without a name")
    candidates = sum(line.startswith("a=candidate:") for line in lines)
    if not ufrag and not candidates and "a=end-of-candidates" not in lines:
        raise Refused("unsupported_patch")
    return Fragment(ufrag, password, candidates)


def write_restart(offer: Offer, local: Local) -> str:
    """Our side after an ICE restart: new credentials and all candidates, once for the bundle (RFC 9725, 4.3.3)."""
    first = offer.sections[0]
    return "\r\n".join(
        [
            "a=ice-lite",
            f"a=group:BUNDLE {' '.join(section.mid for section in offer.sections)}",
            f"m={first.kind} 9 UDP/TLS/RTP/SAVPF {first.codecs[0].payload_type}",
            f"a=mid:{first.mid}",
            f"a=ice-ufrag:{local.ufrag}",
            f"a=ice-pwd:{local.password}",
            *candidate_lines(local),
            "a=end-of-candidates",
            "",
        ]
    )


def _value(lines: list[str], prefix: str) -> str:
    return next((line[len(prefix) :] for line in lines if line.startswith(prefix)), "")
