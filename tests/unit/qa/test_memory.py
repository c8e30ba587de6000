"""What one audience is reminded of: questions that come, change and go, and suggestions in their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from liveroom.qa.memory import Memory, Remembered
from liveroom.qa.question import Question, QuestionState, Queue
from liveroom.qa.similar import Index

NIGHT = "能加一班夜航吗？"


def question(name: str, text: str, state: QuestionState = QuestionState.PUBLISHED) -> Question:
    return Question(name, name.upper(), name, name, "device", text, "", "", datetime(2026, 1, 1, tzinfo=UTC), state)


def queue(*questions: Question) -> Queue:
    return Queue("s").put(questions)


def public(q: Question) -> bool:
    return q.state is not QuestionState.PENDING


def suggestion(text: str = "关于开通夜航的建议") -> Remembered:
    return Remembered("suggestion", "m", text, "handling", "/suggestions/2026-0007", number="2026-0007")


def test_only_what_the_audience_sees_is_remembered() -> None:
    memory = Memory(Index())
    memory.learn("r", queue(question("a", NIGHT, QuestionState.PENDING)), public)
    assert memory.like(NIGHT) == []
    memory.learn("r", queue(question("a", NIGHT)), public)
    (found,) = memory.like(NIGHT)
    assert (found.kind, found.label, found.link) == ("question", "A", "/rooms/r/sessions/s#A")
    memory.learn("r", queue(question("a", NIGHT, QuestionState.PENDING)), public)
    assert memory.like(NIGHT) == []
    assert len(memory) == 0


def test_an_answer_comes_with_its_mark_and_votes_as_they_are_now() -> None:
    memory = Memory(Index())
    answered = replace(question("a", NIGHT, QuestionState.ANSWERED), mark_start=872_000)
    memory.learn("r", queue(answered), public)
    memory.learn_votes("s", {"a": 46})
    (found,) = memory.like(NIGHT)
    assert (found.kind, found.mark_start, found.votes) == ("answered", 872_000, 46)


def test_a_new_wording_is_found_and_the_old_one_is_not() -> None:
    memory = Memory(Index())
    memory.learn("r", queue(question("a", NIGHT)), public)
    memory.learn("r", queue(question("a", "冷链船几点到")), public)
    assert memory.like("夜航") == []
    assert memory.like("冷链")[0].id == "a"


def test_a_question_in_an_open_suggestion_is_shown_as_that_and_once() -> None:
    memory = Memory(Index())
    one, other = (replace(question(name, NIGHT), matter="m") for name in "ab")
    memory.learn("r", queue(one, other), public)
    memory.learn_suggestions([suggestion()])
    assert [found.id for found in memory.like(NIGHT)] == ["m"]
    memory.learn_suggestions([])
    assert {found.id for found in memory.like(NIGHT)} == {"a", "b"}
    assert memory.index == _only(a=NIGHT, b=NIGHT)


def test_thousands_are_taken_up_little_by_little() -> None:
    memory = Memory(Index())
    asked = queue(*(question(name, NIGHT) for name in "abcde"))
    learned = [memory.learn("r", asked, public, 2) for _ in range(4)]
    assert (learned, len(memory)) == ([False, False, True, True], 5)


def test_the_question_itself_is_not_like_itself() -> None:
    memory = Memory(Index())
    memory.learn("r", queue(*(question(name, NIGHT) for name in "abcde")), public)
    assert [found.id for found in memory.like(NIGHT, but="b")] == ["a", "c", "d"]


def _only(**texts: str) -> Index:
    index = Index()
    for key, text in texts.items():
        index.put(key, text)
    return index
