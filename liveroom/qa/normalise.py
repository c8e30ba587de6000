"""Text as it is compared: one form for what people write in several. Knows no list of words and shows nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Fold = Callable[[str], str]


def fold(text: str) -> str:
    """The text in compatibility form (NFKC: full and half width are one) and without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
