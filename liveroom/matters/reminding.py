"""Who of the staff is told what of a step (提醒, 催办, 通报), as a rule set, the matter and the people say.

Knows no account's address and no time of day: when and by which way somebody is told is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from liveroom.matters.fields import day
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.parties import DRAFTERS, parties
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.timers import late
from liveroom.rooms.roles import Actor, Permission, Role, may

OFFICE = "office"


class Why(StrEnum):
    """Why somebody is told, what presses most first: of two reasons for one step the first counts."""

    LISTED = "listed"  # 通报: overdue for so long that it is listed
    OVERDUE = "overdue"  # 催办: the last day has passed
    DUE = "due"  # today is the last day
    REMINDER = "reminder"  # 提醒: some days before it
    ASSIGNED = "assigned"  # it is their unit's turn now
    TURN = "turn"  # it is their turn now
    OPINION = "opinion"  # their unit is asked for its opinion
    SIGN = "sign"  # a reply waits for the head's signature
    INVITED = "invited"  # asked to sign with the lead deputy
    EXTENSION = "extension"  # a later date was granted, or was not
    RELEASED = "released"  # it is with their unit no more
    CONFIDENTIAL = "confidential"  # what everybody may see of it has changed

    @property
    def urgent(self) -> bool:
        """Told at once while people work; everything else comes with the morning's message.

        What lands on a unit starts its clock, and what is overdue is late already. All other clocks are days long, and
        a message for each step of each matter is one that nobody reads.
        """
        return self in {Why.LISTED, Why.OVERDUE, Why.ASSIGNED}

    @property
    def calls(self) -> bool:
        """Whether it says whose turn it is."""
        return self in {Why.ASSIGNED, Why.TURN, Why.OPINION, Why.INVITED}


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reason, and to whom it is said: `office`, `deputy:ID`, `unit:ID` (those who work on it) or `head:ID`."""

    why: Why
    whom: str


def reminders(before: Matter, events: Iterable[MatterStep], rules: RuleSet, by: Actor) -> list[list[Reminder]]:
    """What each step gives occasion to, what presses most first; mostly nothing."""
    found = []
    for event in events:
        after = apply(before, [event])
        said = dict.fromkeys(_of_step(before, event, after, rules, by))
        found.append(sorted(said, key=lambda reminder: _ORDER.index(reminder.why)))
        before = after
    return found


def receivers(told: Iterable[Reminder], people: Collection[Actor], but: str) -> dict[str, Why]:
    """Everybody who is told, each once, without whoever took the step (`but`)."""
    found: dict[str, Why] = {}
    for reminder in told:
        for person in _meant(reminder.whom, people):
            if person.id != but:
                found.setdefault(person.id, reminder.why)
    return found


_ORDER = list(Why)


def _of_step(before: Matter, event: MatterStep, after: Matter, rules: RuleSet, by: Actor) -> Iterator[Reminder]:
    match event.what:
        case "remind":
            yield from _of_clock(after, event, rules)
        case "overdue":
            for whom in _whose(after, event.values["clock"], rules):
                yield Reminder(Why.OVERDUE, whom)
                if whom.startswith("unit:"):
                    yield Reminder(Why.OVERDUE, whom.replace("unit:", "head:"))
        case "list_overdue":
            yield Reminder(Why.LISTED, OFFICE)
            for whom in _whose(after, event.values.get("clock", after.clock), rules):
                yield Reminder(Why.LISTED, whom.replace("unit:", "head:"))
        case "under_rules":
            # It stands where it stood for long.
            return
        case _:
            yield from _of_turns(before, after, by)
            yield from _of_command(before, event, after)


def _of_clock(matter: Matter, event: MatterStep, rules: RuleSet) -> Iterator[Reminder]:
    last, today = date.fromisoformat(event.values["due"]), day(event.day) or date.max
    if today > last:
        # Noted late, after an absence: that it is overdue is said anyway.
        return
    why = Why.DUE if today == last else Why.REMINDER
    yield from (Reminder(why, whom) for whom in _whose(matter, event.values["clock"], rules))


def _of_turns(before: Matter, after: Matter, by: Actor) -> Iterator[Reminder]:
    """Whose turn it is now and was not before; or is still, in another state into which somebody else has moved it."""
    had, moved = _turns(before), before.state != after.state
    for whom in _turns(after):
        if whom in had and not (moved and whom == _turn(after) and whom not in _names_of(by)):
            continue
        if whom == f"unit:{after.unit}":
            yield Reminder(Why.ASSIGNED, whom)
        elif whom.startswith("unit:"):
            yield Reminder(Why.OPINION, whom)
        elif whom.removeprefix("deputy:") in after.invited:
            yield Reminder(Why.INVITED, whom)
        else:
            yield Reminder(Why.TURN, whom)


def _of_command(before: Matter, event: MatterStep, after: Matter) -> Iterator[Reminder]:
    unit, deputy = f"unit:{after.unit}", f"deputy:{after.deputy}"
    match event.what:
        case "grant_extension" | "deny_extension":
            yield from (Reminder(Why.EXTENSION, whom) for whom in (unit, deputy))
        case "uphold" if event.values.get("was"):
            yield Reminder(Why.EXTENSION, deputy)
        case "make_confidential" | "make_public":
            yield Reminder(Why.CONFIDENTIAL, deputy)
        case "prepare_reply":
            yield Reminder(Why.SIGN, f"head:{after.unit}")
    if before.unit and (before.unit != after.unit or event.what in {"withdraw", "cancel"}):
        yield Reminder(Why.RELEASED, f"unit:{before.unit}")


def _turns(matter: Matter) -> set[str]:
    """Whose turn it is, by names of `Reminder`. Drafts are for whoever likes to: nobody is called to them."""
    turns = {name.removeprefix("turn:") for name in parties(matter) if name.startswith("turn:")}
    return turns - {DRAFTERS}


def _turn(matter: Matter) -> str:
    """Whose turn the state says it is; empty when nobody of the staff is waited for."""
    names = {"office": OFFICE, "deputy": f"deputy:{matter.deputy}", "unit": f"unit:{matter.unit}"}
    return names.get(matter.turn, "")


def _whose(matter: Matter, clock: str, rules: RuleSet) -> list[str]:
    """Whose clock it is, as the rule set says, by names of `Reminder`; nobody for those who asked."""
    match late(matter, clock, rules):
        case "office":
            return [OFFICE]
        case "deputy":
            return [f"deputy:{matter.deputy}"]
        case "unit":
            return [f"unit:{matter.unit}"]
        case "co_units":
            asked = (name for name in _turns(matter) if name.startswith("unit:"))
            return sorted(name for name in asked if name != f"unit:{matter.unit}")
    return []


def _names_of(by: Actor) -> set[str]:
    """As what somebody acts: their office, their unit, themselves."""
    found = {f"unit:{by.unit}", f"deputy:{by.id}"}
    return found | {OFFICE} if may(by, Permission.REVIEW) else found


def _meant(whom: str, people: Collection[Actor]) -> list[Actor]:
    """The people behind a name. A unit without officers is its head, one without a head its officers."""
    kind, _, name = whom.partition(":")
    match kind:
        case "office":
            return [person for person in people if may(person, Permission.REVIEW)]
        case "deputy":
            return [person for person in people if person.id == name and Role.DEPUTY in person.roles]
    theirs = [person for person in people if name and person.unit == name]
    asked = Role.UNIT_HEAD if kind == "head" else Role.UNIT_OFFICER
    return [person for person in theirs if asked in person.roles] or [p for p in theirs if may(p, Permission.HANDLE)]
