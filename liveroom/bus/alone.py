"""Presence, directory and counts of a process that is alone. Knows nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from liveroom.ports.counts import Count
from liveroom.ports.directory import Place


class OwnPresence:
    """Satisfies `liveroom.ports.presence.Presence`."""

    def __init__(self) -> None:
        self._devices: dict[str, int] = {}

    def note(self, room: str, devices: AbstractSet[str]) -> None:
        self._devices[room] = len(devices)

    def count(self, room: str) -> int:
        return self._devices.get(room, 0)


class OwnDirectory:
    """Satisfies `liveroom.ports.directory.Directory`: whatever is held is held here."""

    name = ""
    known = True

    def __init__(self) -> None:
        self._streams: set[str] = set()

    def places(self) -> Sequence[Place]:
        return ()

    def place(self, name: str) -> Place | None:
        return None

    def holder(self, stream: str) -> Place | None:
        return None

    def holds(self, stream: str) -> bool:
        return stream in self._streams

    def doubt(self, place: Place) -> None:
        return None

    async def hold(self, stream: str) -> None:
        self._streams.add(stream)

    async def release(self, stream: str) -> None:
        self._streams.discard(stream)


class OwnCounts:
    """Satisfies `liveroom.ports.counts.Counts`: what others counted is nothing, and what is counted here is known."""

    async def add(self, name: str, window: float, more: int = 1) -> Count | None:
        return None
