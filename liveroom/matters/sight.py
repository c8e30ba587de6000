"""How much of a matter somebody sees (不公开 and all else that keeps it from view). Knows no list, no page, no clock.

Everything that shows a matter asks here. Where a list is searched in SQL its condition stands in
`storage/matter_lists.py`, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum

from liveroom.matters.matter import Matter
from liveroom.matters.parties import FOR_EVERYBODY, concerns
from liveroom.rooms.roles import Actor, visitor

ANYBODY = visitor("")
"""Whoever looks without saying who they are."""


class Sight(IntEnum):
    """Each level shows what the ones before it show, and more."""

    NOTHING = 0  # as if there were no such matter
    COUNTED = 1  # one more in the figures: no number, no word
    STANDING = 2  # number, kind, state, unit and days: what GeoReport answers of a work order
    FACE = 3  # what everybody reads of a public matter
    WHOLE = 4  # as those see it whose work it is


def sight(matter: Matter, by: Actor = ANYBODY, codes: Collection[str] = ()) -> Sight:
    """How much `by` sees, who holds the tracking codes of the questions `codes`.

    An account and a token of the API are the same here: roles, unit and identifier decide. Those who asked follow a
    matter from its draft on, and a work order, too; of what is confidential they see no more than anybody.
    """
    if concerns(matter, by):
        return Sight.WHOLE
    if matter.confidential:
        return Sight.COUNTED if matter.number else Sight.NOTHING
    if any(source.question in codes for source in matter.sources):
        return Sight.FACE
    if not matter.number:
        return Sight.NOTHING
    return Sight.FACE if matter.kind in FOR_EVERYBODY else Sight.STANDING


def everybody_reads(matter: Matter) -> bool:
    """Whether it is public."""
    return sight(matter) >= Sight.FACE


def is_told_of(matter: Matter) -> bool:
    """Whether its public steps may be spoken of to those whom they concern: whoever asked, or knows the number."""
    return sight(matter, codes=[source.question for source in matter.sources]) >= Sight.STANDING


def may_hang(matter: Matter) -> bool:
    """Whether its public steps may be put up where everybody passes: it is public, or what it comes from was."""
    return everybody_reads(matter) or (is_told_of(matter) and all(source.was_public for source in matter.sources))
