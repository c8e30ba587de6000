"""What is left of a question when what is personal in it goes: nothing that was typed, unless others rely on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.errors import Refused
from liveroom.qa import events as e
from liveroom.qa.apply import apply
from liveroom.qa.erasing import WORDS, erasure, expiry, left_of
from liveroom.qa.question import Hit, Outcome, Queue, RefusalReason
from liveroom.qa.question import QuestionState as Q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TYPED = ("西屿村东头的老周", "周家小院", "码头灯坏了请打电话", "凭什么不公开", "老周您好，请改一改", "周家灯的事已办")
NAME, ISLAND, WORDING, APPEAL, NOTE, OUTCOME = TYPED
HIT = Hit("personal", 1, "mask", "mobile")


def asked(question: str = "q") -> e.QuestionAsked:
    key = f"key-of-{question}"
    names = {"nickname": NAME, "island": ISLAND, "hits": (HIT,)}
    return e.QuestionAsked(
        question, "A", f"CODE{question}", key, "browser-of-zhou", WORDING, at=NOW, shown=WORDING[:5], **names
    )


STEPS: tuple[e.QuestionEvent, ...] = (
    e.QuestionScreened("q", WORDING, NAME, ISLAND, (HIT,), Q.PENDING, None),
    e.QuestionPublished("q"),
    e.QuestionEdited("q", WORDING + "！"),
    e.QuestionRefused("q", RefusalReason.PERSONAL, NOTE, NOW),
    e.QuestionAppealed("q", APPEAL, NOW),
    e.AppealRejected("q", NOTE),
    e.QuestionDeferred("q", NOTE),
    e.OutcomeGiven("q", Outcome.ANSWERED_TEXT, OUTCOME, ""),
    e.QuestionQueued("q", 1.0),
    e.QuestionAnswered("q", 5, False),
    e.QuestionWithdrawn("q"),
)


@given(st.lists(st.sampled_from([*STEPS, "undo"]), max_size=8), st.booleans())
def test_what_is_left_of_the_lines_leads_to_what_is_left_of_the_question(
    steps: list[e.AnyEvent | Literal["undo"]], relied_on: bool
) -> None:
    events: list[e.AnyEvent] = [asked()]
    queue = apply(Queue("s"), events)
    for step in steps:
        fact = e.QuestionRestored("q", 1, queue.questions["q"]) if step == "undo" else step
        events.append(fact)
        queue = apply(queue, [fact])
    before = queue.questions["q"]
    erased = erasure(queue, before, {"q": 1} if relied_on else {}, "nobody", "nothing")
    after = apply(queue, [erased])
    left = [left_of(event, erased) for event in events]
    assert apply(Queue("s"), [*left, erased]) == after
    question = after.questions["q"]
    assert question.erased == "asker"
    assert (question.code, question.state) == (before.code, before.state)
    assert question.text == (before.text if before.was_public and relied_on else WORDS["asker"])
    everything = str(msgspec.to_builtins([*left, erased, question]))
    gone = [NAME, ISLAND, APPEAL, NOTE, "browser-of-zhou", "key-of-q", "mobile"]
    gone += [] if before.was_public and relied_on else [WORDING[:5], OUTCOME]
    for words in gone:
        assert words not in everything, words
    # Once more, by the end of the retention: nothing comes back.
    again = expiry(question, "nobody else", "x")
    assert apply(after, [again]).questions["q"].nickname == ""


def test_a_public_wording_goes_unless_others_rely_on_it() -> None:
    queue = apply(Queue("s"), [asked("q"), asked("p"), e.QuestionPublished("q"), e.QuestionPublished("p")])
    question = queue.questions["q"]

    def text(queue: Queue, votes: dict[str, int] | None = None) -> str:
        return erasure(queue, queue.questions["q"], votes or {}, "n", "k").text

    assert text(queue) == WORDS["asker"]
    assert text(queue, {"q": 1}) == question.text
    for fact in (
        e.QuestionMerged("p", "q"),
        e.QuestionMerged("q", "p"),
        e.OutcomeGiven("q", Outcome.SUGGESTION, "", "m"),
    ):
        assert text(apply(queue, [fact])) == question.text, fact
    never = apply(Queue("s"), [asked("q"), e.OutcomeGiven("q", Outcome.SUGGESTION, "", "m")])
    assert text(never, {"q": 1}) == WORDS["asker"]


def test_nothing_is_erased_on_air_or_twice() -> None:
    queue = apply(Queue("s"), [asked(), e.QuestionPublished("q"), e.QuestionOnAir("q", NOW, 0)])
    with pytest.raises(Refused, match="wrong_state"):
        erasure(queue, queue.questions["q"], {}, "n", "k")
    queue = apply(queue, [e.QuestionAnswered("q", 9, False)])
    queue = apply(queue, [erasure(queue, queue.questions["q"], {}, "n", "k")])
    with pytest.raises(Refused, match="erased"):
        erasure(queue, queue.questions["q"], {}, "n", "k")


def test_at_the_end_of_the_retention_what_was_public_stays_as_nobodys() -> None:
    queue = apply(Queue("s"), [asked("q"), asked("p"), e.QuestionPublished("q"), e.QuestionWithdrawn("p")])
    public, private = (apply(queue, [expiry(queue.questions[q], "n", "k")]).questions[q] for q in ("q", "p"))
    assert (public.text, public.nickname, public.device) == (WORDING[:5], "", "n")
    assert (private.text, private.original_text, private.erased) == (WORDS["retention"], "", "retention")
