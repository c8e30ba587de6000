"""While the broadcast is cut off nothing is shown that was not shown before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa.apply import apply
from liveroom.qa.decide import decide
from liveroom.qa.question import QuestionState as Q
from liveroom.qa.question import Queue, RefusalReason
from liveroom.qa.undo import Line, undo
from liveroom.qa.wire import Audience, visible
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.session import Session, SessionState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = Actor("m", "M", frozenset({Role.LEAD_MODERATOR}))
LIVE = Session("s", "r", "t", NOW, ("d",), SessionState.LIVE, started_at=NOW)
CUT = Session("s", "r", "t", NOW, ("d",), SessionState.CUT, started_at=NOW)


class Evening:
    """Questions a to d: pending, published, queued and on air; the broadcast may be cut off."""

    def __init__(self) -> None:
        self.queue, self.session = Queue("s"), LIVE
        self.lines: list[Line] = []
        for name in "abcd":
            self.do(c.Ask(name, name.upper(), f"C{name}", f"key-{name}-key", f"提问{name}"), by=visitor(f"d{name}"))
        self.do(c.Publish("b"), c.Publish("c"), c.Publish("d"), c.Enqueue("c"), c.PutOnAir("d"))

    def do(self, *commands: c.AnyCommand, by: Actor = LEAD) -> tuple[int, int]:
        first = len(self.lines) + 1
        for command in commands:
            events = decide(self.queue, self.session, command, by, NOW)
            self.queue = apply(self.queue, events)
            self.lines += [Line(len(self.lines) + n, NOW, by.id, event) for n, event in enumerate(events, 1)]
        return first, len(self.lines)

    def undo(self, first: int, last: int) -> None:
        self.queue = apply(self.queue, undo(self.queue, self.session, self.lines, first, last, LEAD, NOW))

    def state(self, name: str) -> Q:
        return self.queue.questions[name].state

    @property
    def shown(self) -> dict[str, str]:
        return {q.id: q.text for q in self.queue.questions.values() if visible(q, Audience.PUBLIC)}


@pytest.fixture
def evening() -> Evening:
    return Evening()


@pytest.mark.parametrize(
    "command",
    [c.Publish("a"), c.Enqueue("b"), c.PutOnAir("b"), c.PutOnAir("c"), c.Edit("b", "改过"), c.Edit("c", "改过")],
    ids=lambda command: f"{type(command).__name__} {command.question}",
)
def test_what_would_show_more_is_refused_and_taken_again_afterwards(evening: Evening, command: c.AnyCommand) -> None:
    evening.do(c.TakeOffAir("d"))
    evening.session = CUT
    with pytest.raises(Refused) as caught:
        evening.do(command)
    assert caught.value.code == "session_cut"
    evening.session = LIVE
    evening.do(command)


def test_whatever_takes_away_or_only_the_desk_sees_goes_on(evening: Evening) -> None:
    evening.session = CUT
    shown = evening.shown
    evening.do(c.Edit("a", "改过"), c.Tag("b", ("航线",)), c.TakeOffAir("d"), c.Dequeue("c"), c.Merge("a", "b"))
    evening.do(c.Refuse("c", RefusalReason.OFF_TOPIC), c.Defer("d"))
    evening.do(c.Ask("e", "E", "Ce", "key-e-key", "新提问"), by=visitor("de"))
    assert evening.shown == {name: shown[name] for name in "bd"}


@pytest.mark.parametrize(
    "leaving", [c.Refuse("b", RefusalReason.OFF_TOPIC), c.Withdraw("b")], ids=["refuse", "withdraw"]
)
def test_what_was_merged_into_a_question_that_leaves_waits_for_the_desk(
    evening: Evening, leaving: c.AnyCommand
) -> None:
    evening.do(c.Merge("c", "b"))
    evening.session = CUT
    evening.do(leaving, by=visitor("db") if isinstance(leaving, c.Withdraw) else LEAD)
    assert evening.state("c") is Q.PENDING
    assert set(evening.shown) == {"d"}


def test_a_question_that_is_separated_waits_for_the_desk(evening: Evening) -> None:
    evening.do(c.Merge("c", "b"))
    evening.session = CUT
    evening.do(c.Unmerge("c"))
    assert evening.state("c") is Q.PENDING


@pytest.mark.parametrize(
    "move",
    [
        (c.Refuse("b", RefusalReason.OFF_TOPIC),),
        (c.Merge("b", "c"),),
        (c.Edit("b", "改过"),),
        (c.Dequeue("c"),),
        (c.TakeOffAir("d"),),
        (c.MarkAnswered("d"),),
        (c.Tag("b", ("航线",)), c.Refuse("c", RefusalReason.OFF_TOPIC)),
    ],
    ids=["refuse", "merge", "edit", "dequeue", "take off air", "answered", "one of two"],
)
def test_an_undo_shows_nothing_either(evening: Evening, move: tuple[c.AnyCommand, ...]) -> None:
    lines = evening.do(*move)
    evening.session = CUT
    with pytest.raises(Refused) as caught:
        evening.undo(*lines)
    assert caught.value.code == "session_cut"


@pytest.mark.parametrize(
    "move", [c.Publish("a"), c.Enqueue("b"), c.Tag("b", ("航线",))], ids=["publish", "enqueue", "tag"]
)
def test_an_undo_that_takes_away_goes_on(evening: Evening, move: c.AnyCommand) -> None:
    before = evening.shown
    lines = evening.do(move)
    evening.session = CUT
    evening.undo(*lines)
    assert evening.shown == before


def test_the_end_of_a_broadcast_that_was_cut_off_shows_nothing(evening: Evening) -> None:
    evening.session = CUT
    before = evening.shown
    evening.do(c.Freeze())
    assert evening.shown == before
