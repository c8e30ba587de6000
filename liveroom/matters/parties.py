"""Whom a matter concerns, and whose turn it is, as names that lists can be searched by. Knows no list."""

from __future__ import annotations

from liveroom.matters.matter import Matter
from liveroom.rooms.roles import Actor, Permission, Role, may

FOR_EVERYBODY = frozenset({"suggestion", "commitment"})
"""Kinds that are public from their numbers on. A work order holds what somebody told a hotline."""

UNSAID = frozenset({"prepare_reply", "give_opinion"})
"""Steps whose words are the units' and the office's until the reply is signed."""

DRAFTERS = "drafters"
OFFICE_TURN = "turn:office"
EXTENSION_ASKED = "asks:extension"
WORKERS = (
    Permission.DRAFT,
    Permission.ADOPT,
    Permission.REVIEW,
    Permission.HANDLE,
    Permission.REPLY,
    Permission.EVALUATE,
)


def parties(matter: Matter) -> frozenset[str]:
    """`deputy:ID`, `unit:ID` and `drafters` are those who see it; with `turn:` in front those who must act now.

    What is confidential and drafted anew is the office's: whoever may draft is more than whom it concerns.
    `asks:extension` is what waits for the office to decide about a later date.
    """
    deputies = {matter.deputy, *matter.invited, *(signer.id for signer in matter.joint)} - {""}
    units = {matter.unit, *(unit.id for unit in matter.co_units)} - {""}
    found = {f"deputy:{deputy}" for deputy in deputies} | {f"unit:{unit}" for unit in units}
    if matter.state == "draft" and not matter.confidential:
        found |= {DRAFTERS, f"turn:{DRAFTERS}"}
    match matter.turn:
        case "office":
            found.add(OFFICE_TURN)
        case "deputy" if matter.deputy:
            found.add(f"turn:deputy:{matter.deputy}")
        case "unit" if matter.unit:
            found.add(f"turn:unit:{matter.unit}")
    if matter.wish is not None or "extension_decision" in matter.clocks:
        found.add(OFFICE_TURN)
    if matter.wish is not None:
        found.add(EXTENSION_ASKED)
    if not matter.number and not matter.end:
        # Afterwards nobody can sign any more, and whoever did not answer is not waited for.
        found |= {f"turn:deputy:{deputy}" for deputy in matter.invited}
    given = {opinion.unit for opinion in matter.opinions}
    if "co_opinion" in matter.clocks:
        found |= {f"turn:unit:{unit.id}" for unit in matter.co_units if unit.id not in given}
    return frozenset(found)


def names_of(by: Actor) -> frozenset[str]:
    """The parties that a person is. The office is none: it sees everything."""
    found = {DRAFTERS} if may(by, Permission.DRAFT) else set()
    if Role.DEPUTY in by.roles:
        found.add(f"deputy:{by.id}")
    if by.unit:
        found.add(f"unit:{by.unit}")
    return frozenset(found)


def turns_of(by: Actor) -> frozenset[str]:
    """The turns that are a person's."""
    found = {f"turn:{name}" for name in names_of(by)}
    return frozenset(found | {OFFICE_TURN}) if may(by, Permission.REVIEW) else frozenset(found)


def is_turn(matter: Matter, by: Actor) -> bool:
    """Whether this person must act now."""
    return bool(parties(matter) & turns_of(by))


def concerns(matter: Matter, by: Actor) -> bool:
    """Whose work a matter is: the office's all, drafts of whoever may draft, a deputy's own, a unit's own."""
    return may(by, Permission.REVIEW) or bool(parties(matter) & names_of(by))


def reads_drafts(by: Actor) -> bool:
    """Whether this person reads what a unit has not said yet: the units, and the office."""
    return may(by, Permission.REVIEW) or bool(by.unit)


def has_work(by: Actor) -> bool:
    """Whether the work list is for this person."""
    return any(may(by, permission) for permission in WORKERS)
