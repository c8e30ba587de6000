"""Recordings as files: a folder for each session, in it its parts, named by when they begin, and clips made of them.

The names say everything there is to know of a recording, so that a crash leaves nothing that contradicts anything.
Knows no stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from liveroom.errors import Refused, Unavailable
from liveroom.ports.recordings import Clip

LONGEST = timedelta(minutes=6)
"""A part is shorter."""

WRITTEN_LATE = timedelta(seconds=2)

RESERVE = 1 << 30
"""Bytes of the disk that recordings leave free: what is asked and decided comes first."""

CLIPS = "clips"
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PART = re.compile(r"(\d{8}T\d{9})Z\.(mp4|webm)")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a recording: `begin` is aware."""

    file: Path
    begin: datetime

    @property
    def suffix(self) -> str:
        return self.file.suffix[1:]

    @property
    def until(self) -> datetime:
        """When it was written to last, about."""
        return datetime.fromtimestamp(self.file.stat().st_mtime, UTC) + WRITTEN_LATE


def part_name(begin: datetime, suffix: str) -> str:
    """Such as `20260301T120000250Z.mp4`; milliseconds."""
    begin = begin.astimezone(UTC)
    return f"{begin:%Y%m%dT%H%M%S}{begin.microsecond // 1000:03d}Z.{suffix}"


def read_part(file: Path) -> Part | None:
    """The part of that name; None for other files."""
    named = _PART.fullmatch(file.name)
    if named is None:
        return None
    begin = datetime.strptime(named[1] + "000", "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return Part(file, begin)


def folder_of(folder: Path, session: str) -> Path:
    """Where the parts of a session are. Raises ValueError for what is no identifier."""
    if not _SESSION.fullmatch(session):
        raise ValueError(session)
    return folder / session


def has_room(folder: Path) -> bool:
    """Whether the disk has room for recordings."""
    return shutil.disk_usage(folder).free > RESERVE


class RecordingFolder:
    """Satisfies `liveroom.ports.recordings.Recordings`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cutting = asyncio.Lock()

    async def covers(self, session: str, begin: datetime, end: datetime) -> bool:
        return bool(await asyncio.to_thread(self._parts, session, begin, end))

    async def clip(self, session: str, begin: datetime, end: datetime, *, picture: bool) -> Clip:
        parts = await asyncio.to_thread(self._parts, session, begin, end)
        if not parts:
            raise Refused("not_found")
        suffix = parts[0].suffix
        span = "-".join(str(round(moment.timestamp() * 1000)) for moment in (begin, end))
        file = folder_of(self._folder, session) / CLIPS / f"{span}-{'picture' if picture else 'sound'}.{suffix}"
        if not await asyncio.to_thread(file.exists):
            # Whoever asked first may leave: the others wait for the same file.
            await asyncio.shield(self._make(parts, begin, end, file, picture))
        return Clip(file, f"{'video' if picture else 'audio'}/{suffix}")

    async def sweep(self, before: datetime) -> int:
        return await asyncio.to_thread(self._sweep, before)

    async def _make(self, parts: Sequence[Part], begin: datetime, end: datetime, file: Path, picture: bool) -> None:
        async with self._cutting:
            await asyncio.to_thread(self._cut, parts, begin, end, file, picture)

    def _parts(self, session: str, begin: datetime, end: datetime) -> Sequence[Part]:
        """Those in which something of this time may be: of one container, in order."""
        try:
            files = list(folder_of(self._folder, session).iterdir())
        except (OSError, ValueError):
            return []
        found = [part for file in files if (part := read_part(file)) and begin - LONGEST < part.begin < end]
        found.sort(key=lambda part: part.begin)
        last = max((part.begin for part in found if part.begin <= begin), default=begin)
        found = [part for part in found if part.begin >= last and part.until > begin]
        return [part for part in found if part.suffix == found[0].suffix]

    def _cut(self, parts: Sequence[Part], begin: datetime, end: datetime, file: Path, picture: bool) -> None:
        from liveroom.recording.cutting import Piece, cut

        if file.exists():
            return  # made while this waited for its turn
        try:
            if not has_room(self._folder):
                raise Unavailable("the disk has no room for a clip")
            file.parent.mkdir(mode=0o700, exist_ok=True)
            pieces = [Piece(part.file, part.begin.timestamp()) for part in parts]
            made = cut(pieces, begin.timestamp(), end.timestamp(), file, picture=picture)
        except OSError as error:
            raise Unavailable(f"a clip cannot be made: {error.strerror}") from error
        if not made:
            raise Refused("not_found")

    def _sweep(self, before: datetime) -> int:
        gone = 0
        with contextlib.suppress(FileNotFoundError):
            for folder in list(self._folder.iterdir()):
                parts = [part for file in folder.iterdir() if (part := read_part(file))]
                newest = max((part.begin for part in parts), default=None)
                if newest is not None and newest < before:
                    shutil.rmtree(folder)
                    gone += 1
        return gone
