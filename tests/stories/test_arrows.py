"""Every arrow of the diagrams is taken by a story: what the shipped rules allow against what the stories' logs say."""

from __future__ import annotations

from tests.support import arrows
from tests.unit.matters.rule_sets import STANDARD


def test_every_arrow_that_a_person_or_a_clock_can_take_is_taken_by_a_story() -> None:
    people, clocks = arrows.shipped(STANDARD)
    took = arrows.table().values()
    assert people - {one for row in took for one in row[0]} == set()
    assert clocks - {one for row in took for one in row[1]} == set()


def test_no_story_tells_of_an_arrow_that_there_is_not() -> None:
    people, clocks = arrows.shipped(STANDARD)
    for story, row in arrows.table().items():
        assert row[0] <= people, story
        assert row[1] <= clocks, story
