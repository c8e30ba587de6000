"""Lines of a log, each sealed with the hash of the line before it. Knows neither what happened nor where it is kept.

The form is described in docs/protocol.md (*The chain of the log*), so that other software can check it. It never
changes: the hashes of old lines would mean nothing any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

START = "0" * 64
"""What stands where the first line would name the hash of the line before."""


@dataclass(frozen=True, slots=True)
class Link:
    """One line as it is kept: number, time, by whom, about which question (or None), the event's JSON, its hash."""

    seq: int
    at: datetime
    by: str
    by_name: str
    question: str | None
    event: str
    hash: str = ""


def seal(chain: str, before: str, link: Link) -> str:
    """The hash of a line that follows the line whose hash is `before`: SHA-256 of eight netstrings, in hexadecimal.

    `chain` names the log, such as `session:…`. The length before each part (in bytes of UTF-8) keeps two different
    lines from ever being written the same way.
    """
    digest = hashlib.sha256()
    at = link.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for part in (before, chain, str(link.seq), at, link.by, link.by_name, link.question or "", link.event):
        content = part.encode()
        digest.update(b"%d:%b," % (len(content), content))
    return digest.hexdigest()


def sealed(chain: str, before: str, links: Iterable[Link]) -> Iterator[Link]:
    """The lines with their hashes, following the line whose hash is `before`."""
    for link in links:
        before = seal(chain, before, link)
        yield replace(link, hash=before)
