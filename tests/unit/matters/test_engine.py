"""What happens to suggestions, commitments and work orders under the shipped rule sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from liveroom.errors import Refused
from liveroom.matters import engine
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.sight import everybody_reads
from liveroom.rooms.roles import Actor, Role
from tests.unit.matters.rule_sets import (
    ADMITTED,
    ASKER,
    CO_HEAD,
    COMPACT,
    DEPUTY,
    HEAD,
    OFFICE,
    OTHER,
    STANDARD,
    TODAY,
    Case,
    around,
    assigned,
    drafted,
    handled,
    judged,
    replied,
    replying,
)

DAY = timedelta(days=1)


def expired(case: Case, clock: str) -> Case:
    """The day after the clock's last one, when the system does what follows."""
    case.on(case.matter.clocks[clock] + DAY)
    return case.took(engine.expire(case.matter, case.rules, clock, case.at()))


def test_the_whole_way_to_solved() -> None:
    case = judged(replied("A"))
    assert (case.matter.state, case.matter.attitude, case.matter.result) == ("asker_check", "satisfied", "satisfied")
    case.step("check", ASKER, {"solved": "yes"}, asks=True)
    assert case.matter.state == "asker_check", "others may still be heard"
    expired(case, "asker_check")
    assert (case.matter.state, case.matter.solved, case.matter.final) == ("closed", True, True)
    assert case.matter.clocks == {}
    assert case.matter.first_reply_on == TODAY


def test_the_clock_starts_at_assignment_and_only_an_extension_moves_it() -> None:
    case = assigned()
    due = date(2026, 6, 2)
    assert (case.matter.due, case.matter.clock, case.matter.first_due) == (due, "reply", due)
    assert case.matter.clocks["acceptance"] == date(2026, 3, 11), "seven working days"
    case.on(date(2026, 3, 5)).step("request_return", HEAD, {"reason": "不归我们管"})
    case.step("approve_return", OFFICE, {"unit": "v"})
    assert (case.matter.unit, case.matter.clocks["reply"]) == ("v", due), "another unit has no more time"
    case.step("accept", CO_HEAD).step("contact", CO_HEAD, {"contact": "电话"})
    assert case.matter.clocks == {"reply": due}
    case.step("ask_extension", CO_HEAD, {"until": "2026-09-01", "reason": "要等汛期"})
    assert case.matter.clocks["reply"] == due
    assert "extension_decision" in case.matter.clocks
    case.step("grant_extension", OFFICE)
    assert case.matter.clocks == {"reply": date(2026, 9, 1)}
    assert case.matter.since["reply"] == TODAY
    assert case.matter.extensions[0].reason == "要等汛期"


def test_the_office_may_write_another_date_at_assignment() -> None:
    assert assigned(due="2026-04-01").matter.due == date(2026, 4, 1)


def test_an_extension_that_waits_is_decided_before_another_is_asked_for() -> None:
    case = handled()
    case.step("ask_extension", HEAD, {"until": "2026-08-01", "reason": "因为"})
    with pytest.raises(Refused, match="wrong_state"):
        case.step("ask_extension", HEAD, {"until": "2026-08-02", "reason": "因为"})
    case.step("deny_extension", OFFICE, {"reason": "不必"})
    assert (case.matter.wish, case.matter.due) == (None, date(2026, 6, 2))
    with pytest.raises(Refused, match="wrong_state"):
        case.step("grant_extension", OFFICE)


def test_silence_accepts_after_seven_working_days_and_denies_a_return() -> None:
    case = expired(assigned(), "acceptance")
    assert case.matter.state == "handling"
    asked = assigned().step("request_return", HEAD, {"reason": "不归我们管"})
    assert expired(asked, "return_decision").matter.state == "handling"


def test_returns_are_limited_and_go_to_another_unit() -> None:
    case = assigned().step("request_return", HEAD, {"reason": "一"})
    with pytest.raises(Refused, match="bad_choice"):
        case.step("approve_return", OFFICE, {"unit": "u"})
    case.step("approve_return", OFFICE, {"unit": "v"}).step("request_return", CO_HEAD, {"reason": "二"})
    case.step("approve_return", OFFICE, {"unit": "u"})
    with pytest.raises(Refused, match="returns_spent"):
        case.step("request_return", HEAD, {"reason": "三"})


def test_a_deputy_who_declines_or_is_silent_makes_room_for_the_next() -> None:
    case = drafted().step("offer", OFFICE, {"deputy": "d", "others": "e"})
    case.on(TODAY + DAY).step("decline", DEPUTY, {"reason": "不熟悉"})
    assert (case.matter.state, case.matter.deputy, case.matter.deputy_name) == ("awaiting_adoption", "e", "陈代表")
    assert case.matter.clocks["adoption"] == TODAY + 8 * DAY, "the next one has as long"
    expired(case, "adoption")
    assert (case.matter.state, case.matter.deputy) == ("draft", "")


def test_joint_signers_are_invited_by_the_lead_and_sign_themselves() -> None:
    case = drafted().step("adopt", DEPUTY, {"signature": "林"})
    with pytest.raises(Refused, match="forbidden"):
        case.step("cosign", OTHER, {"signature": "陈"})
    case.step("invite", DEPUTY, {"others": "e"}).step("cosign", OTHER, {"signature": "陈"})
    assert [signer.name for signer in case.matter.joint] == ["陈代表"]
    assert case.matter.invited == ()
    for nobody in ("d", "e", "d,e"):
        with pytest.raises(Refused, match="bad_choice"):
            case.step("invite", DEPUTY, {"others": nobody})
    with pytest.raises(Refused, match="forbidden"):
        case.step("cosign", OTHER, {"signature": "陈"})


def test_whoever_is_asked_already_is_not_asked_again() -> None:
    with pytest.raises(Refused, match="bad_choice"):
        drafted().step("offer", OFFICE, {"deputy": "d", "others": "e,d"})
    case = drafted().step("adopt", DEPUTY, {"signature": "林"}).step("invite", DEPUTY, {"others": "e"})
    with pytest.raises(Refused, match="bad_choice"):
        case.step("invite", DEPUTY, {"others": "e"})
    assert case.matter.invited == ("e",)


def test_a_lead_who_was_invited_before_does_not_sign_twice() -> None:
    case = drafted().step("adopt", DEPUTY, {"signature": "林"}).step("invite", DEPUTY, {"others": "e"})
    case.step("return", OFFICE, {"reason": "再想想"}).step("redraft", DEPUTY, {"reason": "不提了"})
    case.step("adopt", OTHER, {"signature": "陈"})
    with pytest.raises(Refused, match="forbidden"):
        case.step("cosign", OTHER, {"signature": "陈"})


def test_returned_for_revision_the_lead_edits_and_signs_again() -> None:
    case = drafted().step("adopt", DEPUTY, {"signature": "林"}).step("return", OFFICE, {"reason": "写具体些"})
    assert (case.matter.state, case.matter.deputy) == ("returned_for_revision", "d")
    case.step("edit", DEPUTY, {"title": "新", "body": "更具体"}).step("adopt", DEPUTY, {"signature": "林"})
    assert (case.matter.state, case.matter.title) == ("submitted", "新")
    case.step("return", OFFICE, {"reason": "再改"}).step("redraft", DEPUTY, {"reason": "不想提了"})
    assert (case.matter.state, case.matter.deputy) == ("draft", "")


def test_nobody_has_signed_what_is_written_anew() -> None:
    case = drafted().step("adopt", DEPUTY, {"signature": "林"}).step("invite", DEPUTY, {"others": "e"})
    case.step("cosign", OTHER, {"signature": "陈"}).step("return", OFFICE, {"reason": "再想想"})
    assert [signer.name for signer in case.matter.joint] == ["陈代表"]
    case.step("redraft", DEPUTY, {"reason": "不提了"})
    assert (case.matter.joint, case.matter.invited, case.matter.deputy) == ((), (), "")


def test_what_is_not_admitted_says_what_happens_instead() -> None:
    case = drafted().step("adopt", DEPUTY, {"signature": "林"})
    case.step("not_admit", OFFICE, {**ADMITTED, "instead": "work_order", "reason": "属于工单"})
    assert (case.matter.state, case.matter.solved, everybody_reads(case.matter)) == ("not_admitted", False, False)


@pytest.mark.parametrize(
    ("instead", "name", "said"), [("referral", "referred_to", "省交通厅"), ("text_answer", "answer", "已经修好")]
)
def test_a_referral_names_to_whom_and_an_answer_is_the_answer(instead: str, name: str, said: str) -> None:
    fields = {**ADMITTED, "instead": instead, "reason": "不属本级"}
    case = drafted().step("adopt", DEPUTY, {"signature": "林"})
    with pytest.raises(Refused, match="empty") as refused:
        case.step("not_admit", OFFICE, fields)
    assert refused.value.detail["field"] == name
    case.step("not_admit", OFFICE, {**fields, "referred_to": "省交通厅", "answer": "已经修好"})
    values = case.events[-1].values
    assert values[name] == said
    assert len({"referred_to", "answer"} & set(values)) == 1, "what belongs to another choice is left out"


def test_a_co_units_opinion_is_waited_for_until_its_clock_ends() -> None:
    case = handled(co_units="v,u")
    assert [unit.id for unit in case.matter.co_units] == ["v"], "the lead unit is no co-unit"
    assert case.matter.clocks["co_opinion"] == date(2026, 4, 2)
    case.step("contact", HEAD, {"contact": "电话"})
    answer = {"class": "A", "text": "好"}
    with pytest.raises(Refused, match="opinions_missing"):
        case.step("reply", HEAD, answer)
    with pytest.raises(Refused, match="forbidden"):
        case.step("give_opinion", HEAD, {"text": "同意"})
    late = replace(case.at(), today=date(2026, 4, 3))
    assert engine.decide(case.matter, case.rules, "reply", answer, HEAD, late), "nobody waits for ever"
    case.step("give_opinion", CO_HEAD, {"text": "同意"})
    assert "co_opinion" not in case.matter.clocks
    assert case.step("reply", HEAD, answer).matter.state == "replied"


def test_a_reply_needs_contact_a_promise_and_the_heads_name() -> None:
    case = handled()
    with pytest.raises(Refused, match="contact_missing"):
        case.step("reply", HEAD, {"class": "A", "text": "好"})
    case.step("contact", HEAD, {"contact": "电话"})
    with pytest.raises(Refused, match="promise_missing"):
        case.step("reply", HEAD, {"class": "B", "text": "会的"})
    officer = Actor("p", "经办", frozenset({Role.UNIT_OFFICER}), "u")
    case.step("prepare_reply", officer, {"class": "A", "text": "拟稿"})
    assert case.matter.prepared is not None
    with pytest.raises(Refused, match="forbidden"):
        case.step("reply", officer, {"class": "A", "text": "好"})
    case.step("reply", HEAD, {"class": "A", "text": "好"})
    assert case.matter.reply is not None
    assert (case.matter.reply.signed_name, case.matter.reply.solved, case.matter.prepared) == ("负责人", True, None)


@pytest.mark.parametrize(
    ("letter", "result", "attitude", "state"),
    [
        ("A", "satisfied", "satisfied", "asker_check"),
        ("A", "basically_satisfied", "dissatisfied", "asker_check"),
        ("A", "dissatisfied", "satisfied", "rehandling"),
        ("B", "satisfied", "satisfied", "tracking"),
        ("C", "satisfied", "satisfied", "tracking"),
        ("D", "satisfied", "satisfied", "closed_explained"),
        ("D", "dissatisfied", "satisfied", "rehandling"),
    ],
)
def test_the_evaluation_leads_where_the_letter_says(letter: str, result: str, attitude: str, state: str) -> None:
    case = judged(replied(letter), result, attitude)
    assert (case.matter.state, case.matter.attitude) == (state, attitude)


def test_under_the_other_rules_a_bad_attitude_alone_is_escalated_at_once() -> None:
    case = judged(replied("A", COMPACT), "satisfied", "dissatisfied")
    assert case.matter.state == "escalated"
    assert judged(replied("C", COMPACT)).matter.state == "closed_unsolved"


def test_silence_is_no_response_and_leads_on() -> None:
    case = expired(replied("A"), "evaluation")
    assert (case.matter.state, case.matter.result) == ("asker_check", "no_response")


def test_twice_dissatisfied_is_escalated_and_handled_under_supervision() -> None:
    case = judged(replied("A"), "dissatisfied")
    assert (case.matter.state, case.matter.round, case.matter.contacts) == ("rehandling", 2, 0)
    assert case.matter.due == date(2026, 4, 2)
    case = judged(replying(case), "dissatisfied")
    assert (case.matter.state, case.matter.dissatisfied) == ("escalated", 2)
    case.step("supervise", OFFICE, {"note": "列入督办"})
    assert (case.matter.state, case.matter.supervised, case.matter.round) == ("rehandling", True, 3)
    assert judged(replying(case)).matter.state == "asker_check"


def test_an_asker_reopens_once_by_right_and_is_heard_again_without() -> None:
    case = judged(replied("A"))
    with pytest.raises(Refused, match="forbidden"):
        case.step("check", ASKER, {"solved": "no"})
    case.step("check", ASKER, {"solved": "no", "comment": "还是没船"}, asks=True)
    assert (case.matter.state, case.matter.round, case.matter.reopenings) == ("rehandling", 2, 1)
    case = judged(replying(case))
    case.step("check", ASKER, {"solved": "no"}, asks=True)
    assert (case.matter.state, case.matter.reopenings) == ("asker_check", 1)
    with pytest.raises(Refused, match="already_checked"):
        case.step("check", ASKER, {"solved": "yes"}, asks=True)
    assert [check.solved for check in case.matter.checks] == [False]


@pytest.mark.parametrize("rules", [STANDARD, COMPACT], ids=lambda rules: rules.id)
def test_what_those_who_asked_say_is_not_solved_never_ends_as_solved(rules: RuleSet) -> None:
    for said, state in (("yes", "closed"), ("no", "closed_disputed"), ("", "closed")):
        case = judged(replied("A", rules))
        for _ in range(rules.limits.reopenings):
            case.step("check", ASKER, {"solved": "no"}, asks=True)
            case = judged(replying(case))
        if said:
            case.step("check", ASKER, {"solved": said}, asks=True)
            case.step("check", replace(ASKER, id="another"), {"solved": "yes"}, asks=True)
        expired(case, "asker_check")
        assert (case.matter.state, case.matter.solved) == (state, said != "no")


def test_a_no_that_was_answered_by_a_new_reply_is_not_held_against_it() -> None:
    case = judged(replied("A")).step("check", ASKER, {"solved": "no"}, asks=True)
    assert expired(judged(replying(case)), "asker_check").matter.state == "closed"


def test_b_is_tracked_until_its_promise_and_becomes_a_or_is_explained() -> None:
    case = judged(replied("B"))
    assert (case.matter.state, case.matter.due, case.matter.clock) == ("tracking", date(2026, 12, 1), "promise")
    case.on(date(2026, 12, 20))
    assert engine.expire(case.matter, case.rules, "promise", case.at()) == [], "a missed promise closes nothing"
    solved = judged(case.step("reply", HEAD, {"class": "A", "text": "装好了"}))
    assert (solved.matter.state, solved.matter.first_letter, solved.matter.letter) == ("asker_check", "B", "A")
    given_up = judged(replied("C")).step("explain", HEAD, {"text": "没有资金"})
    assert (given_up.matter.state, given_up.matter.solved) == ("closed_unsolved", False)


def test_consolidated_matters_are_linked_and_each_goes_its_own_way() -> None:
    case = assigned()
    main = Matter("other", number="2026-0002", state="handling")
    case.step("consolidate", OFFICE, {"into": "2026-0002"}, target=main)
    assert (case.matter.state, case.matter.consolidated_into) == ("assigned", "other")
    other = apply(main, [engine.note(main, "took_in", {"matter": "m"}, TODAY)])
    assert (other.consolidates, other.state) == (("m",), "handling")
    for wrong in (None, case.matter, replace(main, end="solved"), replace(main, consolidated_into="x")):
        with pytest.raises(Refused, match="bad_link"):
            assigned().step("consolidate", OFFICE, {"into": "2026-0002"}, target=wrong)
    assert case.step("separate", OFFICE, {"reason": "不同"}).matter.consolidated_into == ""


def test_confidential_matters_are_not_public_until_they_are_made_so() -> None:
    case = handled().step("make_confidential", OFFICE, {"reason": "涉及未成年人"})
    assert (everybody_reads(case.matter), case.events[-1].internal) == (False, True)
    assert everybody_reads(case.step("make_public", OFFICE, {"reason": "可以公开"}).matter)


def test_the_lead_withdraws_before_a_reply() -> None:
    assert handled().step("withdraw", DEPUTY, {"reason": "已解决"}).matter.state == "withdrawn"
    with pytest.raises(Refused, match="wrong_state"):
        replied().step("withdraw", DEPUTY, {"reason": "已解决"})


def commitment() -> Case:
    told = {"title": "装净水器", "unit": "u", "promise_due": "2026-09-01"}
    return Case(STANDARD, "commitment").began("say", OFFICE, **told)


def test_a_commitment_is_confirmed_by_silence_falls_due_and_breaks() -> None:
    case = expired(commitment(), "confirmation")
    assert (case.matter.state, case.matter.due) == ("confirmed", date(2026, 9, 1))
    expired(case, "promise")
    assert case.matter.state == "due"
    expired(case, "grace")
    assert (case.matter.state, case.matter.solved) == ("broken", False)


def test_a_commitment_that_is_kept_is_verified_and_looked_back_at() -> None:
    case = commitment().step("confirm", HEAD).step("start_work", HEAD).step("claim_done", HEAD, {"text": "装好了"})
    again = case.step("verify", OFFICE, {"found": "not_done", "note": "只装了一所"})
    assert again.matter.state == "due"
    case = again.step("claim_done", HEAD, {"text": "都装好了"}).step(
        "verify", OFFICE, {"found": "done", "note": "看过"}
    )
    assert case.matter.state == "verified"
    assert expired(case, "look_back").matter.state == "fulfilled"
    assert case.matter.solved


def test_a_commitment_that_those_who_asked_do_not_see_kept_does_not_end_as_kept() -> None:
    case = commitment().step("confirm", HEAD)
    case.step("claim_done", HEAD, {"text": "装好了"}).step("verify", OFFICE, {"found": "done", "note": "看过"})
    assert case.step("check", ASKER, {"solved": "no"}, asks=True).matter.state == "due", "reopened by right"
    case.step("claim_done", HEAD, {"text": "真装好了"}).step("verify", OFFICE, {"found": "done", "note": "又看过"})
    again = Case(STANDARD, "commitment").took(case.events)
    assert expired(again, "look_back").matter.state == "fulfilled", "the first no was answered by doing it again"
    case.step("check", ASKER, {"solved": "no"}, asks=True)
    assert (case.matter.state, case.matter.reopenings) == ("verified", 1), "whoever reopened it is heard again"
    assert (expired(case, "look_back").matter.state, case.matter.end) == ("closed_disputed", "unsolved")


def order() -> Case:
    return (
        Case(STANDARD, "work_order")
        .began("receive", OFFICE)
        .step("accept", OFFICE)
        .step("forward", OFFICE, {"unit": "u"})
    )


def test_a_work_order_is_handled_called_back_rated_and_closed_by_its_letter() -> None:
    for letter, state in (("A", "closed"), ("B", "closed_unsolved"), ("D", "closed_unsolved")):
        case = order().step("accept", HEAD)
        assert case.matter.due == date(2026, 3, 16), "ten working days from the acceptance by the office"
        case.step("reply", HEAD, {"class": letter, "text": "修好了", "promise_due": "2026-12-01"})
        case.step("call_back", OFFICE, {"reached": "yes", "note": "满意"}).step("rate", OFFICE, {"result": "satisfied"})
        assert case.step("close", OFFICE).matter.state == state
        assert case.matter.solved == (letter == "A")


def test_a_unit_that_sends_a_work_order_back_has_it_no_longer() -> None:
    case = order().step("send_back", HEAD, {"reason": "不归我们"})
    assert (case.matter.state, case.matter.unit, case.matter.unit_name, case.matter.returns) == ("accepted", "", "", 1)


def test_a_work_order_goes_on_by_itself_where_nobody_acts() -> None:
    case = expired(order(), "quick_taking")
    assert case.matter.state == "handling"
    case.step("reply", HEAD, {"class": "A", "text": "修好了"})
    case.step("call_back", OFFICE, {"reached": "no", "note": "没人接"})
    assert expired(expired(case, "rating"), "closing").matter.state == "closed"
    assert case.matter.result == "no_response"


def test_a_rated_as_bad_work_order_is_handled_again() -> None:
    case = order().step("accept", HEAD).step("reply", HEAD, {"class": "A", "text": "好"})
    case.step("call_back", OFFICE, {"reached": "yes", "note": "不行"}).step("rate", OFFICE, {"result": "dissatisfied"})
    assert (case.matter.state, case.matter.round) == ("handling", 2)


def test_unpublished_holidays_are_said() -> None:
    case = Case().on(date(2031, 3, 3)).began("draft", OFFICE)
    assert case.matter.guessed == ("drafting",)
    assert case.events[0].clocks == {"drafting": "2031-03-03/2031-03-06~"}


def test_matters_of_before_there_were_rule_sets_go_on_by_one() -> None:
    old = [
        MatterStep("draft", "draft", {"title": "T", "body": "B"}),
        MatterStep("adopt", "submitted", {"deputy": "d", "deputy_name": "林代表"}),
        MatterStep("register", "registered", {"number": "2025-0001"}),
        MatterStep("assign", "assigned", {"unit": "u", "unit_name": "水务局", "due": "2026-04-01"}),
        MatterStep("accept", "handling"),
    ]
    matter = apply(Matter("m"), old)
    assert (matter.due, matter.rules) == (date(2026, 4, 1), "")
    events = engine.adopt_rules(matter, STANDARD, around())
    after = apply(matter, events)
    assert (after.rules, after.due, after.turn, after.state) == (
        STANDARD.reference,
        date(2026, 4, 1),
        "unit",
        "handling",
    )
    assert engine.adopt_rules(after, STANDARD, around()) == []
    done = [
        *old,
        MatterStep("contact", "handling", {"contact": "x"}),
        MatterStep("reply", "replied", {"class": "A", "text": "好"}),
        MatterStep("evaluate", "closed", {"evaluation": "satisfied"}),
    ]
    closed = apply(Matter("m"), done)
    assert (closed.solved, closed.clocks, closed.result) == (True, {}, "satisfied")


def test_bad_fields_are_refused() -> None:
    registered = drafted().step("adopt", DEPUTY, {"signature": "林"}).step("register", OFFICE, ADMITTED)
    for command, values, code in (
        ("assign", {"unit": "x"}, "bad_choice"),
        ("assign", {}, "empty"),
        ("assign", {"unit": "u", "due": "bald"}, "bad_time"),
        ("assign", {"unit": "u", "due": "2026-03-01"}, "date_out_of_range"),
        ("assign", {"unit": "u", "due": "2036-03-03"}, "date_out_of_range"),
        ("assign", {"unit": "u", "co_units": "v,x"}, "bad_choice"),
        ("consolidate", {"into": "x" * 21}, "too_long"),
        ("fly", {}, "not_found"),
    ):
        with pytest.raises(Refused, match=code):
            registered.step(command, OFFICE, values)


def test_what_is_registered_was_looked_at_point_by_point() -> None:
    case = drafted().step("adopt", DEPUTY, {"signature": "林"})
    with pytest.raises(Refused, match="checklist_open"):
        case.step("register", OFFICE)
    with pytest.raises(Refused, match="checklist_open"):
        case.step(
            "not_admit",
            OFFICE,
            {"checklist": "competence=no", "instead": "referral", "referred_to": "省厅", "reason": "不属本级"},
        )
    against = {"checklist": ADMITTED["checklist"].replace("substance=yes", "substance=no")}
    with pytest.raises(Refused, match="not_admissible") as refused:
        case.step("register", OFFICE, against)
    assert "一事一议" in refused.value.detail["points"]
    assert case.step("register", OFFICE, ADMITTED).matter.state == "registered"


def test_what_must_come_first_is_said_before_anybody_tries() -> None:
    case = handled(co_units="v")
    row = STANDARD.kind("suggestion").rows_of("reply", "handling")[0]
    codes = [refused.code for refused in engine.obstacles(case.matter, STANDARD, row, case.at())]
    assert codes == ["contact_missing", "opinions_missing"]
    case.step("contact", HEAD, {"contact": "电话"}).step("give_opinion", CO_HEAD, {"text": "同意"})
    assert engine.obstacles(case.matter, STANDARD, row, case.at()) == []


def test_the_deputy_who_leads_makes_a_suggestion_confidential_and_the_office_alone_opens_it() -> None:
    case = assigned()
    with pytest.raises(Refused, match="forbidden"):
        case.step("make_confidential", OTHER, {"reason": "涉及个人"})
    case.step("make_confidential", DEPUTY, {"reason": "涉及个人"})
    assert case.matter.number and not everybody_reads(case.matter)
    with pytest.raises(Refused, match="forbidden"):
        case.step("make_public", DEPUTY, {"reason": "可以公开"})
    assert everybody_reads(case.step("make_public", OFFICE, {"reason": "可以公开"}).matter)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Refused, match="unknown_kind"):
        engine.begin(Matter("m", kind="lottery"), STANDARD, "draft", {}, OFFICE, around())
