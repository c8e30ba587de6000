"""Each condition on a value: true or false, never unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from liveroom.matters.conditions import (
    Above,
    Among,
    Condition,
    Every,
    Known,
    Not,
    Past,
    Some,
    UpTo,
    Within,
    fields,
    predicate,
)

TODAY = date(2026, 7, 3)


@dataclass
class Value:
    word: str = "a"
    number: int = 2
    first: date | None = date(2026, 7, 1)
    second: date | None = date(2026, 7, 3)
    never: date | None = None


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Among("word", ("a", "b")), True),
        (Among("word", ("b",)), False),
        (Among("word", ()), False),
        (Above("number", 1), True),
        (Above("number", 2), False),
        (Known("first"), True),
        (Known("never"), False),
        (UpTo("first", "second"), True),
        (UpTo("first", "first"), True),
        (UpTo("second", "first"), False),
        (UpTo("never", "first"), False),
        (UpTo("first", "never"), False),
        (Past("first"), True),
        (Past("second"), False),
        (Past("never"), False),
        (Within("first", "second", 2), True),
        (Within("first", "second", 1), False),
        (Within("second", "first", 0), True),
        (Within("never", "first", 9), False),
        (Every(), True),
        (Every(Known("first"), Known("second")), True),
        (Every(Known("first"), Known("never")), False),
        (Some(), False),
        (Some(Known("never"), Known("first")), True),
        (Some(Known("never"), Past("never")), False),
        (Not(Known("never")), True),
        (Not(UpTo("never", "first")), True),
    ],
)
def test_conditions_are_true_or_false(condition: Condition, expected: bool) -> None:
    assert predicate(condition)(Value(), TODAY) is expected


def test_a_condition_tells_its_fields() -> None:
    said = Every(
        Some(Among("a", ("x",)), Above("b", 1)), Not(UpTo("c", "d")), Within("e", "f", 3), Past("g"), Known("h")
    )
    assert fields(said) == frozenset("abcdefgh")
    assert fields(Every()) == frozenset()
