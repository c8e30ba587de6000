"""A liaison station of the deputies (联络站): where it is and for whom. Knows nothing of what is said there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """`id` is the office's own code for it; `jurisdictions` (辖区) are the villages and streets that it is for."""

    id: str
    name: str
    island: str = ""
    address: str = ""
    jurisdictions: tuple[str, ...] = ()
