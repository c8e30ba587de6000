from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa import events as e
from liveroom.qa.apply import apply
from liveroom.qa.decide import decide
from liveroom.qa.policy import RULES
from liveroom.qa.question import OPEN_STATES, PUBLIC_STATES, Hit, Outcome, Question, Queue, RefusalReason
from liveroom.qa.question import QuestionState as Q
from liveroom.rooms.roles import SYSTEM, Actor, Role, may, visitor
from liveroom.rooms.session import Session, SessionState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODERATOR = Actor("m", "M", frozenset({Role.MODERATOR}))


def session(state: SessionState = SessionState.LIVE) -> Session:
    return Session("s", "r", "t", NOW, ("d",), state, started_at=NOW - timedelta(minutes=10))


def question(name: str = "q", state: Q = Q.PENDING, place: float = 0.0) -> Question:
    return Question(
        name,
        name.upper(),
        f"CODE{name}",
        f"key-{name}",
        "device",
        "文字",
        "",
        "",
        NOW,
        state,
        place=place,
        refused_at=NOW if state is Q.REFUSED else None,
        merged_into="target" if state is Q.MERGED else "",
        merged_from=Q.PUBLISHED if state is Q.MERGED else None,
    )


def queue(*questions: Question) -> Queue:
    return Queue("s").put(questions)


def commands_for(name: str) -> list[c.QuestionCommand]:
    return [
        c.Publish(name),
        c.Refuse(name, RefusalReason.ADVERTISING),
        c.Edit(name, "别的文字"),
        c.Release(name),
        c.Tag(name, ("航线",)),
        c.Assign(name, "m", "M"),
        c.Merge(name, "target"),
        c.Unmerge(name),
        c.Defer(name),
        c.Appeal(name, "请再看一下"),
        c.AcceptAppeal(name),
        c.RejectAppeal(name, "理由"),
        c.Enqueue(name),
        c.Dequeue(name),
        c.Order(name),
        c.PutOnAir(name),
        c.TakeOffAir(name),
        c.MarkAnswered(name),
        c.Withdraw(name),
        c.GiveOutcome(name, Outcome.REFERRED),
        c.Rescreen(name, "别的**", "", "", (Hit("list", 2, "hold", "词"),)),
    ]


def somebody(role: Role) -> Actor:
    identifiers = {Role.VISITOR: "device", Role.DEPUTY: "d"}
    return SYSTEM if role is Role.SYSTEM else Actor(identifiers.get(role, "x"), "X", frozenset({role}))


@pytest.mark.parametrize("command", commands_for("q"), ids=lambda command: type(command).__name__)
def test_every_command_is_granted_exactly_where_the_table_says(command: c.QuestionCommand) -> None:
    rule = RULES[type(command)]
    for state, role, when in product(Q, Role, SessionState):
        by = somebody(role)
        before = queue(question(state=state, place=1.0), replace(question("target", Q.PUBLISHED), device="e"))
        granted = may(by, rule.permission) and state in rule.sources and when in rule.sessions
        if isinstance(command, c.Edit) and when is SessionState.CUT:
            granted = granted and state not in PUBLIC_STATES  # see test_cut
        try:
            apply(before, decide(before, session(when), command, by, NOW))
        except Refused as refused:
            assert not granted, (state, role, when)
            assert refused.code in {"forbidden", "wrong_state", "session_closed", "session_cut"}
        else:
            assert granted, (state, role, when)


def test_a_deputy_who_is_not_named_answers_nothing() -> None:
    stranger = Actor("e", "E", frozenset({Role.DEPUTY}))
    with pytest.raises(Refused, match="forbidden"):
        decide(queue(question(state=Q.ON_AIR)), session(), c.MarkAnswered("q"), stranger, NOW)


def test_a_second_question_cannot_go_on_air() -> None:
    before = queue(question("a", Q.ON_AIR), question("b", Q.QUEUED))
    with pytest.raises(Refused) as caught:
        decide(before, session(), c.PutOnAir("b"), MODERATOR, NOW)
    assert (caught.value.code, caught.value.detail) == ("already_on_air", {"label": "A"})


def test_marks_are_counted_from_the_beginning_of_the_broadcast() -> None:
    state = queue(question("a", Q.QUEUED))
    state = apply(state, decide(state, session(), c.PutOnAir("a"), MODERATOR, NOW))
    later = NOW + timedelta(seconds=90)
    state = apply(state, decide(state, session(), c.MarkAnswered("a"), MODERATOR, later))
    answered = state.questions["a"]
    assert (answered.mark_start, answered.mark_end) == (600_000, 690_000)


def test_a_clock_that_is_set_back_does_not_end_an_answer_before_it_began() -> None:
    state = queue(question("a", Q.QUEUED))
    state = apply(state, decide(state, session(), c.PutOnAir("a"), MODERATOR, NOW))
    state = apply(state, decide(state, session(), c.MarkAnswered("a"), MODERATOR, NOW - timedelta(minutes=5)))
    assert (state.questions["a"].mark_start, state.questions["a"].mark_end) == (600_000, 600_000)


def test_taking_off_air_puts_a_question_back_to_the_head() -> None:
    state = queue(question("a", Q.ON_AIR), question("b", Q.QUEUED, 1), question("c", Q.QUEUED, 2))
    state = apply(state, decide(state, session(), c.TakeOffAir("a"), MODERATOR, NOW))
    assert [q.id for q in state.queued()] == ["a", "b", "c"]
    assert state.questions["a"].mark_start is None


def test_editing_keeps_the_first_original() -> None:
    state = queue(question())
    for text in ("第二版", "第三版"):
        state = apply(state, decide(state, session(), c.Edit("q", text), MODERATOR, NOW))
    assert (state.questions["q"].text, state.questions["q"].original_text) == ("第三版", "文字")


def test_only_the_asker_withdraws_and_to_others_the_question_does_not_exist() -> None:
    with pytest.raises(Refused) as caught:
        decide(queue(question()), session(), c.Withdraw("q"), visitor("another"), NOW)
    assert caught.value.code == "not_found"


def test_the_end_defers_what_is_open_and_settles_what_was_refused() -> None:
    before = queue(question("target"), *(question(state.value, state) for state in Q))
    after = apply(before, decide(before, session(), c.Freeze(), SYSTEM, NOW))
    for state in Q:
        settled = after.questions[state.value]
        assert (settled.state is Q.DEFERRED) == (state in OPEN_STATES | {Q.DEFERRED})
    assert after.questions["refused"].outcome is Outcome.REFUSED
    assert after.questions["merged"].outcome is Outcome.MERGED
    assert after.questions["appealed"].outcome is None


def test_an_outcome_that_is_bound_to_a_suggestion_is_not_changed() -> None:
    bound = replace(question("a", Q.ANSWERED), matter="m1", outcome=Outcome.SUGGESTION)
    with pytest.raises(Refused) as caught:
        decide(queue(bound), session(SessionState.ENDED), c.GiveOutcome("a", Outcome.REFERRED), MODERATOR, NOW)
    assert caught.value.code == "outcome_not_free"
    free = c.GiveOutcome("a", Outcome.REFERRED, free=True)
    after = apply(queue(bound), decide(queue(bound), session(SessionState.ENDED), free, MODERATOR, NOW))
    assert (after.questions["a"].outcome, after.questions["a"].matter) == (Outcome.REFERRED, "")


@pytest.mark.parametrize(
    ("outcome", "state", "code"),
    [
        (Outcome.SUGGESTION, Q.ANSWERED, "outcome_not_free"),
        (Outcome.WITHDRAWN, Q.DEFERRED, "outcome_not_free"),
        (Outcome.ANSWERED_LIVE, Q.DEFERRED, "outcome_not_free"),
        (Outcome.REFUSED, Q.ANSWERED, "outcome_not_free"),
        (Outcome.ANSWERED_TEXT, Q.DEFERRED, "empty"),
    ],
)
def test_outcomes_fit_their_questions(outcome: Outcome, state: Q, code: str) -> None:
    with pytest.raises(Refused) as caught:
        decide(queue(question("a", state)), session(SessionState.ENDED), c.GiveOutcome("a", outcome), MODERATOR, NOW)
    assert caught.value.code == code


@given(st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 5))), max_size=120))
def test_moving_about_keeps_every_question_and_gives_the_order_that_was_asked(
    moves: list[tuple[int, int | None]],
) -> None:
    state = queue(*(question(str(n), Q.QUEUED, n + 1.0) for n in range(6)))
    expected = [str(n) for n in range(6)]
    for moved, before in moves:
        if moved == before:
            continue
        command = c.Order(str(moved), None if before is None else str(before))
        state = apply(state, decide(state, session(), command, MODERATOR, NOW))
        expected.remove(str(moved))
        expected.insert(len(expected) if before is None else expected.index(str(before)), str(moved))
        assert [q.id for q in state.queued()] == expected


@given(st.text(max_size=400))
def test_whatever_is_typed_is_kept_clean_or_refused(text: str) -> None:
    command = c.Ask("i", "L", "C", "key-key-key", text)
    try:
        (event,) = decide(queue(), session(), command, visitor("v"), NOW)
    except Refused as refused:
        assert refused.code in {"empty", "too_long"}
        return
    assert isinstance(event, e.QuestionAsked)
    assert 0 < len(event.text) <= 300
    assert not any(ord(character) < 32 or character in "\u202e\u200b\ufeff" for character in event.text)
