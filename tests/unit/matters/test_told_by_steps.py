"""What of each step is told: the public ones, and of others only that those who asked have their say."""

from __future__ import annotations

import pytest

from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.sight import may_hang
from liveroom.matters.telling import ASKED, told_of


def step(what: str, to: str, turn: str, **more: object) -> MatterStep:
    return MatterStep(what, to, {"note": "内部", "text": "内部"}, day="2026-03-02", turn=turn, **more)


PUBLIC = step("reply", "done", "office")
CALL_BACK = step("call_back", "called_back", "askers", internal=True)
NOTED = step("enclose", "called_back", "askers", internal=True)
EVALUATED = step("evaluate", "asker_check", "askers")


def test_of_an_internal_step_with_which_their_turn_begins_nothing_but_that_is_told() -> None:
    public, begun, noted = told_of([PUBLIC, CALL_BACK, NOTED])
    assert public is PUBLIC
    assert begun is not None
    assert (begun.what, begun.to, begun.values, begun.sources) == (ASKED, "called_back", {}, ())
    assert noted is None, "it was their turn before"


def test_whose_turn_it_was_before_the_first_step_is_said() -> None:
    assert told_of([NOTED], turn="askers") == [None]
    assert [told is not None for told in told_of([CALL_BACK], turn="office")] == [True]


def test_a_public_step_with_which_their_turn_begins_is_told_itself() -> None:
    assert told_of([EVALUATED, NOTED]) == [EVALUATED, None]


@pytest.mark.parametrize(
    ("kind", "number", "public", "hidden", "hangs"),
    [
        ("suggestion", "2026-0001", False, False, True),
        ("suggestion", "", True, False, True),
        ("suggestion", "", False, False, False),
        ("suggestion", "", True, True, False),
        ("commitment", "C2026-0001", False, False, True),
        ("work_order", "W2026-0001", True, False, True),
        ("work_order", "W2026-0001", False, False, False),
        ("work_order", "W2026-0001", True, True, False),
    ],
)
def test_on_a_board_hangs_what_is_public_or_comes_from_what_was(
    kind: str, number: str, public: bool, hidden: bool, hangs: bool
) -> None:
    source = SourceQuestion("q", "s", "A-1", ("灯？",), 0, was_public=public)
    assert may_hang(Matter("m", kind, number=number, confidential=hidden, sources=(source,))) == hangs
