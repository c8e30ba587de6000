"""The five stages of a unit's matters follow from what the tables say, whatever the states are called."""

from __future__ import annotations

from datetime import date

import pytest

from liveroom.matters.stages import Stage, later_from, stage, stages_of
from tests.unit.matters.rule_sets import SETS, STANDARD

SAID = stages_of(SETS)


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        ("suggestion", "registered", "rests"),
        ("suggestion", "assigned", "waits"),
        ("suggestion", "return_requested", "waits"),
        ("suggestion", "handling", "works"),
        ("suggestion", "rehandling", "works"),
        ("suggestion", "tracking", "works"),
        ("suggestion", "replied", "rests"),
        ("suggestion", "closed", "rests"),
        ("work_order", "received", "rests"),
        ("work_order", "forwarded", "waits"),
        ("commitment", "said", "waits"),
        ("commitment", "in_progress", "works"),
    ],
)
def test_a_state_says_whether_the_unit_waits_works_or_rests(kind: str, state: str, said: str) -> None:
    assert SAID[kind, state] == said


def test_every_state_of_every_kind_says_something() -> None:
    assert set(SAID) >= {(kind.kind, state) for kind in STANDARD.kinds.values() for state in kind.states}


@pytest.mark.parametrize(
    ("said", "falls", "replied", "at"),
    [
        ("waits", "later", False, Stage.NOT_TAKEN),
        ("waits", "soon", False, Stage.NOT_TAKEN),
        ("waits", "over", False, Stage.OVERDUE),
        ("works", "later", False, Stage.IN_TIME),
        ("works", "later", True, Stage.IN_TIME),
        ("works", "soon", False, Stage.SOON),
        ("works", "over", True, Stage.OVERDUE),
        ("rests", "over", True, Stage.REPLIED),
        ("rests", "later", False, None),
    ],
)
def test_every_matter_stands_at_one_stage_or_at_none(said: str, falls: str, replied: bool, at: Stage | None) -> None:
    assert stage(said, falls, replied) is at


def test_the_fifteenth_day_is_soon_and_the_sixteenth_is_not() -> None:
    assert later_from(date(2026, 3, 2)) == date(2026, 3, 18)
