"""Which matters a list shows, as its address says: the same for a page, its next page and its export. Knows no list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from liveroom.ports.matters import Wanted

SEARCH_LIMIT = 80
GROUPS: Mapping[str, Wanted] = {
    "open": Wanted(final=False),
    "unit": Wanted(states=("assigned", "handling", "rehandling", "return_requested", "escalated", "forwarded")),
    "replied": Wanted(states=("replied", "done", "claimed_done")),
    "check": Wanted(states=("asker_check", "verified", "called_back")),
    "tracking": Wanted(states=("tracking", "confirmed", "in_progress", "due")),
    "solved": Wanted(ends=("solved",)),
    "unsolved": Wanted(ends=("unsolved",)),
    "closed": Wanted(final=True),
}
"""What `state` may say instead of the name of a state: where a matter stands, whatever its kind calls it."""

_YES = frozenset({"1", "true", "yes"})


def wanted_by(query: Mapping[str, str], today: Callable[[], date]) -> Wanted:
    """From `state`, `kind`, `unit`, `letter`, `year`, `q`, `overdue` and `import`; what is no value is left out."""
    state = query.get("state", "")
    wanted = GROUPS.get(state, Wanted(states=(state,) if state else ()))
    year = query.get("year", "")
    return replace(
        wanted,
        kinds=_one(query.get("kind", "")),
        unit=query.get("unit", "")[:32],
        letters=_one(query.get("letter", "")),
        year=int(year) if len(year) == 4 and year.isascii() and year.isdigit() else None,
        text=query.get("q", "")[:SEARCH_LIMIT].replace("\0", ""),
        brought_by=query.get("import", "")[:32],
        due_before=today() if query.get("overdue", "") in _YES else None,
    )


def _one(written: str) -> tuple[str, ...]:
    return (written[:32],) if written else ()
