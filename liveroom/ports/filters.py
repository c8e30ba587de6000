"""What the work list needs to keep the filters that people give a name. Knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter of the work list as its address has it, under somebody's own name for it."""

    name: str
    query: str


class SavedFilters(Protocol):
    """Everybody's own filters."""

    async def of(self, account: str) -> list[SavedFilter]:
        """By name."""

    async def keep(self, account: str, saved: SavedFilter) -> None:
        """In place of one of the same name; `Refused("too_many")` when there are too many."""

    async def drop(self, account: str, name: str) -> None: ...
