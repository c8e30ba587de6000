"""Every step of every kind of every shipped rule set, in every state, for every role."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from liveroom.errors import Refused
from liveroom.matters.engine import decide, expire, possible
from liveroom.matters.guards import PERSONS, TIMES
from liveroom.matters.matter import Extension, Matter, Named, Reply, SourceQuestion
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.rooms.roles import Role, may
from tests.unit.matters.rule_sets import SETS, TODAY, VALUES, around, somebody

TARGET = Matter("other", number="2026-0002", state="handling")
KINDS = [(rules, kind) for rules in SETS for kind in rules.kinds]


def standing(rules: RuleSet, kind: str, state: str, role: Role, lead: str = "d") -> Matter:
    """A matter in which everything that people may do first is done, and everybody is somebody.

    The deputy who acts leads it, or is invited to sign beside another one.
    """
    stands = rules.kinds[kind].states[state]
    return Matter(
        "m",
        kind=kind,
        rules=rules.reference,
        number="2026-0001",
        state=state,
        end=stands.end,
        deputy=lead,
        invited=() if lead == "d" else ("d",),
        unit="u",
        co_units=(Named("u", "水务局"),) if role is Role.UNIT_OFFICER else (),
        clocks=dict.fromkeys(stands.clocks, TODAY + timedelta(days=60)),
        since=dict.fromkeys(stands.clocks, TODAY),
        contacts=1,
        reply=Reply("A", "答复", True),
        sources=(SourceQuestion("q", "s", "A7K2", ("原话",), 12),),
    )


@pytest.mark.parametrize(("rules", "kind"), KINDS, ids=[f"{rules.id} {kind}" for rules, kind in KINDS])
def test_every_step_is_granted_exactly_where_the_table_says(rules: RuleSet, kind: str) -> None:
    workflow = rules.kinds[kind]
    tried = 0
    for command, state, role, wished, lead in product(
        sorted(workflow.commands), sorted(workflow.states), Role, (False, True), ("d", "f")
    ):
        matter, by = standing(rules, kind, state, role, lead), somebody(role)
        if wished:
            clock = next((c for c in matter.clocks if rules.clocks[c].extendable), "reply")
            wish = Extension(clock, TODAY + timedelta(days=90), "原因")
            matter = replace(matter, wish=wish, confidential=True, consolidated_into="other")
        values = {**VALUES, "unit": "v", "until": (TODAY + timedelta(days=90)).isoformat()}
        at = around(asks=role is Role.VISITOR, target=TARGET)
        fitting = [
            row
            for row in workflow.rows_of(command, state)
            if may(by, row.permission)
            and all(PERSONS[g](matter, by, at.asks) for g in row.guards if g in PERSONS)
            and all(TIMES[g](matter) for g in row.guards if g in TIMES)
        ]
        tried += 1
        if fitting:
            after = apply(matter, decide(matter, rules, command, values, by, at))
            assert after.state in fitting[0].targets(state)
            assert after.final == (after.state in workflow.final_states)
            assert fitting[0] in possible(matter, rules, by, asks=at.asks)
            continue
        with pytest.raises(Refused) as caught:
            decide(matter, rules, command, values, by, at)
        assert caught.value.code in {"forbidden", "wrong_state"}, (command, state, role)
    assert tried == 4 * len(workflow.commands) * len(workflow.states) * len(Role)


@pytest.mark.parametrize(("rules", "kind"), KINDS, ids=[f"{rules.id} {kind}" for rules, kind in KINDS])
def test_the_system_steps_when_a_clock_has_ended_and_only_then(rules: RuleSet, kind: str) -> None:
    workflow = rules.kinds[kind]
    for name, state in workflow.states.items():
        for clock in state.clocks:
            matter = standing(rules, kind, name, Role.SYSTEM)
            last = matter.clocks[clock]
            assert expire(matter, rules, clock, around(last)) == [], "the last day is theirs"
            events = expire(matter, rules, clock, around(last + timedelta(days=1)))
            row = workflow.at_end_of(clock, name)
            assert bool(events) == (row is not None)
            if row is not None:
                after = apply(matter, events)
                assert after.state in row.targets(name)
                assert after.clocks.get(clock) != last, "it does not come again"
                assert expire(after, rules, clock, around(last + timedelta(days=1))) == []


def test_silence_is_never_satisfaction() -> None:
    for rules, kind in KINDS:
        for row in rules.kinds[kind].rows:
            if row.command in {"evaluate", "rate"} and row.at_end_of:
                assert set(row.sets.values()) == {"no_response"}


def test_the_shipped_sets_differ_in_clocks_letters_and_steps() -> None:
    one, other = SETS
    assert one.clocks["reply"].amount != other.clocks["reply"].amount
    assert set(one.letters) != set(other.letters)
    assert one.kinds["suggestion"].commands != other.kinds["suggestion"].commands
