"""Lines of a log whose content was erased: a later line vouches for what is left of them. Knows no other event.

The line keeps its hash, so that the next line follows it as before; nobody can compute that hash any more. Whoever
erases appends a line which names each erased one with a digest of what is left (docs/decisions/0014).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from liveroom.rooms.chain import Link, seal


def remains(chain: str, before: str, link: Link) -> str:
    """The digest of what is left of an erased line, bound to its own hash and to that of the line before."""
    return seal(chain, before + link.hash, link)


def vouch(digests: Mapping[int, str]) -> str:
    """The words with which a line vouches for others: `5:… 6:…`."""
    return " ".join(f"{seq}:{digest}" for seq, digest in sorted(digests.items()))


def vouched(links: Sequence[Link]) -> dict[int, str]:
    """The lines that later ones vouch for, with the digest of what is left; the newest word counts.

    Such a line is an object with the text `erased`, or one whose `values` hold it (a step of a matter).
    """
    found: dict[int, str] = {}
    for link in links:
        if '"erased"' in link.event:
            found |= {seq: digest for seq, digest in _said(link.event) if seq < link.seq}
    return found


def follows(chain: str, before: str, link: Link, left: str | None) -> bool:
    """Whether a line is the one that was written after the line whose hash is `before`, or what is left of it."""
    return link.hash == seal(chain, before, link) or (left is not None and left == remains(chain, before, link))


def _said(event: str) -> list[tuple[int, str]]:
    try:
        said = json.loads(event)
        words = said.get("erased") or said["values"]["erased"]
        pairs = [word.split(":") for word in words.split()]
        return [(int(seq), digest) for seq, digest in pairs]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
