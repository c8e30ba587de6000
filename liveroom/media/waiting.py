"""Viewers that have an answer and are not connected yet: who gives way when there are too many. Knows no sockets.

Offers need no credentials and cost their sender nothing: a flood of them must not lock out those who come.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from liveroom.media.peer import Peer


@dataclass(slots=True)
class Waiting:
    """Peers in the order in which they came, each with the network that its offer came from."""

    _networks: dict[Peer, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._networks)

    def add(self, peer: Peer, network: str) -> None:
        self._networks[peer] = network

    def discard(self, peer: Peer) -> None:
        self._networks.pop(peer, None)

    def absent(self) -> Peer | None:
        """Who waits longest without ever having sent a check."""
        return next((peer for peer in self._networks if peer.address is None), None)

    def most_dispensable(self) -> Peer | None:
        """Somebody of the network that has most of the places: one that never sent a check, else the oldest.

        None when each is of a network of its own and sends checks: then nobody is a flood.
        """
        counts = Counter(self._networks.values())
        most = max(counts.values(), default=0)
        crowd = [peer for peer, network in self._networks.items() if counts[network] == most]
        absent = next((peer for peer in crowd if peer.address is None), None)
        if absent is not None or most > 1:
            return absent or crowd[0]
        return None
