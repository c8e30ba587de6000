"""Which media plane a request is for: this process's, or a neighbour's. Knows no offer and no right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from liveroom.errors import Refused
from liveroom.media.results import Accepted, Patched, Proposed
from liveroom.ports.directory import Directory, Place

if TYPE_CHECKING:
    from liveroom.media.plane import MediaPlane


class Plane(Protocol):
    """What the addresses of WHIP and WHEP need of a media plane, wherever it is."""

    async def publish(self, door: str, stream: str, offer: str) -> Accepted: ...

    async def subscribe(self, door: str, stream: str, offer: str, network: str) -> Accepted | Proposed: ...

    async def answer(self, door: str, peer_id: str, answer: str) -> None: ...

    async def patch(self, door: str, peer_id: str, fragment: str, if_match: str | None) -> Patched: ...

    async def check(self, door: str, peer_id: str) -> None: ...

    async def hang_up(self, door: str, peer_id: str) -> None: ...


class Planes(Protocol):
    """Chooses the plane; raises `Refused("holder_away")` while it cannot be told or reached."""

    def to_publish(self, stream: str) -> Plane: ...

    def to_watch(self, stream: str) -> Plane: ...

    def behind(self, peer_id: str) -> Plane: ...


class Neighbours(Protocol):
    """Speaks to other processes."""

    def plane(self, place: Place) -> Plane: ...


class Wherever:
    """The planes of one or several processes.

    A stream is where it is live here, else where the directory says, else nowhere. A peer is where its name says: the
    part before the dot is the name of its process.
    """

    def __init__(self, plane: MediaPlane | None, directory: Directory, neighbours: Neighbours | None) -> None:
        self._plane = plane
        self._directory = directory
        self._neighbours = neighbours

    def to_publish(self, stream: str) -> Plane:
        """Where the stream is, so that viewers keep their tracks; else here, or wherever there is a media port."""
        if self._plane is not None and self._directory.holds(stream):
            return self._plane
        place = self._directory.holder(stream)
        if place is None and self._plane is not None:
            return self._plane
        if place is None:
            place = min((p for p in self._directory.places() if p.media), key=lambda p: len(p.streams), default=None)
        if place is None:
            raise away()
        return self._at(place)

    def to_watch(self, stream: str) -> Plane:
        if self._plane is not None and self._plane.is_live(stream):
            return self._plane
        place = self._directory.holder(stream)
        if place is not None:
            return self._at(place)
        if not self._directory.known:
            raise away()
        if self._plane is None:
            raise Refused("not_live", retry_after=2.0)
        return self._plane

    def behind(self, peer_id: str) -> Plane:
        process, dot, _ = peer_id.partition(".")
        if self._plane is not None and (process if dot else "") == self._directory.name:
            return self._plane
        place = self._directory.place(process)
        if place is not None:
            return self._at(place)
        if not self._directory.known:
            raise away()
        return _Gone()

    def _at(self, place: Place) -> Plane:
        if self._neighbours is None:
            raise away()
        return self._neighbours.plane(place)


class _Gone:
    """The plane of a process that has ended, or never was: nobody is there any more."""

    async def answer(self, door: str, peer_id: str, answer: str) -> None:
        raise Refused("not_found")

    async def patch(self, door: str, peer_id: str, fragment: str, if_match: str | None) -> Patched:
        raise Refused("not_found")

    async def check(self, door: str, peer_id: str) -> None:
        raise Refused("not_found")

    async def hang_up(self, door: str, peer_id: str) -> None:
        return None

    async def publish(self, door: str, stream: str, offer: str) -> Accepted:
        raise Refused("not_found")

    async def subscribe(self, door: str, stream: str, offer: str, network: str) -> Accepted | Proposed:
        raise Refused("not_found")


def away() -> Refused:
    """The process that has the media is not there, or nobody knows which one it is: soon somebody will."""
    return Refused("holder_away", retry_after=2.0)
