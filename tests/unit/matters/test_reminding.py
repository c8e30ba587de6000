"""Who of the staff is told what: turns, clocks, what was decided about a unit's wish."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec import structs

from liveroom.errors import Refused
from liveroom.matters import engine
from liveroom.matters.engine import note
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.reminding import Reminder, Why, receivers, reminders
from liveroom.matters.rules import RuleSet
from liveroom.rooms.roles import SYSTEM, Actor, Role
from tests.unit.matters.rule_sets import (
    ADMITTED,
    ASKER,
    CO_HEAD,
    DEPUTY,
    HEAD,
    OFFICE,
    OTHER,
    SETS,
    STANDARD,
    Case,
    assigned,
    drafted,
    handled,
    judged,
    replied,
)

OFFICER = Actor("g", "经办", frozenset({Role.UNIT_OFFICER}), "u")
COLLEAGUE = Actor("o2", "工委同事", frozenset({Role.OFFICE}))
AUDITOR = Actor("a", "审计员", frozenset({Role.AUDITOR}))
PEOPLE = (OFFICE, COLLEAGUE, DEPUTY, OTHER, HEAD, OFFICER, CO_HEAD, AUDITOR)


def told(case: Case, command: str, by: Actor, **values: str) -> dict[str, str]:
    """Whom one more step is told, and why."""
    before, events = case.matter, engine.decide(case.matter, case.rules, command, values, by, case.at())
    case.took(events)
    return said(before, events, by)


def said(before: Matter, events: list[MatterStep], by: Actor, rules: RuleSet = STANDARD) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in reminders(before, events, rules, by):
        found |= {account: why.value for account, why in receivers(one, PEOPLE, by.id).items()}
    return found


def clock(case: Case, what: str, name: str, today: date | None = None) -> dict[str, str]:
    """Whom a line about a clock is told."""
    ends = case.matter.clocks[name]
    line = note(case.matter, what, {"clock": name, "due": ends.isoformat()}, today or ends)
    return said(case.matter, [line], SYSTEM)


def test_a_matter_on_its_way_calls_each_whose_turn_it_becomes_and_nobody_who_acted() -> None:
    case = drafted()
    assert told(case, "offer", OFFICE, deputy="d") == {"d": "turn"}
    assert told(case, "decline", DEPUTY, reason="不熟悉") == {"o": "turn", "o2": "turn"}
    assert told(case, "offer", OFFICE, deputy="d") == {"d": "turn"}
    assert told(case, "adopt", DEPUTY, signature="林") == {"o": "turn", "o2": "turn"}
    assert told(case, "invite", DEPUTY, others="e") == {"e": "invited"}
    assert told(case, "cosign", OTHER, signature="陈") == {}
    assert told(case, "take_up", OFFICE) == {}, "a colleague has it in hand"
    assert told(case, "return", OFFICE, reason="补充地点") == {"d": "turn"}
    assert told(case, "adopt", DEPUTY, signature="林") == {"o": "turn", "o2": "turn"}
    assert told(case, "register", OFFICE, **ADMITTED) == {}
    assert told(case, "assign", OFFICE, unit="u", co_units="v") == {"g": "assigned", "c": "opinion"}
    assert told(case, "request_return", OFFICER, reason="不归我们") == {"o": "turn", "o2": "turn"}
    assert told(case, "deny_return", OFFICE, reason="归你们") == {"g": "assigned"}
    assert told(case, "contact", OFFICER, contact="电话") == {}
    assert told(case, "give_opinion", CO_HEAD, text="意见") == {}
    assert told(case, "prepare_reply", OFFICER, **{"class": "A", "text": "答复"}) == {"h": "sign"}
    assert told(case, "reply", HEAD, **{"class": "A", "text": "答复"}) == {"d": "turn"}
    assert told(case, "evaluate", DEPUTY, attitude="satisfied", result="dissatisfied") == {"g": "assigned"} | {
        "c": "opinion"
    }


def test_a_unit_is_told_that_it_has_it_no_more() -> None:
    case = assigned()
    told(case, "request_return", OFFICER, reason="不归我们")
    assert told(case, "approve_return", OFFICE, unit="v") == {"c": "assigned", "g": "released"}
    assert told(case, "withdraw", DEPUTY, reason="已经解决") == {"c": "released"}


def test_an_extension_is_asked_of_the_office_and_its_answer_told_to_unit_and_deputy() -> None:
    for command, values in (("grant_extension", {}), ("deny_extension", {"reason": "不急"})):
        case = handled()
        asked = told(case, "ask_extension", OFFICER, until="2026-07-01", reason="汛期")
        assert asked == {"o": "turn", "o2": "turn"}
        assert told(case, command, OFFICE, **values) == {"g": "extension", "d": "extension"}


def test_a_second_dissatisfied_evaluation_calls_the_office_and_its_supervision_the_unit() -> None:
    case = judged(replied(), "dissatisfied")
    case.step("contact", HEAD, {"contact": "电话"}).step("reply", HEAD, {"class": "A", "text": "再答复"})
    evaluated = told(case, "evaluate", DEPUTY, attitude="satisfied", result="dissatisfied")
    assert evaluated == {"o": "turn", "o2": "turn"}
    assert told(case, "supervise", OFFICE, note="督办") == {"g": "assigned"}


def test_what_everybody_may_see_of_it_is_the_lead_deputys_affair() -> None:
    case = handled()
    assert told(case, "make_confidential", OFFICE, reason="隐私") == {"d": "confidential"}
    assert told(case, "make_public", OFFICE, reason="已处理") == {"d": "confidential"}
    assert told(case, "make_confidential", DEPUTY, reason="隐私") == {}


def test_an_asker_who_reopens_calls_the_unit() -> None:
    case = judged(replied())
    before, at = case.matter, case.at(asks=True)
    events = engine.decide(before, STANDARD, "check", {"solved": "no"}, ASKER, at)
    assert said(before, events, ASKER) == {"g": "assigned"}


def test_silence_that_accepts_is_told_to_the_unit_whose_turn_it_still_is() -> None:
    case = assigned()
    events = engine.expire(case.matter, STANDARD, "acceptance", case.on(date(2026, 4, 1)).at())
    assert [event.what for event in events] == ["accept"]
    assert said(case.matter, events, SYSTEM) == {"g": "assigned"}


def test_reminders_go_to_whose_turn_it_is_the_overdue_to_the_head_too_and_the_list_to_head_and_office() -> None:
    case = handled()
    earlier = date(2026, 5, 18)
    assert clock(case, "remind", "reply", earlier) == {"g": "reminder"}
    assert clock(case, "remind", "reply") == {"g": "due"}
    assert clock(case, "overdue", "reply") == {"g": "overdue", "h": "overdue"}
    assert clock(case, "list_overdue", "reply") == {"h": "listed", "o": "listed", "o2": "listed"}
    late = date(2026, 9, 1)
    assert clock(case, "remind", "reply", late) == {}, "that it is overdue is said anyway"


def test_each_clock_is_for_those_who_can_stop_it() -> None:
    case = drafted()
    assert clock(case, "overdue", "drafting") == {"o": "overdue", "o2": "overdue"}
    case.step("offer", OFFICE, {"deputy": "e"})
    assert clock(case, "remind", "adoption") == {"e": "due"}
    case = assigned(co_units="v")
    assert clock(case, "remind", "co_opinion") == {"c": "due"}
    assert clock(case, "remind", "acceptance") == {"g": "due"}
    case.step("request_return", OFFICER, {"reason": "不归我们"})
    assert clock(case, "remind", "return_decision") == {"o": "due", "o2": "due"}
    # It never pauses: the unit hears of it while the office decides.
    assert clock(case, "remind", "reply") == {"g": "due"}
    case = handled().step("ask_extension", OFFICER, {"until": "2026-07-01", "reason": "汛期"})
    assert clock(case, "remind", "extension_decision") == {"o": "due", "o2": "due"}
    case = judged(replied())
    assert clock(case, "remind", "asker_check") == {}, "those who asked are nobody of the staff"


def test_a_unit_without_officers_is_its_head_and_one_without_a_head_its_officers() -> None:
    asked = [Reminder(Why.ASSIGNED, "unit:v"), Reminder(Why.OVERDUE, "head:w")]
    alone = Actor("x", "经办", frozenset({Role.UNIT_OFFICER}), "w")
    assert receivers(asked, [*PEOPLE, alone], "") == {"c": Why.ASSIGNED, "x": Why.OVERDUE}
    assert receivers([Reminder(Why.ASSIGNED, "unit:")], PEOPLE, "") == {}


def test_of_two_reasons_for_one_step_what_presses_most_counts() -> None:
    both = Actor("b", "一人", frozenset({Role.UNIT_HEAD, Role.UNIT_OFFICER}), "u")
    case = handled()
    ends = case.matter.clocks["reply"].isoformat()
    lines = [note(case.matter, what, {"clock": "reply", "due": ends}, date(2026, 7, 1)) for what in ("overdue",)]
    (found,) = reminders(case.matter, lines, STANDARD, SYSTEM)
    assert receivers(found, [both], "") == {"b": Why.OVERDUE}


def test_a_matter_that_comes_under_rules_calls_nobody() -> None:
    old = structs.replace(note(handled().matter, "under_rules", {}, date(2026, 3, 2)), turn="unit")
    assert reminders(handled().matter, [old], STANDARD, SYSTEM) == [[]]


@pytest.mark.parametrize("rules", SETS)
def test_whatever_becomes_the_turn_of_the_staff_is_told_somebody(rules: RuleSet) -> None:
    """From every state, by every row that a person of the staff may take: who must act next has been called."""
    for case in (drafted(rules), assigned(rules), handled(rules), replied(rules=rules)):
        for by in (OFFICE, DEPUTY, HEAD):
            for row in engine.possible(case.matter, case.rules, by):
                values = {"deputy": "e", "unit": "v", "reason": "原因", "signature": "名", "contact": "电话"}
                values |= {"class": "A", "text": "答复", "until": "2026-07-01", "attitude": "satisfied"}
                values |= {"result": "dissatisfied", "title": "题", "body": "文", "others": "e", **ADMITTED}
                try:
                    events = engine.decide(case.matter, case.rules, row.command, values, by, case.at())
                except Refused:
                    continue
                after = events[-1]
                if after.turn in {"office", "deputy", "unit"} and after.turn != case.matter.turn:
                    assert said(case.matter, events, by, rules), row.command


def test_a_deputy_hears_that_the_office_moved_the_day_of_a_commitment() -> None:
    for day, hears in (("2026-11-01", True), ("2026-08-01", False)):
        case = Case(STANDARD, "commitment").began("say", OFFICE, unit="u", deputy="d", promise_due="2026-09-01")
        case.step("dispute", HEAD, {"reason": "要先招标"})
        found = told(case, "uphold", OFFICE, reason="同意招标", promise_due=day)
        assert (found.get("d") == "extension") == hears
