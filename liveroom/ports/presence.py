"""How many people look at a room, over all processes. Knows no page and no socket."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Protocol


class Presence(Protocol):
    """Counts devices, each once however many pages it has open and wherever they are served.

    What other processes tell is about a second old; a process that dies is forgotten within five. Without the others
    each process counts its own.
    """

    def note(self, room: str, devices: AbstractSet[str]) -> None:
        """All devices that look at the room in this process now."""

    def count(self, room: str) -> int: ...
