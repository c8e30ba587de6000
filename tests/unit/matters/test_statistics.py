"""The published figures: each formula as it is published, and parts that are never greater than the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.matters.periods import Period, quarter_of, quarters_before, read_period
from liveroom.matters.promises import Standing, standing
from liveroom.matters.statistics import (
    DAYS,
    MEASURES,
    PARTS,
    TIME_TO_REPLY,
    Case,
    Figure,
    behind,
    count,
    opened,
    waiting,
)

Q3 = read_period("2026-Q3")
assert Q3 is not None
TODAY = date(2026, 10, 20)
CASE = Case(
    id="m", number="2026-0001", public=True, unit="water", deputy="d", session="s", end="", letter="", first_letter="",
    result="", dissatisfied=0, round=1, reopenings=0, asked=10, said_solved=0, said_unsolved=0,
    assigned_on=date(2026, 7, 1), first_due=date(2026, 9, 30), first_reply_on=None, closed_on=None,
)  # fmt: skip
REPLIED = replace(CASE, first_reply_on=date(2026, 9, 1), first_letter="A", letter="A")
CLOSED = replace(REPLIED, end="solved", closed_on=date(2026, 9, 20), result="satisfied")


def figure(name: str, *cases: Case, today: date = TODAY, period: Period | None = Q3) -> tuple[int, int]:
    assert period is not None
    found = count(cases, period, today).figures[name]
    return found.holds, found.of


def test_replied_on_time_is_counted_in_the_period_in_which_the_clock_ends() -> None:
    late = replace(REPLIED, first_reply_on=date(2026, 10, 1))
    assert figure("replied_on_time", REPLIED, late, CASE) == (1, 3)
    assert figure("replied_on_time", CASE, today=date(2026, 9, 30)) == (0, 0), "not before the day is over"
    withdrawn = replace(CASE, end="unsolved", closed_on=date(2026, 8, 1))
    assert figure("replied_on_time", withdrawn) == (0, 0), "what ended without a reply owes none"


def test_closed_is_of_what_was_accepted() -> None:
    assert figure("closed", CASE, REPLIED, CLOSED) == (1, 3)
    assert figure("closed", replace(CASE, end="unsolved", closed_on=date(2026, 8, 1))) == (0, 1)


def test_solved_is_closed_with_a_solving_reply_that_nobody_had_reopened() -> None:
    explained = replace(CLOSED, end="unsolved", letter="C")
    assert figure("solved", CLOSED, explained, replace(CLOSED, reopenings=1)) == (1, 3)


def test_silence_is_shown_apart_and_is_never_satisfied() -> None:
    silent = replace(CLOSED, result="no_response")
    basically = replace(CLOSED, result="basically_satisfied")
    assert figure("satisfied", CLOSED, silent, basically) == (1, 2)
    assert figure("basically_satisfied", CLOSED, silent, basically) == (1, 2)
    assert figure("no_response", CLOSED, silent, basically) == (1, 3)


def test_a_new_reply_does_not_make_a_dissatisfied_evaluation_unsaid() -> None:
    again = replace(REPLIED, result="", dissatisfied=1, round=2)
    assert figure("dissatisfied", again) == (1, 1)
    assert figure("rehandled", again, REPLIED) == (1, 2)


def test_confirmed_counts_people_who_were_asked() -> None:
    heard = replace(CLOSED, asked=10, said_solved=6, said_unsolved=1)
    assert figure("confirmed", heard, replace(CLOSED, asked=5)) == (6, 15)
    assert figure("confirmed", replace(CLOSED, end="unsolved", letter="C")) == (0, 0), "nobody was asked"


def test_planned_then_solved_begins_with_the_first_reply() -> None:
    planned = replace(REPLIED, first_letter="B", letter="B")
    assert figure("planned_then_solved", planned, replace(planned, letter="A"), REPLIED) == (1, 2)


def test_time_to_reply_is_a_time_that_a_reply_took() -> None:
    assert waiting([30, 10, 20]) == waiting([10, 20, 30])
    assert (waiting(range(1, 11)).median, waiting(range(1, 11)).p90) == (5, 9)
    assert waiting([]).median is None
    assert count([REPLIED], Q3, TODAY).waiting.median == 62


def test_groups_add_up() -> None:
    assert Q3 is not None
    found = count([CLOSED, replace(CASE, unit="roads")], Q3, TODAY, "unit")
    assert found.groups["water"]["closed"] == Figure(1, 1)
    assert found.groups["roads"]["closed"] == Figure(0, 1)


days = st.none() | st.dates(date(2026, 5, 1), date(2026, 12, 31))
small = st.integers(0, 3)
cases = st.builds(
    Case, id=st.text("ab", min_size=1, max_size=4), number=st.just("2026-0001"), public=st.booleans(),
    unit=st.sampled_from(["", "a", "b"]), deputy=st.sampled_from(["", "d"]), session=st.just("s"),
    end=st.sampled_from(["", "solved", "unsolved"]), letter=st.sampled_from(["", "A", "B", "C"]),
    first_letter=st.sampled_from(["", "A", "B", "C"]),
    result=st.sampled_from(["", "satisfied", "basically_satisfied", "dissatisfied", "no_response"]),
    dissatisfied=small, round=small, reopenings=small, asked=small, said_solved=small, said_unsolved=small,
    assigned_on=days, first_due=days, first_reply_on=days, closed_on=days, earlier=st.booleans(),
)  # fmt: skip


@given(st.lists(cases, max_size=12), st.sampled_from(["", "unit", "deputy", "session"]))
def test_no_part_is_greater_than_its_whole_and_every_figure_opens_its_list(found: list[Case], by: str) -> None:
    assert Q3 is not None
    counted = count(found, Q3, TODAY, by)
    for name, said in counted.figures.items():
        assert 0 <= said.holds <= said.of
        listed = {part: behind(found, Q3, TODAY, opened(name, part)) for part in ("of", "holds", "rest")}
        if name != "confirmed":
            assert (len(listed["holds"]), len(listed["of"])) == (said.holds, said.of)
            assert len(listed["holds"]) + len(listed["rest"]) == said.of
        assert sum(group[name].of for group in counted.groups.values()) <= said.of


@given(st.lists(cases, max_size=12))
def test_what_was_never_solved_is_never_counted_as_solved(found: list[Case]) -> None:
    assert Q3 is not None
    for case in behind(found, Q3, TODAY, opened("solved", "holds")):
        assert case.end == "solved"
    unsolved = [replace(case, end="unsolved") for case in found]
    assert count(unsolved, Q3, TODAY).figures["solved"].holds == 0


def test_every_measure_has_another_name() -> None:
    assert len(MEASURES) == 10


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2027", "2027-01-01", "2027-12-31"),
    ],
)
def test_a_period_has_its_first_and_last_day(name: str, first: str, last: str) -> None:
    period = read_period(name)
    assert period is not None
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert period.has(period.first)
    assert period.has(period.last)
    assert not period.has(period.last + timedelta(days=1))


@pytest.mark.parametrize("name", ["", "2026-Q5", "1999", "2026-Q", "x", "２０２６", "2026-q1"])
def test_what_is_no_period_is_none(name: str) -> None:
    assert read_period(name) is None


def test_quarters_follow_one_another() -> None:
    assert quarters_before(date(2026, 2, 3), 3) == ["2026-Q1", "2025-Q4", "2025-Q3"]
    assert quarter_of(date(2026, 12, 31)) == "2026-Q4"


@pytest.mark.parametrize(
    ("state", "end", "days", "expected"),
    [
        ("tracking", "", 1, Standing.PROMISED),
        ("tracking", "", 0, Standing.PROMISED),
        ("tracking", "", -1, Standing.DUE),
        ("closed", "solved", -1, Standing.KEPT),
        ("broken", "unsolved", -1, Standing.BROKEN),
        ("closed_unsolved", "unsolved", 1, Standing.EXPLAINED),
        ("closed_disputed", "unsolved", 1, Standing.DISPUTED),
        ("withdrawn", "unsolved", 1, None),
    ],
)
def test_a_promise_stands_as_its_matter_does(state: str, end: str, days: int, expected: Standing | None) -> None:
    assert standing(TODAY + timedelta(days=days), state, end, TODAY) is expected


def test_the_time_to_reply_opens_lists_that_come_to_its_numbers() -> None:
    assert Q3 is not None
    cases = [
        replace(REPLIED, id=f"m{n}", number=f"n{n}", first_reply_on=date(2026, 7, 1) + timedelta(days=days))
        for n, days in enumerate((40, 3, 9, 9, 21, 5, 6, 7, 8, 10))
    ]
    time = count(cases, Q3, TODAY).waiting
    assert (time.count, time.median, time.p90) == (10, 8, 21)
    sizes = {part: len(behind(cases, Q3, TODAY, opened(TIME_TO_REPLY, part, time))) for part in PARTS[TIME_TO_REPLY]}
    assert sizes == {"of": 10, "median": 5, "p90": 9, "rest": 1}
    assert behind(cases, Q3, TODAY, opened(TIME_TO_REPLY, "of"))[0].id == "m0", "what took longest stands first"
    assert behind([CASE], Q3, TODAY, opened(TIME_TO_REPLY, "of")) == []


def test_every_figure_has_its_parts_and_they_are_lists() -> None:
    assert Q3 is not None
    assert set(PARTS) == {*MEASURES, TIME_TO_REPLY}
    for name, parts in PARTS.items():
        for part in parts:
            assert behind([], Q3, TODAY, opened(name, part)) == []


@pytest.mark.parametrize("name", PARTS)
def test_a_figure_counts_nothing_whose_own_day_is_outside_the_period(name: str) -> None:
    """So that its list can be looked for by that day alone."""
    assert Q3 is not None
    wanted = opened(name, "of")
    assert wanted.day in DAYS
    cases = [replace(CLOSED, **{wanted.day: day}) for day in (None, date(2026, 6, 30), date(2026, 10, 1))]
    assert behind(cases, Q3, TODAY, wanted) == []
    assert behind([replace(CLOSED, first_letter="B")], Q3, TODAY, wanted), "with it inside there is one"
