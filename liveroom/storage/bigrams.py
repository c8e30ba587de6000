"""Text in pieces that a database finds Chinese by: pairs of neighbouring characters. Knows no database.

Neither SQLite nor PostgreSQL knows where a Chinese word ends. Who searches for 供水 finds every text in which the two
stand side by side; a longer word is found by all its pairs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

MOST_PIECES = 24
"""Of what is searched: nobody types more, and each is a look into the index."""

WORD_LIMIT = 40


def pieces(text: str) -> list[str]:
    """The pieces of a text that is to be found, each once: pairs of Han characters and other words whole.

    The last character of a run is a piece, too: a single one is found as the beginning of a piece.
    """
    found: dict[str, None] = {}
    for run in _runs(text):
        if _han(run[0]):
            found.update(dict.fromkeys(a + b for a, b in pairwise(run)))
            found[run[-1]] = None
        else:
            found[run[:WORD_LIMIT]] = None
    return list(found)


def wanted(text: str) -> list[tuple[str, bool]]:
    """The pieces that a text must have to be found, and whether the piece may go on (a word that is half typed)."""
    found: dict[tuple[str, bool], None] = {}
    for run in _runs(text):
        if len(run) > 1 and _han(run[0]):
            found.update(dict.fromkeys((a + b, False) for a, b in pairwise(run)))
        else:
            found[run[:WORD_LIMIT], True] = None
    return list(found)[:MOST_PIECES]


def _runs(text: str) -> Iterator[str]:
    """Runs of Han characters and runs of other letters and digits, in one form: width and capitals aside."""
    run = ""
    for character in unicodedata.normalize("NFKC", text).casefold():
        kind = unicodedata.category(character)[0]
        goes_on = kind in "LN" and (not run or _han(run[0]) == _han(character))
        if not goes_on and run:
            yield run
            run = ""
        if kind in "LN":
            run += character
    if run:
        yield run


def _han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"
