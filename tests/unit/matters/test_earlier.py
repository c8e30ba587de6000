"""Suggestions of earlier years: every day is the list's, nothing unsolved is solved, what is open goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.exchange.past import COLUMNS, read_old
from liveroom.matters import engine
from liveroom.matters.earlier import Unclear, take_over
from liveroom.matters.matter import Matter, Named
from liveroom.matters.promises import Standing, standing
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.sight import everybody_reads
from tests.support.earlier import CLOSED, OPEN, row
from tests.unit.matters.rule_sets import COMPACT, HEAD, SETS, STANDARD, TODAY, around

AT = around(date(2026, 3, 2))
REPLIED = {"replied_on": "2025-06-01", "class": "B", "reply": "列入计划。", "promise_due": "2026-12-01"}


def read(cells: dict[str, str]) -> dict[str, str]:
    return dict(read_old({**{column.name: "" for column in COLUMNS}, **cells}).values)


def taken(cells: dict[str, str], rules: RuleSet = STANDARD) -> Matter:
    return apply(Matter("m"), [take_over(read(cells), rules, AT)])


def unclear(cells: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(Unclear) as caught:
        taken(cells)
    return caught.value.column, caught.value.code


def test_a_closed_one_is_what_the_list_says() -> None:
    matter = taken(CLOSED)
    assert (matter.number, matter.state, matter.end, everybody_reads(matter)) == ("2019-045", "closed", "solved", True)
    assert (matter.began_on, matter.assigned_on) == (date(2019, 3, 5), date(2019, 3, 20))
    assert (matter.first_due, matter.first_reply_on) == (date(2019, 6, 20), date(2019, 6, 10))
    assert (matter.closed_on, matter.clocks) == (date(2019, 7, 1), {})
    assert matter.joint == (Named("e", "陈代表"), Named("", "何代表")), "whoever is gone keeps the name"
    assert (matter.deputy, matter.unit, matter.co_units) == ("d", "v", (Named("", "交通局"),))
    assert matter.reply is not None
    assert (matter.reply.solved, matter.attitude, matter.result) == (True, "satisfied", "basically_satisfied")
    assert matter.rules == STANDARD.reference


def test_days_that_the_list_does_not_say_stay_unsaid() -> None:
    matter = taken(row(CLOSED, assigned_on="", due="", replied_on="", closed_on=""))
    assert (matter.assigned_on, matter.first_due, matter.first_reply_on, matter.closed_on) == (None, None, None, None)
    assert matter.end == "solved"


@pytest.mark.parametrize("letter", ["B", "C", "D", "b 类"])
def test_what_was_planned_or_explained_is_never_solved(letter: str) -> None:
    cells = row(CLOSED, class_=letter, promise_due="2020-01-01")
    matter = taken(cells)
    assert (matter.state, matter.end, matter.solved) == ("closed_explained", "unsolved", False)
    assert unclear(row(cells, state="已解决，办结")) == ("class", "letter_open")
    assert matter.promised == date(2020, 1, 1)
    assert standing(date(2020, 1, 1), matter.state, matter.end, TODAY) is Standing.EXPLAINED


@pytest.mark.parametrize("rules", SETS)
def test_an_open_one_goes_on_with_the_clock_that_began_at_its_assignment(rules: RuleSet) -> None:
    matter = taken(OPEN, rules)
    months = {"standard": date(2025, 6, 20), "compact": date(2025, 5, 20)}
    assert (matter.state, matter.rules) == ("handling", rules.reference)
    assert (matter.due, matter.since["reply"]) == (months[rules.id], date(2025, 3, 20))
    assert matter.first_due == matter.due
    dated = taken(row(OPEN, due="2026-05-01"), rules)
    assert (dated.due, dated.first_due) == (date(2026, 5, 1), date(2026, 5, 1))
    steps = {r.command for r in engine.possible(matter, rules, replace(HEAD, unit="u"))}
    assert {"contact", "reply", "ask_extension"} <= steps


def test_other_clocks_begin_today() -> None:
    matter = taken(row(OPEN, state="已交办", co_units="财政局"))
    assert list(matter.clocks) == ["reply", "acceptance", "co_opinion"]
    assert matter.since["acceptance"] == matter.since["co_opinion"] == AT.today
    waiting = taken(row(OPEN, state="已答复，待代表评价", **REPLIED))
    assert (waiting.turn, waiting.clock, waiting.since["evaluation"]) == ("deputy", "evaluation", AT.today), (
        "nobody is silent before anybody asked"
    )
    again = taken(row(OPEN, state="重新办理", **REPLIED, result="不满意"))
    assert (again.clock, again.round, again.dissatisfied) == ("rehandling", 2, 1)


def test_a_promise_that_is_tracked_stands_in_the_ledger() -> None:
    matter = taken(row(OPEN, state="跟踪落实中", **REPLIED))
    assert (matter.clock, matter.due, matter.promised) == ("promise", date(2026, 12, 1), date(2026, 12, 1))
    assert standing(date(2026, 12, 1), matter.state, matter.end, TODAY) is Standing.PROMISED


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (row(CLOSED, state="飞走了"), ("state", "state_unknown")),
        (row(OPEN, state="起草中"), ("state", "state_elsewhere")),
        (row(OPEN, state="督办"), ("state", "state_unknown")),
        (row(CLOSED, class_="X"), ("class", "letter_unknown")),
        (row(CLOSED, class_=""), ("class", "cell_needed")),
        (row(OPEN, state="办结"), ("class", "cell_needed")),
        (row(OPEN, state="已解决，办结"), ("class", "cell_needed")),
        (row(OPEN, unit="没有的局"), ("unit", "unit_unknown")),
        (row(OPEN, co_units="没有的局"), ("co_units", "unit_unknown")),
        (row(OPEN, deputy="走了的代表"), ("deputy", "deputy_unknown")),
        (row(OPEN, assigned_on=""), ("assigned_on", "cell_needed")),
        (row(OPEN, unit=""), ("unit", "cell_needed")),
        (row(OPEN, closed_on="2025-07-01"), ("closed_on", "state_open")),
        (row(OPEN, class_="A"), ("class", "state_open")),
        (row(OPEN, state="跟踪落实中", **{**REPLIED, "promise_due": ""}), ("promise_due", "cell_needed")),
        (row(OPEN, state="跟踪落实中", **{**REPLIED, "class": "A"}), ("class", "letter_open")),
        (row(OPEN, state="已答复", **{**REPLIED, "reply": ""}), ("reply", "cell_needed")),
        (row(CLOSED, closed_on="2026-03-03"), ("closed_on", "day_ahead")),
        (row(OPEN, due="2036-03-03"), ("due", "date_out_of_range")),
        (row(OPEN, number="2026-0001"), ("number", "number_ours")),
        (row(OPEN, number="W2027-1"), ("number", "number_ours")),
    ],
)
def test_what_no_matter_can_come_of_is_told_by_its_column(cells: dict[str, str], found: tuple[str, str]) -> None:
    assert unclear(cells) == found


def test_numbers_of_earlier_years_are_kept() -> None:
    for number in ("2025-0001", "C2019-3", "RD2026-1", "2026年45", "十四届三次045"):
        assert taken(row(OPEN, number=number)).number == number


def test_a_deputy_of_whom_there_are_two_is_known_by_name_alone() -> None:
    twice = replace(AT, deputies={"d": "林代表", "f": "林代表"})
    fact = take_over(read(CLOSED), STANDARD, twice)
    assert (apply(Matter("m"), [fact]).deputy, apply(Matter("m"), [fact]).deputy_name) == ("", "林代表")
    with pytest.raises(Unclear):
        take_over(read(OPEN), STANDARD, twice)


STATES = [state.zh for rules in (STANDARD, COMPACT) for state in rules.kind("suggestion").states.values()]


@given(
    rules=st.sampled_from(SETS),
    state=st.sampled_from([*STATES, "办结", "办理中", "已答复", "不明"]),
    letter=st.sampled_from(["", "A", "B", "C", "D"]),
    gone=st.sets(st.sampled_from(["unit", "assigned_on", "due", "replied_on", "reply", "closed_on", "co_units"])),
)
def test_whatever_is_taken_over_stands_as_its_rules_have_it(
    rules: RuleSet, state: str, letter: str, gone: set[str]
) -> None:
    cells = row(CLOSED, state=state, class_=letter, promise_due="2026-12-01", co_units="财政局")
    if not letter:
        cells |= dict.fromkeys(("replied_on", "reply", "attitude", "result", "promise_due"), "")
    try:
        matter = taken({**cells, **dict.fromkeys(gone, "")}, rules)
    except Unclear:
        return
    stands = rules.kind("suggestion").states[matter.state]
    assert (matter.end, matter.turn) == (stands.end, stands.turn)
    assert set(matter.clocks) <= set(stands.clocks)
    assert not matter.solved or rules.letters[matter.letter].solved
    if matter.turn == "unit":
        assert matter.unit
    if stands.clocks and not matter.end:
        assert matter.clocks
