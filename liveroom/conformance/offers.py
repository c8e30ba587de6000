"""Offers as browsers write them, for checks that need no media: right ones, and each kind of wrong. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

AUDIO = ("a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1")
VIDEO = (
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:108 H264/90000",
    "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
)
UNKNOWN_VIDEO = ("a=rtpmap:96 x-unheard-of/90000",)
"""A codec that nobody serves."""

CANDIDATES = ("candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host",)
"""An address for documentation (RFC 5737): nobody is there."""
UNUSABLE = (
    "candidate:2 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
    "candidate:3 1 udp 2122194687 0f9a5b0c-1d2e-4f3a-8b7c-6d5e4f3a2b1c.local 61765 typ host",
    "candidate:4 1 x-unheard-of 1 192.0.2.1 61766 typ host",
)
"""Candidates of unknown transports, and one whose name cannot be resolved."""


@dataclass(frozen=True, slots=True)
class Offer:
    """`seed` makes credentials and fingerprint: two offers with different seeds are two clients.

    With `once`, the direction is said for the whole session (RFC 8866, section 6.7). No feedback is offered.
    """

    direction: str
    seed: str
    once: bool = False
    setup: str = "actpass"
    media: Sequence[tuple[str, Sequence[str]]] = field(default=(("audio", AUDIO), ("video", VIDEO)))

    @property
    def ufrag(self) -> str:
        return hashlib.sha256(self.seed.encode()).hexdigest()[:8]

    @property
    def password(self) -> str:
        return hashlib.sha256(self.seed.encode()).hexdigest()[8:40]

    def __str__(self) -> str:
        digest = hashlib.sha256(self.seed.encode()).hexdigest().upper()
        fingerprint = ":".join(digest[at : at + 2] for at in range(0, 64, 2))
        lines = [
            "v=0",
            "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            f"a=group:BUNDLE {' '.join(str(mid) for mid in range(len(self.media)))}",
            "a=extmap-allow-mixed",
            "a=msid-semantic: WMS",
            *([f"a={self.direction}"] * self.once),
        ]
        for mid, (kind, codecs) in enumerate(self.media):
            numbers = [line.split(":")[1].split()[0] for line in codecs if line.startswith("a=rtpmap:")]
            lines += [
                f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(numbers)}",
                "c=IN IP4 0.0.0.0",
                "a=rtcp:9 IN IP4 0.0.0.0",
                f"a=ice-ufrag:{self.ufrag}",
                f"a=ice-pwd:{self.password}",
                "a=ice-options:trickle",
                f"a=fingerprint:sha-256 {fingerprint}",
                f"a=setup:{self.setup}",
                f"a=mid:{mid}",
                *([f"a={self.direction}"] * (not self.once)),
                f"a=msid:conformance {kind}{mid}",
                "a=rtcp-mux",
                "a=rtcp-mux-only",
                "a=rtcp-rsize",
                *codecs,
            ]
        return "\r\n".join(lines) + "\r\n"


def fragment(ufrag: str, password: str, candidates: Sequence[str] = CANDIDATES) -> str:
    """The body of a PATCH (RFC 8840, section 9): candidates of the bundle's first m-section."""
    lines = [
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:0",
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{password}",
        *(f"a={candidate}" for candidate in candidates),
    ]
    return "\r\n".join(lines) + "\r\n"
