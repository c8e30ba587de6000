"""What of the steps of a matter is told to those who follow it. Knows no follower, no clock and no word."""

from __future__ import annotations

from collections.abc import Iterable

from liveroom.matters.matter import MatterStep, is_public

ASKERS = "askers"
ASKED = "asked"
"""What is told of an internal step with which the turn of those who asked begins: that it has, and nothing of it."""


def told_of(steps: Iterable[MatterStep], turn: str = "") -> list[MatterStep | None]:
    """For each step what is told of it, None for nothing. `turn` is whose turn it was before the first one.

    A rule set may keep a step to the staff, such as the call back of a work order with its note. That those who asked
    have their say from then on is told all the same, by whatever rule set and version the matter goes.
    """
    told: list[MatterStep | None] = []
    for step in steps:
        begins = step.turn == ASKERS != turn
        turn = step.turn
        told.append(step if is_public(step) else _asked(step) if begins else None)
    return told


def _asked(step: MatterStep) -> MatterStep:
    return MatterStep(ASKED, step.to, day=step.day, turn=step.turn)
