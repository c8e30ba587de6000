"""One voter, one vote, also across merged questions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from liveroom.qa.question import Question, Queue
from liveroom.qa.question import QuestionState as Q
from liveroom.qa.votes import digest, statement, tally

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("a", "b", "c", "d")


def queue(**into: str) -> Queue:
    return Queue("s").put(
        Question(
            name,
            name.upper(),
            f"C{name}",
            "key",
            f"asker-{name}",
            name,
            "",
            "",
            NOW,
            Q.MERGED if into.get(name) else Q.PUBLISHED,
            merged_into=into.get(name, ""),
        )
        for name in NAMES
    )


def test_voters_of_merged_questions_are_united_not_added() -> None:
    voters = {"a": {"x", "y"}, "b": {"y", "z"}}
    assert tally(queue(), voters) == {"a": 2, "b": 2}
    assert tally(queue(a="b"), voters) == {"b": 3}


def test_those_who_asked_are_askers_and_not_voters() -> None:
    assert tally(queue(a="b"), {"a": {"asker-b"}, "b": {"asker-a", "x"}}) == {"b": 1}


@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from("uvwxyz")), max_size=4))
def test_merging_never_counts_more_than_all_voters_and_never_less_than_the_largest(voters: dict[str, set[str]]) -> None:
    merged = tally(queue(a="b", b="c", d="c"), voters)
    everybody = set().union(*voters.values()) if voters else set()
    assert merged.get("c", 0) == len(everybody)
    assert set(merged) <= {"c"}


def test_the_digest_names_every_vote_whatever_their_order() -> None:
    assert digest({"a": ["x", "y"], "b": []}) == digest({"a": ["y", "x"]})
    assert digest({"a": ["x"]}) != digest({"b": ["x"]})
    assert statement("s", {"b": 1, "a": 2}, "00") == b'{"counts":{"a":2,"b":1},"digest":"00","session":"s"}'


def test_whoever_took_their_question_back_is_an_asker_no_more_and_their_vote_counts() -> None:
    before = queue(a="b")
    withdrawn = before.put([replace(before.questions["a"], state=Q.WITHDRAWN)])
    voters = {"b": {"asker-a", "asker-b", "x"}}
    assert tally(before, voters) == {"b": 1}
    assert tally(withdrawn, voters) == {"b": 2}
    assert withdrawn.devices(withdrawn.questions["b"]) == {"asker-a", "asker-b"}, "both still see what becomes of it"
