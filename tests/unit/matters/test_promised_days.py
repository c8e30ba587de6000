"""A day that was said stays: no reply moves it, and all extensions together have one end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.errors import Refused
from liveroom.matters import engine
from liveroom.matters.calendar import add_months
from liveroom.matters.guards import extensions
from liveroom.matters.matter import Extension
from liveroom.matters.rules import RuleSet
from tests.unit.matters.rule_sets import (
    COMPACT,
    HEAD,
    OFFICE,
    SETS,
    STANDARD,
    TODAY,
    Case,
    assigned,
    first_version,
    handled,
    judged,
    replied,
    replying,
)

DAY = timedelta(days=1)
PROMISED = date(2026, 12, 1)


def extended(case: Case, until: date) -> Case:
    return case.step("ask_extension", HEAD, {"until": until.isoformat(), "reason": "材料没到"}).step(
        "grant_extension", OFFICE
    )


def again(case: Case, letter: str, day: str = "") -> Case:
    return case.step("reply", HEAD, {"class": letter, "text": "答复", "promise_due": day})


@pytest.mark.parametrize("rules", [STANDARD, COMPACT, first_version("standard")], ids=lambda rules: rules.reference)
def test_no_reply_moves_a_promised_day_later(rules: RuleSet) -> None:
    case = judged(replied("B", rules))
    assert (case.matter.promised, case.matter.clocks["promise"]) == (PROMISED, PROMISED)
    commands = [name for name in ("reply", "prepare_reply") if name in rules.kind("suggestion").commands]
    for command in commands:
        with pytest.raises(Refused, match="promise_moved") as refused:
            case.step(command, HEAD, {"class": "B", "text": "再等等", "promise_due": "2026-12-02"})
        assert refused.value.detail["day"] == "2026-12-01"
    case = judged(again(case, "B", "2026-12-01"))
    assert case.matter.clocks["promise"] == PROMISED, "the same day is kept"
    assert judged(again(case, "A")).matter.state == "asker_check", "an A stays possible"


def test_an_earlier_day_is_the_one_that_then_stands() -> None:
    case = judged(again(judged(replied("B")), "B", "2026-10-01"))
    assert case.matter.clocks["promise"] == date(2026, 10, 1)
    with pytest.raises(Refused, match="promise_moved"):
        again(case, "B", "2026-12-01")


def test_a_reply_without_a_day_keeps_the_one_that_stands() -> None:
    case = judged(replied("B")).on(date(2026, 11, 1))
    assert judged(again(case, "B")).matter.clocks["promise"] == PROMISED
    assert case.matter.reply is not None
    assert case.matter.reply.promise_due == PROMISED
    tracked = judged(again(case, "C"))
    assert tracked.matter.clocks["promise"] == PROMISED, "a C does not begin another twelve months"
    assert judged(replied("C")).matter.clocks["promise"] == add_months(TODAY, 12)


def test_the_day_stands_also_when_the_deputy_was_dissatisfied() -> None:
    case = judged(replied("B"), "dissatisfied")
    with pytest.raises(Refused, match="promise_moved"):
        case.step("contact", HEAD, {"contact": "电话"}).step(
            "reply", HEAD, {"class": "B", "text": "明年", "promise_due": "2027-03-01"}
        )
    case.on(date(2027, 1, 4))
    case = judged(again(case, "B"))
    assert (case.matter.state, case.matter.due) == ("tracking", PROMISED), "past, and so it is overdue at once"
    with pytest.raises(Refused, match="extension_too_late"):
        case.step("ask_extension", HEAD, {"until": "2027-02-01", "reason": "材料没到"})


def test_a_promise_is_moved_by_a_granted_extension_with_its_reason_and_where_it_was() -> None:
    case = judged(replied("B")).on(date(2026, 11, 20))
    case.step("ask_extension", HEAD, {"until": "2027-02-01", "reason": "材料没到"})
    assert case.matter.clocks["promise"] == PROMISED
    assert "extension_decision" in case.matter.clocks
    case.step("grant_extension", OFFICE)
    assert case.matter.clocks == {"promise": date(2027, 2, 1)}
    assert case.matter.extensions == (Extension("promise", date(2027, 2, 1), "材料没到", PROMISED, 1),)
    assert (case.matter.promised, case.matter.said_promise) == (date(2027, 2, 1), PROMISED)
    assert case.matter.promise_due == date(2027, 2, 1)
    assert judged(again(case, "B", "2027-02-01")).matter.clocks["promise"] == date(2027, 2, 1)


def test_a_promise_is_extended_within_the_limit_of_the_rules_in_all() -> None:
    case = extended(judged(replied("B")), date(2027, 4, 1))
    for until, code in (("2027-06-02", "extension_too_long"), ("2027-04-01", "extension_not_later")):
        with pytest.raises(Refused, match=code):
            case.step("ask_extension", HEAD, {"until": until, "reason": "还要"})
    extended(case, date(2027, 6, 1))
    with pytest.raises(Refused, match="extensions_spent"):
        case.step("ask_extension", HEAD, {"until": "2027-06-02", "reason": "还要"})
    row = STANDARD.kind("suggestion").rows_of("ask_extension", "tracking")[0]
    assert [r.code for r in engine.obstacles(case.matter, STANDARD, row, case.at())] == ["extensions_spent"]


def test_extensions_have_an_end_altogether() -> None:
    case = handled()
    for until, code in (("2026-06-02", "extension_not_later"), ("2026-09-03", "extension_too_long")):
        with pytest.raises(Refused, match=code):
            case.step("ask_extension", HEAD, {"until": until, "reason": "因为"})
    extended(case, date(2026, 9, 2))
    with pytest.raises(Refused, match="extensions_spent"):
        case.step("ask_extension", HEAD, {"until": "2026-09-03", "reason": "因为"})


def test_what_was_granted_before_is_not_granted_anew_in_the_next_round_or_of_another_clock() -> None:
    case = extended(handled(), date(2026, 9, 2))
    spent = date(2026, 9, 2) - date(2026, 6, 2)
    case = judged(replying(case), "dissatisfied")
    assert case.matter.clocks["rehandling"] == date(2026, 4, 2)
    last = add_months(TODAY, 6) - spent
    assert extensions(case.matter, STANDARD) == (date(2026, 4, 3), last)
    with pytest.raises(Refused, match="extension_too_long"):
        case.step("ask_extension", HEAD, {"until": (last + DAY).isoformat(), "reason": "因为"})
    extended(case, last)
    tracked = judged(replying(case, "B"))
    assert (tracked.matter.state, tracked.matter.round) == ("tracking", 2)
    both = spent + (last - date(2026, 4, 2))
    assert extensions(tracked.matter, STANDARD) == (PROMISED + DAY, add_months(PROMISED, 6) - both)


def test_an_extension_is_asked_for_in_time_and_may_be_decided_later() -> None:
    late = handled().on(date(2026, 6, 3))
    with pytest.raises(Refused, match="extension_too_late"):
        late.step("ask_extension", HEAD, {"until": "2026-07-01", "reason": "因为"})
    case = handled().on(date(2026, 6, 2)).step("ask_extension", HEAD, {"until": "2026-07-01", "reason": "因为"})
    assert case.on(date(2026, 6, 5)).step("grant_extension", OFFICE).matter.due == date(2026, 7, 1)


def test_the_first_due_day_stays_known_after_an_extension() -> None:
    case = handled()
    assert case.matter.said_due == case.matter.first_due == date(2026, 6, 2)
    extended(extended(case, date(2026, 7, 1)), date(2026, 8, 3))
    assert (case.matter.said_due, case.matter.first_due) == (date(2026, 6, 2), date(2026, 8, 3))
    assert (case.matter.said_end("reply"), case.matter.said_end("promise")) == (date(2026, 6, 2), None)
    again = judged(replying(case), "dissatisfied").matter
    assert again.said_end("rehandling") == again.due


def said(promise: str = "2026-09-01", rules: RuleSet = STANDARD) -> Case:
    values = {"title": "装净水器", "unit": "u", "promise_due": promise}
    return Case(rules, "commitment").began("say", OFFICE, **values)


@pytest.mark.parametrize("rules", [STANDARD, COMPACT, first_version("standard")], ids=lambda rules: rules.reference)
def test_a_unit_does_not_confirm_a_later_day_than_was_said_on_the_air(rules: RuleSet) -> None:
    with pytest.raises(Refused, match="promise_moved"):
        said(rules=rules).step("confirm", HEAD, {"promise_due": "2026-09-02"})
    case = said(rules=rules).step("confirm", HEAD, {"promise_due": "2026-08-01"})
    assert case.matter.clocks["promise"] == date(2026, 8, 1)
    named = said("", rules).step("confirm", HEAD, {"promise_due": "2026-10-01"})
    assert named.matter.clocks["promise"] == date(2026, 10, 1), "where no day was said the unit names it"


def test_the_office_moves_a_disputed_day_with_its_reason_and_within_the_limit() -> None:
    case = said().step("dispute", HEAD, {"reason": "要先招标"})
    with pytest.raises(Refused, match="extension_too_long"):
        case.step("uphold", OFFICE, {"reason": "同意招标", "promise_due": "2027-03-02"})
    case.step("uphold", OFFICE, {"reason": "同意招标", "promise_due": "2026-11-01"})
    assert case.matter.clocks["promise"] == date(2026, 11, 1)
    assert case.matter.extensions == (Extension("promise", date(2026, 11, 1), "同意招标", date(2026, 9, 1), 1),)
    assert extensions(case.matter, STANDARD) == (date(2026, 11, 2), date(2027, 3, 1))
    upheld = said().step("dispute", HEAD, {"reason": "做不到"}).step("uphold", OFFICE, {"reason": "已经说了"})
    assert (upheld.matter.clocks["promise"], upheld.matter.extensions) == (date(2026, 9, 1), ())


def test_a_commitment_is_extended_by_the_office_and_the_wish_ends_with_the_day() -> None:
    case = extended(said().step("confirm", HEAD), date(2026, 10, 1)).step("start_work", HEAD)
    assert case.matter.clocks == {"promise": date(2026, 10, 1)}
    case.step("ask_extension", HEAD, {"until": "2026-11-01", "reason": "还要"})
    case.on(date(2026, 10, 2))
    case.took(engine.expire(case.matter, STANDARD, "promise", case.at()))
    assert (case.matter.state, case.matter.wish) == ("due", None)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_however_often_it_is_asked_all_extensions_together_stay_within_the_limit(data: st.DataObject) -> None:
    """Rounds, clocks and replies as they come: what was granted in all never exceeds what one clock could be given."""
    rules = data.draw(st.sampled_from(SETS))
    case, ends = assigned(rules).step("accept", HEAD), []
    for _ in range(data.draw(st.integers(2, 9))):
        room = extensions(case.matter, rules)
        ahead = case.matter.due is not None and case.matter.due >= case.today
        if room and ahead and data.draw(st.integers(0, 3)):
            first, last = max(room[0], case.today), room[1]
            if first <= last:
                extended(case, first + data.draw(st.integers(0, (last - first).days)) * DAY)
            continue
        case.on(case.today + data.draw(st.integers(0, 40)) * DAY)
        letter = data.draw(st.sampled_from("AB"))
        stands = case.matter.promised
        promise = (
            (stands or case.today + 100 * DAY).isoformat()
            if letter == "B" and (stands is None or stands >= case.today)
            else ""
        )
        if case.matter.state != "tracking":
            case.step("contact", HEAD, {"contact": "电话"})
        again(case, letter, promise)
        judged(case, data.draw(st.sampled_from(("dissatisfied", "satisfied"))))
        if case.matter.state == "escalated":
            case.step("supervise", OFFICE, {"note": "督办"})
        if case.matter.state == "asker_check":
            break
        ends.append(case.matter.promised)
    granted = sum((e.until - e.was for e in case.matter.extensions if e.was), timedelta())
    assert granted <= timedelta(days=31 * rules.limits.extended_months)
    moved = sum((e.until - e.was for e in case.matter.extensions if e.was and e.clock == "promise"), timedelta())
    days = [end for end in ends if end]
    assert not days or max(days) - days[0] <= moved, "without an extension no promise is moved"
