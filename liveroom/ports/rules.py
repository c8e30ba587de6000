"""What the actions need to know the rule sets. Knows neither files nor tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from liveroom.matters.rules import RuleSet


class RuleBook(Protocol):
    """The rule sets that there are. A version never changes: what was used once is kept."""

    async def get(self, reference: str) -> RuleSet:
        """The rule set `id@version` by which a matter goes on; `Refused("unknown_rules")` when there is none.

        A matter of before there were rule sets names none: it goes by the one in force.
        """

    async def current(self) -> RuleSet:
        """The one with which new matters begin."""

    async def all(self) -> Sequence[RuleSet]:
        """Every one that could be used, by name and version."""
