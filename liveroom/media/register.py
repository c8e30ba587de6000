"""The peers that are there: by identifier, by the names they answer checks to, by address. Knows no stream."""

from __future__ import annotations

from collections.abc import Iterator

from liveroom.media.peer import Peer
from liveroom.media.port import Address


class Register:
    """A peer is in it from its offer to its end, an address of its own since it proved to know a password of ours."""

    def __init__(self) -> None:
        self.by_id: dict[str, Peer] = {}
        self.by_ufrag: dict[str, Peer] = {}
        self.by_address: dict[Address, Peer] = {}

    def __len__(self) -> int:
        return len(self.by_id)

    def __iter__(self) -> Iterator[Peer]:
        """Those that are there now, whoever comes or goes meanwhile."""
        return iter(list(self.by_id.values()))

    def add(self, peer: Peer) -> None:
        self.by_id[peer.id] = peer
        self.by_ufrag[peer.ice.ufrag] = peer

    def behind(self, door: str, peer_id: str) -> Peer | None:
        """The peer of that identifier, when it was opened at this door."""
        peer = self.by_id.get(peer_id)
        return peer if peer is not None and peer.door == door else None

    def restart(self, peer: Peer, ufrag: str, password: str, remote_ufrag: str) -> None:
        """The peer has a new name; which of its old ones it still answers to is known to its ICE agent."""
        self._forget_names(peer)
        peer.ice.restart(ufrag, password, remote_ufrag)
        self.by_ufrag.update(dict.fromkeys(peer.ice.ufrags(), peer))

    def is_held(self, address: Address, peer: Peer, now: float) -> bool:
        """Whether an address is another peer's, that is there: who forges it with a right of their own gets nothing."""
        holder = self.by_address.get(address)
        return holder is not None and holder is not peer and holder.address == address and holder.ice.is_active(now)

    def let_go(self, address: Address, peer: Peer) -> None:
        """The address is this peer's no more; when another has it by now, it stays theirs."""
        if self.by_address.get(address) is peer:
            del self.by_address[address]

    def forget(self, peer: Peer) -> None:
        self.by_id.pop(peer.id, None)
        self._forget_names(peer)
        for address in peer.ice.validated:
            self.let_go(address, peer)

    def _forget_names(self, peer: Peer) -> None:
        for ufrag in peer.ice.ufrags():
            self.by_ufrag.pop(ufrag, None)
