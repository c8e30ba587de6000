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
from liveroom.rooms.playback import Span

WRITTEN_LATE = timedelta(seconds=2)
"""How long before its end a part may have been written to last."""

RESERVE = 1 << 30
"""Bytes of the disk that recordings leave free: what is asked and decided comes first."""

CLIPS = "clips"
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PART = re.compile(r"(\d{8}T\d{9})Z\.(mp4|webm)")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a recording: from when, and until when about; both aware."""

    file: Path
    begin: datetime
    until: datetime

    @property
    def suffix(self) -> str:
        return self.file.suffix[1:]


def part_name(begin: datetime, suffix: str) -> str:
    """Such as `20260301T120000250Z.mp4`; milliseconds."""
    begin = begin.astimezone(UTC)
    return f"{begin:%Y%m%dT%H%M%S}{begin.microsecond // 1000:03d}Z.{suffix}"


def read_part(file: Path) -> Part | None:
    """The part that is kept there; None for other files, and for one that has gone meanwhile."""
    named = _PART.fullmatch(file.name)
    if named is None:
        return None
    begin = datetime.strptime(named[1] + "000", "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    try:
        written_at = file.stat().st_mtime
    except FileNotFoundError:
        return None
    return Part(file, begin, datetime.fromtimestamp(written_at, UTC) + WRITTEN_LATE)


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

    async def covers(self, session: str, spans: Sequence[Span]) -> Sequence[bool]:
        parts = await asyncio.to_thread(self._parts, session)
        return [bool(_within(parts, span)) for span in spans]

    async def clip(self, session: str, span: Span, *, picture: bool) -> Clip:
        parts = _within(await asyncio.to_thread(self._parts, session), span)
        if not parts:
            raise Refused("not_found")
        suffix = parts[0].suffix
        marks = "-".join(str(round(moment.timestamp() * 1000)) for moment in (span.begin, span.end))
        file = folder_of(self._folder, session) / CLIPS / f"{marks}-{'picture' if picture else 'sound'}.{suffix}"
        if not await asyncio.to_thread(file.exists):
            # Whoever asked first may leave: the others wait for the same file.
            await asyncio.shield(self._make(parts, span, file, picture))
        return Clip(file, f"{'video' if picture else 'audio'}/{suffix}")

    async def sweep(self, before: datetime) -> int:
        return await asyncio.to_thread(self._sweep, before)

    async def _make(self, parts: Sequence[Part], span: Span, file: Path, picture: bool) -> None:
        async with self._cutting:
            await asyncio.to_thread(self._cut, parts, span, file, picture)

    def _parts(self, session: str) -> list[Part]:
        """All of a session, in order."""
        try:
            files = list(folder_of(self._folder, session).iterdir())
        except (OSError, ValueError):
            return []
        return sorted((part for file in files if (part := read_part(file))), key=lambda part: part.begin)

    def _cut(self, parts: Sequence[Part], span: Span, file: Path, picture: bool) -> None:
        from liveroom.recording.cutting import Piece, cut

        if file.exists():
            return  # made while this waited for its turn
        try:
            if not has_room(self._folder):
                raise Unavailable("the disk has no room for a clip")
            file.parent.mkdir(mode=0o700, exist_ok=True)
            pieces = [Piece(part.file, part.begin.timestamp()) for part in parts]
            made = cut(pieces, span.begin.timestamp(), span.end.timestamp(), file, picture=picture)
        except (OSError, ValueError) as error:
            raise Unavailable(f"a clip cannot be made: {error}") from error
        if not made:
            raise Refused("not_found")

    def _sweep(self, before: datetime) -> int:
        gone = 0
        with contextlib.suppress(FileNotFoundError):
            for folder in list(self._folder.iterdir()):
                parts = self._parts(folder.name)
                if parts and parts[-1].begin < before:
                    shutil.rmtree(folder)
                    gone += 1
        return gone


def _within(parts: Sequence[Part], span: Span) -> list[Part]:
    """Those in which something of this time is: of one container."""
    last = max((part.begin for part in parts if part.begin <= span.begin), default=span.begin)
    found = [part for part in parts if last <= part.begin < span.end and part.until > span.begin]
    return [part for part in found if part.suffix == found[0].suffix]
