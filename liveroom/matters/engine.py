"""Decides what may happen to a matter and what follows: one engine for every kind. Knows no kind by name.

What is allowed stands in the rule set's table; what a command means for the record stands in `replay`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import structs

from liveroom.errors import Refused
from liveroom.matters import fields
from liveroom.matters.guards import (
    AGAIN,
    BEFOREHAND,
    CONDITIONS,
    DECIDERS,
    PERSONS,
    PROMISE,
    TIMES,
    Circumstances,
    extendable,
    furthest,
)
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.running import intervals, running
from liveroom.matters.workflow import Row
from liveroom.rooms.roles import SYSTEM, Actor, may, require


def begin(
    matter: Matter,
    rules: RuleSet,
    command: str,
    values: Mapping[str, str],
    by: Actor,
    at: Circumstances,
    sources: Sequence[SourceQuestion] = (),
) -> list[MatterStep]:
    """The first fact of a new matter of the kind that `matter` names. Raises what `decide` raises."""
    row = rules.kind(matter.kind).beginning(command)
    if row is None:
        raise Refused("not_found")
    require(by, row.permission)
    first = _step(matter, rules, row, _read(matter, row, values, rules, at), by, at)
    return [structs.replace(first, sources=tuple(sources), kind=matter.kind, rules=rules.reference)]


def decide(
    matter: Matter, rules: RuleSet, command: str, values: Mapping[str, str], by: Actor, at: Circumstances
) -> list[MatterStep]:
    """The facts that follow from a command; `values` are the fields as typed.

    Raises `Refused`: `not_found` (no such command), `forbidden`, `wrong_state`, what `fields.read` says of the fields,
    and what the conditions of `guards` say.
    """
    kind = rules.kind(matter.kind)
    if command not in kind.commands:
        raise Refused("not_found")
    rows = kind.rows_of(command, matter.state)
    row = next((row for row in rows if _may(row, matter, by, at.asks)), None)
    if row is None:
        theirs = [r for r in kind.rows if r.command == command and _belongs(r, matter, by, at.asks)]
        raise Refused("wrong_state", state=matter.state) if theirs else Refused("forbidden")
    return [_step(matter, rules, row, _read(matter, row, values, rules, at), by, at)]


def possible(matter: Matter, rules: RuleSet, by: Actor, *, asks: bool = False) -> list[Row]:
    """The rows that this person may take now, in the order of the table."""
    kind = rules.kind(matter.kind)
    return [r for r in kind.from_state(matter.state) if not r.at_end_of and _may(r, matter, by, asks)]


def obstacles(matter: Matter, rules: RuleSet, row: Row, at: Circumstances) -> list[Refused]:
    """What must happen before a step can be taken, whatever is filled in: a page says it before anybody tries."""
    found = []
    for guard in row.guards:
        if guard in BEFOREHAND:
            try:
                BEFOREHAND[guard](matter, {}, rules, at)
            except Refused as refused:
                found.append(refused)
    return found


def expire(matter: Matter, rules: RuleSet, clock: str, at: Circumstances) -> list[MatterStep]:
    """What the system does because a clock has ended: nothing when it has not, or when nothing is to be done."""
    ends = matter.clocks.get(clock)
    row = rules.kind(matter.kind).at_end_of(clock, matter.state)
    if row is None or ends is None or ends >= at.today:
        return []
    return [_step(matter, rules, row, dict(row.sets), SYSTEM, at)]


def note(matter: Matter, what: str, values: Mapping[str, str], today: date, *, internal: bool = False) -> MatterStep:
    """A fact that leaves the matter where it stands: the other side of a link, a missed day."""
    return MatterStep(
        what=what,
        to=matter.state,
        values={name: value for name, value in values.items() if value},
        day=today.isoformat(),
        end=matter.end,
        turn=matter.turn,
        internal=internal,
    )


def adopt_rules(matter: Matter, rules: RuleSet, at: Circumstances) -> list[MatterStep]:
    """A matter of before there were rule sets comes under one: its clocks begin, a due date that it had stays."""
    state = rules.kind(matter.kind).states.get(matter.state)
    if matter.rules or state is None:
        return []
    fact = structs.replace(note(matter, "under_rules", {}, at.today, internal=True), rules=rules.reference)
    fact = structs.replace(fact, turn=state.turn, end=state.end)
    return [structs.replace(fact, clocks=running(matter, apply(matter, [fact]), state, rules, at))]


def _step(matter: Matter, rules: RuleSet, row: Row, kept: dict[str, str], by: Actor, at: Circumstances) -> MatterStep:
    kept |= row.sets
    kept |= _meant(matter, rules, row, kept, by, at)
    _promise_stands(matter, rules, row, kept)
    for guard in row.guards:
        if guard in CONDITIONS:
            CONDITIONS[guard](matter, kept, rules, at)
    choice = DECIDERS[row.decided_by].decide(matter, kept, rules) if row.decided_by else ""
    if choice == "reopened":
        kept["reopens"] = "yes"
    to = row.to(matter.state, choice)
    state = rules.kind(matter.kind).states[to]
    fact = MatterStep(
        what=row.command,
        to=to,
        values={name: value for name, value in kept.items() if value},
        day=at.today.isoformat(),
        end=state.end,
        turn=state.turn,
        again=choice in AGAIN,
        internal=not row.public,
    )
    clocks = running(matter, apply(matter, [fact]), state, rules, at, kept, row.restarts)
    return fact if clocks == intervals(matter) else structs.replace(fact, clocks=clocks)


def _read(matter: Matter, row: Row, values: Mapping[str, str], rules: RuleSet, at: Circumstances) -> dict[str, str]:
    points = [point.name for point in rules.kind(matter.kind).checklist]
    read = {
        field.name: fields.read(
            field,
            values.get(field.name, ""),
            at.today,
            units=at.units,
            deputies=at.deputies,
            letters=rules.letters,
            points=points,
        )
        for field in row.fields
    }
    return fields.fitting(read)


def _meant(
    matter: Matter, rules: RuleSet, row: Row, kept: Mapping[str, str], by: Actor, at: Circumstances
) -> dict[str, str]:
    """What is written beside the fields, so that the fact says all by itself: names, numbers, who signed."""
    said: dict[str, str] = {}
    if kept.get("unit"):
        said["unit_name"] = at.units[kept["unit"]]
    if kept.get("deputy"):
        said["deputy_name"] = at.deputies[kept["deputy"]]
    if kept.get("co_units"):
        others = [unit for unit in fields.names(kept["co_units"]) if unit != kept.get("unit")]
        said |= {"co_units": ",".join(others), "co_units_names": "\n".join(at.units[unit] for unit in others)}
    if row.numbers and not matter.number:
        said["number"] = at.number
    if set(fields.names(kept.get("others", ""))) & _asked_already(matter, row.command, kept):
        raise Refused("bad_choice", field="others")
    match row.command:
        case "adopt":
            said |= {"deputy": by.id, "deputy_name": by.name}
        case "decline" | "lapse":
            said |= _next_deputy(matter, at)
        case "redraft":
            # Nobody has signed what is written anew.
            said |= {"deputy": "", "others": "", "unsigned": "yes"}
        case "send_back":
            said["leaves"] = "unit"
        case "cosign" | "decline_cosign":
            said |= {"signer": by.id, "signer_name": by.name}
        case "check":
            said["who"] = by.id
        case "give_opinion":
            said |= {"by_unit": by.unit or "", "by_unit_name": at.units.get(by.unit or "", by.name)}
        case "ask_extension":
            said["clock"] = extendable(matter, rules)
        case "grant_extension":
            until = kept.get("until") or (matter.wish.until.isoformat() if matter.wish else "")
            clock = extendable(matter, rules)
            was = matter.clocks[clock].isoformat() if clock else ""
            said |= {"clock": clock, "until": until, "was": was, "round": str(matter.round)}
        case "uphold" if _later(matter, kept) and matter.promised:
            said |= {"was": matter.promised.isoformat(), "round": str(matter.round)}
        case "prepare_reply" | "reply":
            letter = rules.letters.get(kept.get("class", ""))
            if letter and letter.needs_promise and not kept.get(PROMISE) and matter.promised:
                said[PROMISE] = matter.promised.isoformat()
            if row.command == "reply":
                means = "solved" if letter and letter.solved else ""
                said |= {"signed_by": by.id, "signed_name": by.name, "means": means}
        case "consolidate" if at.target:
            said |= {"into_id": at.target.id, "into": at.target.number}
    return said


def _asked_already(matter: Matter, command: str, kept: Mapping[str, str]) -> set[str]:
    """Whom nobody asks beside the others: who is asked first, or leads, has signed, is being asked to sign."""
    if command == "offer":
        return {kept["deputy"]}
    return {matter.deputy, *matter.invited, *(signer.id for signer in matter.joint)}


def _promise_stands(matter: Matter, rules: RuleSet, row: Row, kept: Mapping[str, str]) -> None:
    """A day that was promised is moved later by the office alone, with a public reason and within the limit.

    Whatever the rule set says: a reply that names a later day is none.
    """
    if not _later(matter, kept) or matter.promised is None:
        return
    if row.command != "uphold":
        raise Refused("promise_moved", day=matter.promised.isoformat())
    dated = [name for name, clock in rules.clocks.items() if clock.dated_by == PROMISE]
    last = max((furthest(matter, rules, name) for name in dated), default=matter.promised)
    if kept[PROMISE] > last.isoformat():
        raise Refused("extension_too_long", limit=rules.limits.extended_months, last=last.isoformat())


def _later(matter: Matter, kept: Mapping[str, str]) -> bool:
    """Whether a day is named that is later than the one that was promised."""
    named = fields.day(kept.get(PROMISE))
    return named is not None and matter.promised is not None and named > matter.promised


def _next_deputy(matter: Matter, at: Circumstances) -> dict[str, str]:
    """Who is asked when the one who was asked declines or is silent."""
    if not matter.others:
        return {}
    following, *others = matter.others
    return {"deputy": following, "deputy_name": at.deputies.get(following, ""), "others": ",".join(others)}


def _belongs(row: Row, matter: Matter, by: Actor, asks: bool) -> bool:
    """Whether the row is for this person at all."""
    persons = (PERSONS[guard] for guard in row.guards if guard in PERSONS)
    return not row.at_end_of and may(by, row.permission) and all(fits(matter, by, asks) for fits in persons)


def _may(row: Row, matter: Matter, by: Actor, asks: bool) -> bool:
    times = (TIMES[guard] for guard in row.guards if guard in TIMES)
    return _belongs(row, matter, by, asks) and all(fits(matter) for fits in times)
