"""Taking moves back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa import events as e
from liveroom.qa.apply import apply
from liveroom.qa.decide import decide
from liveroom.qa.question import QuestionState as Q
from liveroom.qa.question import Queue, RefusalReason
from liveroom.qa.undo import Line, undo
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.session import Session, SessionState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODERATOR = Actor("m", "M", frozenset({Role.MODERATOR, Role.LEAD_MODERATOR}))
COLLEAGUE = Actor("n", "N", frozenset({Role.MODERATOR}))
LIVE = Session("s", "r", "t", NOW, ("d",), SessionState.LIVE, started_at=NOW)


class Feed:
    """A queue with the lines of its feed."""

    def __init__(self) -> None:
        self.queue = Queue("s")
        self.lines: list[Line] = []
        self.now = NOW
        for name in "abc":
            self.do(c.Ask(name, name.upper(), f"C{name}", f"key-{name}-key", f"提问{name}"), by=visitor(f"d{name}"))

    def do(self, *commands: c.AnyCommand, by: Actor = MODERATOR) -> tuple[int, int]:
        """One move; its first and last line."""
        first = len(self.lines) + 1
        for command in commands:
            self.add(decide(self.queue, LIVE, command, by, self.now), by)
        return first, len(self.lines)

    def add(self, events: Sequence[e.AnyEvent], by: Actor) -> None:
        self.queue = apply(self.queue, events)
        self.lines += [Line(len(self.lines) + n, self.now, by.id, event) for n, event in enumerate(events, 1)]

    def undo(self, first: int, last: int, by: Actor = MODERATOR) -> None:
        self.add(undo(self.queue, LIVE, self.lines, first, last, by, self.now), by)

    def refuses(self, first: int, last: int, by: Actor = MODERATOR) -> str:
        with pytest.raises(Refused) as caught:
            self.undo(first, last, by)
        return caught.value.code


MOVES = [
    c.Publish("a"),
    c.Refuse("a", RefusalReason.OFF_TOPIC),
    c.Edit("a", "改过"),
    c.Tag("a", ("航线",)),
    c.Assign("a", "x", "X"),
    c.Merge("a", "b"),
    c.Defer("a"),
    c.Enqueue("c"),
    c.PutOnAir("c"),
]


@pytest.mark.parametrize("command", MOVES, ids=lambda command: type(command).__name__)
def test_a_move_is_taken_back_as_if_it_had_not_been(command: c.AnyCommand) -> None:
    feed = Feed()
    feed.do(c.Publish("c"))
    before = feed.queue.questions
    feed.undo(*feed.do(command))
    now = feed.queue.questions
    assert {name: (q.state, q.text, q.tags, q.merged_into) for name, q in now.items()} == {
        name: (q.state, q.text, q.tags, q.merged_into) for name, q in before.items()
    }
    assert all(now[name].refusal == before[name].refusal for name in before)


def test_a_move_for_many_is_taken_back_as_one() -> None:
    feed = Feed()
    before = feed.queue
    feed.undo(*feed.do(c.Publish("a"), c.Merge("b", "a"), c.Refuse("c", RefusalReason.DUPLICATE)))
    assert {q.state for q in feed.queue.questions.values()} == {Q.PENDING}
    assert feed.queue.questions["b"] == before.questions["b"]


def test_whoever_was_seen_has_been_seen() -> None:
    feed = Feed()
    feed.undo(*feed.do(c.Publish("a")))
    assert feed.queue.questions["a"].was_public


def test_it_is_too_late_after_ten_seconds_and_the_network_gets_two_more() -> None:
    feed = Feed()
    move = feed.do(c.Publish("a"))
    feed.now += timedelta(seconds=12, milliseconds=1)
    assert feed.refuses(*move) == "cannot_undo"
    feed.now -= timedelta(milliseconds=1)
    feed.undo(*move)


def test_nobody_takes_back_what_a_colleague_did_or_what_has_changed_since() -> None:
    feed = Feed()
    move = feed.do(c.Publish("a"))
    assert feed.refuses(*move, by=COLLEAGUE) == "cannot_undo"
    feed.do(c.Enqueue("a"), by=COLLEAGUE)
    assert feed.refuses(*move) == "cannot_undo"


def test_a_line_that_was_not_read_is_noticed() -> None:
    feed = Feed()
    move = feed.do(c.Publish("a"))
    feed.queue = apply(feed.queue, [e.QuestionQueued("a", 1.0)])
    assert feed.refuses(*move) == "cannot_undo"


@pytest.mark.parametrize("move", [(1, 1), (4, 9), (4, 3), (0, 4)], ids=["asked", "beyond", "empty", "mixed"])
def test_what_is_no_move_is_not_taken_back(move: tuple[int, int]) -> None:
    feed = Feed()
    feed.do(c.Publish("a"))
    assert feed.refuses(*move) == "cannot_undo"


def test_only_one_is_on_air_also_after_an_undo() -> None:
    feed = Feed()
    feed.do(c.Publish("a"), c.PutOnAir("a"), c.Publish("b"))
    move = feed.do(c.MarkAnswered("a"))
    feed.do(c.PutOnAir("b"))
    assert feed.refuses(*move) == "already_on_air"


def test_an_undone_unmerging_closes_no_ring() -> None:
    feed = Feed()
    feed.do(c.Merge("a", "b"))
    move = feed.do(c.Unmerge("a"))
    feed.do(c.Merge("b", "a"))
    assert feed.refuses(*move) == "cannot_undo"


def test_an_undone_unmerging_does_not_lead_to_a_question_that_was_refused_since() -> None:
    feed = Feed()
    feed.do(c.Merge("a", "b"))
    move = feed.do(c.Unmerge("a"))
    feed.do(c.Refuse("b", RefusalReason.OFF_TOPIC))
    assert feed.refuses(*move) == "cannot_undo"


def test_a_publication_is_not_undone_when_it_would_refuse_what_was_merged_since() -> None:
    feed = Feed()
    feed.do(c.Refuse("b", RefusalReason.OFF_TOPIC))
    move = feed.do(c.Publish("b"))
    feed.do(c.Merge("a", "b"))
    assert feed.refuses(*move) == "cannot_undo"


@given(st.lists(st.sampled_from([*MOVES, c.Unmerge("a"), c.Release("a"), c.Publish("b"), c.Merge("b", "c")])))
def test_whatever_happened_before_the_last_move_can_be_taken_back(commands: list[c.AnyCommand]) -> None:
    feed = Feed()
    undone: tuple[Queue, tuple[int, int]] | None = None
    for command in commands:
        before = feed.queue
        try:
            first, last = feed.do(command)
        except Refused:
            continue
        if last >= first:
            undone = before, (first, last)
    if undone:
        feed.undo(*undone[1])
        wanted = {name: (q.state, q.text, q.merged_into) for name, q in undone[0].questions.items()}
        assert {name: (q.state, q.text, q.merged_into) for name, q in feed.queue.questions.items()} == wanted
