"""The rule set (办理规则): every deadline as a value, because provinces differ. Knows no dates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Deadlines of the handling of suggestions, in calendar months."""

    name: str = "default"
    reply_months: int = 3
    """From the assignment to the reply: where the form starts; the office may write another date."""

    rehandling_months: int = 1
    """From an evaluation as dissatisfied to the next reply."""


DEFAULT = RuleSet()
