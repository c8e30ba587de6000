"""What is needed of recorded broadcasts (录像). Knows no container, no codec and no place where they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a recording as a file of its own (片段), ready to be served."""

    file: Path
    content_type: str


class Recordings(Protocol):
    """What was recorded of sessions, by their identifiers; times are aware and on the wall clock."""

    async def covers(self, session: str, begin: datetime, end: datetime) -> bool:
        """Whether something of this time was recorded."""

    async def clip(self, session: str, begin: datetime, end: datetime, *, picture: bool) -> Clip:
        """That part of the recording, from the keyframe before `begin` on; without `picture` the sound alone.

        Raises `Refused("not_found")` when nothing of it was recorded, and `Unavailable` when it cannot be made now.
        """

    async def sweep(self, before: datetime) -> int:
        """Forget the recordings of sessions of which nothing was recorded since; how many sessions they were of."""
