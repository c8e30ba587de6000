"""What waits because of a clock, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime

from liveroom.matters.timers import Timer, alarms, waiting
from tests.unit.matters.rule_sets import HEAD, OFFICE, STANDARD, Weekdays, assigned, handled

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
