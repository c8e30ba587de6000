"""Attachments (附件) of matters: what they may be, how large, how many. Knows no file and no picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveroom.errors import Refused
from liveroom.rooms.roles import Actor
from liveroom.text import clean

CAPTION_LIMIT = 60
FILE_BYTES = 12 * 1024 * 1024
"""A photograph of a telephone, or a scanned letter of some pages."""

STEP_MOST = 9
FILED_MOST = 5
"""Files that whoever files a matter sends along with it, of `FILE_BYTES` together."""

MATTER_MOST = 90
MATTER_BYTES = 200 * 1024 * 1024

CARRYING = frozenset({"contact", "reply", "explain", "report", "claim_done", "verify", "call_back"})
"""The steps of a matter that take attachments along."""


class FileKind(StrEnum):
    """What is kept; everything else is refused."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"

    @property
    def mime(self) -> str:
        return "application/pdf" if self is FileKind.PDF else f"image/{self.value}"

    @property
    def extension(self) -> str:
        return "jpg" if self is FileKind.JPEG else self.value

    @property
    def is_picture(self) -> bool:
        return self is not FileKind.PDF


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a matter: SHA-256 of what is kept, its bytes, pixels (0 for a PDF), who added it and when.

    `step` is the number of the step that carries it, 0 while none does: then it waits for the next step of its `party`,
    and is seen by that alone. No name of the file is kept: it says things about people that nobody meant to publish.
    """

    id: str
    matter: str
    kind: FileKind
    digest: str
    size: int
    width: int
    height: int
    caption: str
    party: str
    by: str
    at: datetime
    step: int = 0

    @property
    def name(self) -> str:
        """What a browser saves it as."""
        return f"{self.id[:8]}.{self.kind.extension}"


ENCLOSED = "enclose"
"""The line that says which files came along when a matter was filed; for those whose work it is."""


def party(by: Actor) -> str:
    """With whom somebody shares what is not sent yet: the people of their unit, or nobody."""
    return f"unit:{by.unit}" if by.unit else f"person:{by.id}"


def read_caption(written: str) -> str:
    """What the file shows, in the words of whoever adds it; may be empty."""
    caption = clean(written)
    if len(caption) > CAPTION_LIMIT:
        raise Refused("too_long", field="caption", limit=CAPTION_LIMIT)
    return caption


def carried(waiting: Sequence[Attachment]) -> str:
    """How a step says which files it takes along: identifier and digest, so that the log vouches for them."""
    return " ".join(f"{a.id}:{a.digest}" for a in waiting)


def named(files: str) -> list[str]:
    """The identifiers in what a step says."""
    return [word.partition(":")[0] for word in files.split()]


def check_size(size: int) -> None:
    """`file_missing` for nothing, `file_too_large`."""
    if size == 0:
        raise Refused("file_missing")
    if size > FILE_BYTES:
        raise Refused("file_too_large", limit=FILE_BYTES // (1024 * 1024))


def check_room(kept: Sequence[Attachment], whose: str, size: int) -> None:
    """Whether one more of so many bytes fits: `files_enough` for the step, `files_full` for the matter."""
    if sum(not a.step and a.party == whose for a in kept) >= STEP_MOST:
        raise Refused("files_enough", limit=STEP_MOST)
    if len(kept) >= MATTER_MOST or sum(a.size for a in kept) + size > MATTER_BYTES:
        raise Refused("files_full")
