"""Holding, merging, tagging, appealing: what moderators do besides publishing and refusing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa import events as e
from liveroom.qa.apply import apply
from liveroom.qa.decide import decide
from liveroom.qa.question import Hit, Outcome, Question, Queue, RefusalReason, Source
from liveroom.qa.question import QuestionState as Q
from liveroom.qa.wire import mine_view
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.session import Session, SessionState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = Actor("l", "L", frozenset({Role.LEAD_MODERATOR}))
OPERATOR = Actor("o", "O", frozenset({Role.OPERATOR}))


def session(state: SessionState = SessionState.LIVE, **more: Any) -> Session:
    return replace(Session("s", "r", "t", NOW, ("d",), state, started_at=NOW), **more)


def queue(**states: Q) -> Queue:
    """Questions by name, each of a device of its own: `da` asked `a`."""
    return Queue("s").put(
        Question(name, name.upper(), f"C{name}", "key", f"d{name}", name, "", "", NOW, state, place=n)
        for n, (name, state) in enumerate(states.items(), 1)
    )


def after(before: Queue, *commands: c.AnyCommand, by: Actor = LEAD, now: datetime = NOW) -> Queue:
    for command in commands:
        before = apply(before, decide(before, session(), command, by, now))
    return before


def refusal(before: Queue, command: c.AnyCommand, by: Actor = LEAD, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as caught:
        decide(before, session(), command, by, now)
    return caught.value.code


def test_what_a_word_list_masks_is_shown_masked_and_kept_as_typed() -> None:
    hit = Hit("personal", 3, "mask", "13800000000")
    ask = c.Ask("q", "Q", "C", "key-key-key", "打 13800000000 找我", shown="打 *** 找我", hits=(hit,), held=True)
    asked = after(Queue("s"), ask, by=visitor("d")).questions["q"]
    assert (asked.text, asked.original_text, asked.state) == ("打 *** 找我", "打 13800000000 找我", Q.HELD)
    assert asked.hits == (hit,)


def test_the_shield_holds_what_visitors_ask_until_it_comes_down_by_itself() -> None:
    up = session(shield_until=NOW + timedelta(minutes=10))
    ask = c.Ask("q", "Q", "C", "key-key-key", "文字")
    late = NOW + timedelta(minutes=10)
    states = [
        apply(Queue("s"), decide(Queue("s"), up, ask, by, now)).questions["q"].state
        for by, now in ((visitor("d"), NOW), (OPERATOR, NOW), (visitor("d"), late))
    ]
    assert states == [Q.HELD, Q.PENDING, Q.PENDING]


def test_an_operators_question_belongs_to_no_browser() -> None:
    ask = c.Ask("q", "Q", "C", "key-key-key", "文字", device="fresh", source=Source.PHONE)
    asked = after(Queue("s"), ask, by=OPERATOR).questions["q"]
    assert (asked.device, asked.source) == ("fresh", Source.PHONE)


def test_merged_questions_follow_a_chain_to_the_one_that_speaks_for_them() -> None:
    state = after(queue(a=Q.PENDING, b=Q.PUBLISHED, z=Q.QUEUED), c.Merge("a", "b"), c.Merge("b", "z"))
    assert state.root(state.questions["a"]).id == "z"
    assert {q.id for q in state.merged("z")} == {"a", "b"}
    assert state.askers(state.questions["z"]) == {"da", "db", "dz"}
    view = mine_view(state, state.questions["a"], {"z": 7})
    assert (view.ahead, view.merged_into and (view.merged_into.label, view.merged_into.votes)) == (0, ("Z", 7))


@pytest.mark.parametrize("into", ["a", "b", "w"])
def test_nothing_is_merged_into_itself_or_into_what_does_not_speak(into: str) -> None:
    state = after(queue(a=Q.PENDING, b=Q.PENDING, w=Q.REFUSED, z=Q.PENDING), c.Merge("b", "a"))
    assert refusal(state, c.Merge("a", into)) == "cannot_merge"
    assert refusal(state, c.Merge("a", "nobody")) == "not_found"


def test_unmerging_restores_the_state_and_the_place() -> None:
    state = after(queue(a=Q.QUEUED, b=Q.PUBLISHED), c.Merge("a", "b"), c.Unmerge("a"))
    assert state.questions["a"] == replace(queue(a=Q.QUEUED).questions["a"], was_public=True)


def test_the_text_of_an_unpublished_question_is_not_shown_to_those_merged_into_it() -> None:
    state = after(queue(a=Q.PENDING, b=Q.PENDING), c.Merge("a", "b"))
    merged = mine_view(state, state.questions["a"], {}).merged_into
    assert merged is not None and merged.text == ""


def test_whoever_was_merged_into_a_question_that_leaves_speaks_for_themselves_again() -> None:
    merged = after(queue(a=Q.PENDING, b=Q.PUBLISHED), c.Merge("a", "b"))
    assert after(merged, c.Refuse("b", RefusalReason.OFF_TOPIC)).questions["a"].state is Q.PENDING
    assert after(merged, c.Withdraw("b"), by=visitor("db")).questions["a"].state is Q.PENDING


def test_a_merged_question_that_was_taken_back_does_not_come_back_with_the_others() -> None:
    merged = after(queue(a=Q.PENDING, b=Q.PUBLISHED), c.Merge("a", "b"))
    gone = after(merged, c.Withdraw("a"), by=visitor("da"))
    assert after(gone, c.Refuse("b", RefusalReason.OFF_TOPIC)).questions["a"].state is Q.WITHDRAWN


def test_the_end_leaves_merged_questions_with_the_outcome_merged() -> None:
    state = after(queue(a=Q.PENDING, b=Q.PUBLISHED), c.Merge("a", "b"), c.Freeze())
    assert (state.questions["a"].state, state.questions["a"].outcome) == (Q.MERGED, Outcome.MERGED)
    assert (state.questions["b"].state, state.questions["b"].outcome) == (Q.DEFERRED, None)


def test_tags_are_a_small_tidy_set() -> None:
    state = after(queue(a=Q.PENDING), c.Tag("a", (" 航线 ", "航线", "码头")))
    assert state.questions["a"].tags == ("航线", "码头")
    assert decide(state, session(), c.Tag("a", ("航线", "码头")), LEAD, NOW) == []
    assert refusal(state, c.Tag("a", tuple("一二三四五六"))) == "too_many"
    assert refusal(state, c.Tag("a", ("长" * 13,))) == "too_long"


def test_an_appeal_is_for_the_asker_once_and_within_a_day() -> None:
    state = after(queue(a=Q.PENDING), c.Refuse("a", RefusalReason.OFF_TOPIC))
    asker, appeal = visitor("da"), c.Appeal("a", "这与渡船有关")
    assert refusal(state, appeal, visitor("somebody")) == "not_found"
    assert refusal(state, appeal, asker, NOW + timedelta(hours=24, seconds=1)) == "appeal_over"
    appealed = after(state, appeal, by=asker, now=NOW + timedelta(hours=24))
    rejected = after(appealed, c.RejectAppeal("a", "请看主题"))
    assert (rejected.questions["a"].state, rejected.questions["a"].note) == (Q.REFUSED, "请看主题")
    assert refusal(rejected, appeal, asker) == "appeal_over"


@pytest.mark.parametrize(
    ("when", "to"), [(SessionState.LIVE, Q.PENDING), (SessionState.ENDED, Q.DEFERRED)], ids=["open", "over"]
)
def test_an_appeal_that_is_accepted_takes_the_refusal_back(when: SessionState, to: Q) -> None:
    refused = after(queue(a=Q.PENDING), c.Refuse("a", RefusalReason.OFF_TOPIC), c.Freeze())
    appealed = apply(refused, decide(refused, session(when), c.Appeal("a", "请再看"), visitor("da"), NOW))
    accepted = apply(appealed, decide(appealed, session(when), c.AcceptAppeal("a"), LEAD, NOW)).questions["a"]
    assert (accepted.state, accepted.refusal, accepted.outcome) == (to, None, None)


def test_what_was_deferred_in_the_session_can_be_taken_back() -> None:
    state = after(queue(a=Q.PUBLISHED), c.Defer("a", "会后书面答复"))
    assert (state.questions["a"].state, state.questions["a"].note) == (Q.DEFERRED, "会后书面答复")
    assert after(state, c.Publish("a")).questions["a"].state is Q.PUBLISHED


def test_every_question_that_looks_different_is_named_by_the_fact() -> None:
    state = queue(a=Q.PENDING, b=Q.PUBLISHED)
    [merged] = decide(state, session(), c.Merge("a", "b"), LEAD, NOW)
    [unmerged] = decide(apply(state, [merged]), session(), c.Unmerge("a"), LEAD, NOW)
    assert e.concerned(merged) == e.concerned(unmerged) == ("a", "b")
