"""What is needed of recorded broadcasts (录像). Knows no container, no codec and no place where they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from liveroom.rooms.playback import Span


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a recording as a file of its own (片段), ready to be served."""

    file: Path
    content_type: str


class Recordings(Protocol):
    """What was recorded of sessions, by their identifiers."""

    async def covers(self, session: str, spans: Sequence[Span]) -> Sequence[bool]:
        """Of each span whether something was recorded in it."""

    async def clip(self, session: str, span: Span, *, picture: bool) -> Clip:
        """That part, from the last keyframe before it on; without `picture` the sound alone.

        Raises `Refused("not_found")` when nothing of it was recorded, and `Unavailable` when it cannot be made now.
        """

    async def sweep(self, before: datetime) -> int:
        """Forget the recordings of sessions of which nothing was recorded since; how many sessions they were of."""
