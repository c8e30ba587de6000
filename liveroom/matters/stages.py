"""How far a unit is with what it handles: five stages that boards show and lists filter by. Knows no colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from liveroom.matters.rules import RuleSet

SOON_DAYS = 15
"""Days before the end of its clock from which on a matter is due soon."""

_TAKES = frozenset({"accept", "confirm"})
_RETURNS = frozenset({"approve_return", "deny_return"})


class Stage(StrEnum):
    """In the order in which a board shows them."""

    NOT_TAKEN = "not_taken"  # given to the unit, not accepted yet, or the unit asks to return it
    IN_TIME = "in_time"
    SOON = "soon"
    OVERDUE = "overdue"
    REPLIED = "replied"


def stages_of(rules: Iterable[RuleSet]) -> Mapping[tuple[str, str], str]:
    """For each kind and state what its tables say of the unit: `waits`, `works` or `rests`.

    Where two rule sets call a state the same and mean different things, the one that leaves more to do counts.
    """
    found: dict[tuple[str, str], str] = {}
    for rule_set in rules:
        for kind in rule_set.kinds.values():
            for name, state in kind.states.items():
                commands = {row.command for row in kind.from_state(name)}
                waits = commands & _RETURNS or (state.turn == "unit" and commands & _TAKES)
                said = "waits" if waits else "works" if state.turn == "unit" else "rests"
                found[kind.kind, name] = min(said, found.get((kind.kind, name), said), key=_ORDER.index)
    return found


_ORDER = ("works", "waits", "rests")


def stage(said: str, falls: str, replied: bool) -> Stage | None:
    """Where a matter stands on the board, by what its state says and when its clock ends (`over`, `soon`, `later`).

    None when it is not the unit's any more, and it never replied.
    """
    if said == "rests":
        return Stage.REPLIED if replied else None
    if falls == "over":
        return Stage.OVERDUE
    if said == "waits":
        return Stage.NOT_TAKEN
    return Stage.SOON if falls == "soon" else Stage.IN_TIME


def later_from(today: date) -> date:
    """The first day that is not soon."""
    return today + timedelta(days=SOON_DAYS + 1)
