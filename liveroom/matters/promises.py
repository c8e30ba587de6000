"""The promise ledger (承诺台账): how a promise with a date stands. Knows no list."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

NO_PROMISE = frozenset({"withdrawn", "not_admitted"})
"""Ends of what turned out to be none: such a matter does not stand in the ledger."""


class Standing(StrEnum):
    """How a promise stands. A promise is kept when its matter has ended as solved, and not a day before."""

    PROMISED = "promised"
    DUE = "due"
    KEPT = "kept"
    BROKEN = "broken"
    DISPUTED = "disputed"
    EXPLAINED = "explained"


_ENDED = {"broken": Standing.BROKEN, "closed_disputed": Standing.DISPUTED}


def standing(promised: date, state: str, end: str, today: date) -> Standing | None:
    """None for what is no promise (any more)."""
    if state in NO_PROMISE:
        return None
    if end == "solved":
        return Standing.KEPT
    if end:
        return _ENDED.get(state, Standing.EXPLAINED)
    return Standing.DUE if promised < today else Standing.PROMISED
