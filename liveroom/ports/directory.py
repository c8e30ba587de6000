"""Which process holds the media of a session, and where it is reached. Knows no transport and no packets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """Another process: its name, its internal address, whether it has a media port, and what it holds.

    The number of a stream grows with every claim to it: of two processes that say they hold it, the higher one does.
    """

    name: str
    address: str
    media: bool
    streams: Mapping[str, int]


class Directory(Protocol):
    """What the processes that share the records tell of themselves; answers come from memory.

    An entry that its process does not renew ends within five seconds. While nothing can be heard, the last known
    entries stay.
    """

    @property
    def name(self) -> str:
        """Of this process: unguessed by none, told to all, new at every start; empty when it is alone."""

    @property
    def known(self) -> bool:
        """Whether what is said here is at most some seconds old."""

    def places(self) -> Sequence[Place]:
        """The other processes."""

    def place(self, name: str) -> Place | None: ...

    def holder(self, stream: str) -> Place | None:
        """The other process that holds a stream."""

    def holds(self, stream: str) -> bool:
        """Whether this process holds it."""

    def doubt(self, place: Place) -> None:
        """It could not be reached: not to be named again before it has renewed its entry."""

    async def hold(self, stream: str) -> None:
        """This process has the stream's media from now on, whoever had them before. Told to the others, if possible."""

    async def release(self, stream: str) -> None: ...
