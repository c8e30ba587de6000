"""What the actions need to take files in and keep them. Knows no folder, no database and no library of pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveroom.matters.enclosures import Attachment, FileKind


@dataclass(frozen=True, slots=True)
class Clean:
    """A file that was made anew: nothing of the one that came is left but what it shows. Pixels are 0 for a PDF."""

    kind: FileKind
    content: bytes
    width: int
    height: int


class Cleaner(Protocol):
    """Makes files anew, apart from everything else."""

    async def clean(self, content: bytes) -> Clean:
        """Refuses `file_kind`, `file_damaged`, `file_too_demanding`, `file_active`, `file_locked`."""


class Attachments(Protocol):
    """Attachments with their content, kept."""

    async def add(self, attachment: Attachment, content: bytes, check: Callable[[Sequence[Attachment]], None]) -> None:
        """Keep one, after `check` has seen all of the matter's, inside the transaction; it may refuse."""

    async def get(self, attachment: str) -> Attachment | None: ...

    async def of(self, matter: str) -> list[Attachment]:
        """All of a matter, in the order they came."""

    async def content(self, attachment: Attachment) -> bytes:
        """What was kept; `Refused("not_found")` when it is gone, or no longer what its digest says."""

    async def remove(self, attachment: Attachment) -> bool:
        """Forget one that no step carries, content and all; False when a step took it meanwhile."""

    async def sweep(self, before: datetime) -> int:
        """Forget those from before that no step took, and contents that nobody names; how many."""
