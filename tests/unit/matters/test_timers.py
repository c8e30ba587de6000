"""What waits because of a clock, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime

from liveroom.matters import engine
from liveroom.matters.matter import Listing, MatterStep
from liveroom.matters.replay import apply
from liveroom.matters.timers import Timer, alarms, late, waiting
from tests.unit.matters.rule_sets import (
    COMPACT,
    HEAD,
    OFFICE,
    SETS,
    STANDARD,
    Case,
    Weekdays,
    assigned,
    first_version,
    handled,
    judged,
    replied,
)

DAYS = Weekdays()


def said(found: list[Timer]) -> list[tuple[str, str, str]]:
    return [(t.clock, t.what, t.at.strftime("%m-%d %H:%M")) for t in found]


def test_a_clock_reminds_is_due_ends_and_is_listed() -> None:
    # Due on Tuesday 2 June; five working days later is Tuesday 9 June.
    assert said(waiting(handled().matter, STANDARD, DAYS)) == [
        ("reply", "reminder-15", "05-18 01:00"),
        ("reply", "reminder-5", "05-28 01:00"),
        ("reply", "due", "06-02 01:00"),
        ("reply", "overdue", "06-02 16:00"),
        ("reply", "overdue-listed", "06-09 16:00"),
    ]


def test_a_clock_at_whose_end_the_system_steps_ends_at_midnight_in_china() -> None:
    found = [t for t in waiting(assigned().matter, STANDARD, DAYS) if t.clock == "acceptance"]
    assert [t.what for t in found] == ["reminder-2", "due", "end"]
    assert found[-1].at == datetime(2026, 3, 11, 16, tzinfo=UTC)


def test_a_reminder_before_the_clock_began_is_none() -> None:
    found = waiting(handled(due="2026-03-10").matter, STANDARD, DAYS)
    assert [t.what for t in found if t.clock == "reply"] == ["reminder-5", "due", "overdue", "overdue-listed"]


def test_only_clocks_that_changed_are_touched() -> None:
    before = assigned()
    old = before.matter
    accepted = before.step("accept", HEAD).matter
    assert alarms(old, accepted, STANDARD, DAYS).void == ("acceptance",)
    assert alarms(old, accepted, STANDARD, DAYS).timers == ()
    case = handled().step("ask_extension", HEAD, {"until": "2026-08-03", "reason": "汛期"})
    asked = case.matter
    change = alarms(asked, case.step("grant_extension", OFFICE).matter, STANDARD, DAYS)
    assert set(change.void) == {"reply", "extension_decision"}
    assert {timer.ends for timer in change.timers} == {date(2026, 8, 3)}


def test_every_clock_of_the_shipped_sets_says_whose_it_is() -> None:
    for rules in SETS:
        assert all(clock.whose for clock in rules.clocks.values())
    returned = assigned().step("request_return", HEAD, {"reason": "不归我们管"}).matter
    assert (returned.turn, late(returned, "reply", STANDARD)) == ("office", "unit")
    assert late(returned, "return_decision", STANDARD) == "office"
    assert late(assigned(co_units="v").matter, "co_opinion", STANDARD) == "co_units"


def test_a_set_that_does_not_say_it_means_whose_turn_it_is_and_without_a_unit_none_is_late() -> None:
    returned = assigned(first_version("standard")).step("request_return", HEAD, {"reason": "不归我们管"}).matter
    assert late(returned, "reply", first_version("standard")) == "office"
    waiting_for_a_unit = Case(COMPACT, "work_order").began("receive", OFFICE).matter
    assert late(waiting_for_a_unit, "quick_reply", COMPACT) == "office"


def listed(case: Case, clock: str, **more: str) -> Case:
    said = {"clock": clock, "due": case.matter.clocks[clock].isoformat(), **more}
    return case.took([engine.note(case.matter, "list_overdue", said, case.today)])


def test_only_a_clock_that_runs_is_listed_and_a_later_one_inherits_nothing() -> None:
    case = listed(handled(), "reply", late="unit")
    due = case.matter.clocks["reply"]
    assert (case.matter.late, case.matter.listings) == ("unit", (Listing("reply", due, "unit"),))
    case.step("ask_extension", HEAD, {"until": "2026-08-03", "reason": "汛期"}).step("grant_extension", OFFICE)
    assert case.matter.late == "", "it has another end now"
    listed(case, "reply", late="unit")
    case.step("contact", HEAD, {"contact": "电话"}).step("reply", HEAD, {"class": "A", "text": "好"})
    assert (case.matter.late, len(case.matter.listings)) == ("", 2)
    assert judged(case, "dissatisfied").matter.late == ""


def test_a_line_of_before_means_whose_turn_it_was() -> None:
    case = handled()
    line = MatterStep(
        "list_overdue", "handling", {"clock": "reply", "due": "2026-06-02"}, day="2026-06-10", turn="unit"
    )
    assert apply(case.matter, [line]).late == "unit"


def test_a_promise_that_passed_while_the_reply_was_evaluated_is_overdue_at_once_and_reminds_nobody() -> None:
    case = judged(replied("B")).on(date(2026, 11, 20)).step("reply", HEAD, {"class": "B", "text": "快了"})
    judged(case.on(date(2026, 12, 5)))
    assert said([t for t in waiting(case.matter, STANDARD, DAYS) if t.clock == "promise"]) == [
        ("promise", "overdue", "12-01 16:00"),
        ("promise", "overdue-listed", "12-08 16:00"),
    ]
