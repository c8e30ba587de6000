"""What people type, made fit to keep. Knows limits and characters, not meaning."""

from __future__ import annotations

import unicodedata

from liveroom.errors import Refused

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINER = "\u200d"  # holds many emoji together


def clean(text: str) -> str:
    """Without control and invisible characters, runs of white space as one space (Unicode general categories)."""
    kept = (
        character if character == _JOINER or unicodedata.category(character) not in _UNSEEN else " "
        for character in text
    )
    return " ".join("".join(kept).split())


def clean_lines(text: str) -> str:
    """The same line by line, for what is written in paragraphs."""
    return "\n".join(clean(line) for line in text.splitlines()).strip()


def readable(text: str) -> bool:
    """Whether there is anything to read: a letter, a digit or a symbol."""
    return any(unicodedata.category(character)[0] in "LNS" for character in text)


def require_text(text: str, field: str, limit: int) -> str:
    """The cleaned text. Refuses `empty` (nothing to read) and `too_long` (more than `limit` characters)."""
    text = optional_text(text, field, limit)
    if not readable(text):
        raise Refused("empty", field=field)
    return text


def optional_text(text: str, field: str, limit: int) -> str:
    """The cleaned text, which may be empty. Refuses `too_long`."""
    text = clean(text)
    if len(text) > limit:
        raise Refused("too_long", field=field, limit=limit, length=len(text))
    return text
