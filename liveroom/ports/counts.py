"""How often something happened over all processes. Knows no rule about how often it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened in the window that its first time opened, and seconds until that closes."""

    number: int
    seconds: float


class Counts(Protocol):
    """Counts that several processes share."""

    async def add(self, name: str, window: float, more: int = 1) -> Count | None:
        """Count under a name, in a window of so many seconds, and say what all processes have counted; 0 only looks.

        None when nobody can tell: the process is alone, or its neighbours cannot be reached. Never raises, and never
        makes anybody wait for long.
        """
