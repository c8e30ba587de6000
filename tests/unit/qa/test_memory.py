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


def merged(name: str, text: str, into: str) -> Question:
    return replace(question(name, text, QuestionState.MERGED), merged_into=into)


COLD = "冷链船什么时候到南塘"


def test_a_merged_wording_leads_to_the_question_that_speaks_for_it() -> None:
    memory = Memory(Index())
    memory.learn("r", queue(question("a", NIGHT), question("b", COLD, QuestionState.PENDING)), public)
    memory.learn("r", queue(question("a", NIGHT), merged("b", COLD, "a")), public)
    memory.learn_votes("s", {"a": 7})
    (found,) = memory.like(COLD)
    assert (found.id, found.text, found.votes, found.state) == ("a", NIGHT, 7, "published")
    assert memory.like(COLD, but="a") == []
    assert len(memory) == 1, "its own words are shown to nobody"
    memory.learn("r", queue(question("a", NIGHT), question("b", COLD, QuestionState.PENDING)), public)
    assert memory.like(COLD) == []


def test_a_merged_wording_follows_through_a_second_merge_and_ends_with_what_nobody_sees() -> None:
    memory = Memory(Index())
    one, last = merged("a", COLD, "b"), question("c", NIGHT)
    memory.learn("r", queue(one, question("b", "药"), last), public)
    assert memory.like(COLD)[0].id == "b"
    memory.learn("r", queue(one, merged("b", "药", "c"), last), public)
    assert memory.like(COLD)[0].id == "c"
    hidden = replace(last, state=QuestionState.PENDING)
    memory.learn("r", queue(one, merged("b", "药", "c"), hidden), public)
    assert memory.like(COLD) == []


def test_what_its_asker_took_back_after_the_merge_leads_nowhere() -> None:
    memory = Memory(Index())
    withdrawn = replace(merged("b", COLD, "a"), state=QuestionState.WITHDRAWN)
    memory.learn("r", queue(question("a", NIGHT), withdrawn), lambda q: q.state is QuestionState.PUBLISHED)
    assert memory.like(COLD) == []


def test_a_question_of_many_wordings_leaves_room_for_the_others() -> None:
    memory = Memory(Index())
    wordings = (merged(f"m{n}", f"{COLD}，第{n}遍", "a") for n in range(20))
    others = (question(name, f"{COLD}，还有别的{name}") for name in "bc")
    memory.learn("r", queue(question("a", NIGHT), *wordings, *others), public)
    assert {found.id for found in memory.like(COLD)} == {"a", "b", "c"}
