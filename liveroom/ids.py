"""Names for things: unguessable identifiers and the short codes that people read out over the telephone."""

from __future__ import annotations

import secrets
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters without 0, 1, I and O, which are mistaken for one another."""

TRACKING_LENGTH = 12
"""Drawn characters of a tracking code (60 bits); one check character follows."""

_VALUE = {character: value for value, character in enumerate(ALPHABET)}


def new_id() -> str:
    """An identifier nobody can guess: 128 bits, URL-safe, 22 characters."""
    return secrets.token_urlsafe(16)


def new_token() -> str:
    """A secret to hand out once: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def new_tracking_code(draw: Callable[[str], str] = secrets.choice) -> str:
    """A code for following a question: 12 drawn characters and a check character, no separators."""
    body = "".join(draw(ALPHABET) for _ in range(TRACKING_LENGTH))
    return body + check_character(body)


def check_character(body: str) -> str:
    """The Luhn mod 32 check character: finds every single wrong character and most swaps of neighbours."""
    total = 0
    for place, character in enumerate(reversed(body)):
        addend = _VALUE[character] * (2 if place % 2 == 0 else 1)
        total += addend // len(ALPHABET) + addend % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]


def read_tracking_code(written: str) -> str | None:
    """The code as it is stored, from what a person typed; None when it cannot be one.

    Spaces, hyphens and lower case are forgiven.
    """
    code = "".join(c for c in written.upper() if c not in " -\u3000#").strip()
    if len(code) != TRACKING_LENGTH + 1 or any(c not in _VALUE for c in code):
        return None
    return code if check_character(code[:-1]) == code[-1] else None


def show_tracking_code(code: str) -> str:
    """The code in groups, as it is printed and read out: `ABCD-EFGH-JKLM-N`."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
