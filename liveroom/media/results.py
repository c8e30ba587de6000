"""What the media plane answers to offers and patches, and what it tells of streams. Knows no packet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted offer: the new peer, the answer and the entity tag of its ICE state."""

    peer_id: str
    answer: str
    etag: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """An offer of ours in return for one that we cannot answer: the session that an answer would make."""

    peer_id: str
    offer: str
    etag: str


@dataclass(frozen=True, slots=True)
class Patched:
    """What a PATCH did: nothing to tell (trickle), or a fragment with new credentials and their tag (restart)."""

    fragment: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class StreamHappening:
    """`kind` is flowing, lost, taken_over or stopped."""

    stream: str
    kind: str
    peer_id: str
