"""A question that waits is looked at again when a list changes: what holds it, and what lets it go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa.apply import apply
from liveroom.qa.decide import decide
from liveroom.qa.question import HeldBecause, Hit, Question, Queue
from liveroom.qa.question import QuestionState as Q
from liveroom.rooms.roles import SYSTEM, Actor, Role
from liveroom.rooms.session import Session, SessionState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIVE = Session("s", "r", "t", NOW, ("d",), SessionState.LIVE, started_at=NOW)
HOLD, OTHER, FLAG = Hit("l", 1, "hold", "甲"), Hit("l", 2, "escalate", "乙"), Hit("l", 2, "flag", "丙")
ASKED = Question("q", "Q", "C", "key", "device", "文字", "", "", NOW)


def after(question: Question, *hits: Hit, text: str = "文字") -> Question:
    queue = Queue("s").put([question])
    command = c.Rescreen("q", text, question.nickname, question.island, hits)
    return apply(queue, decide(queue, LIVE, command, SYSTEM, NOW)).questions["q"]


def test_a_new_reason_holds() -> None:
    found = after(ASKED, OTHER)
    assert (found.state, found.held_because, found.hits) == (Q.HELD, HeldBecause.LIST, (OTHER,))
    assert after(ASKED, FLAG).state is Q.PENDING


def test_what_somebody_has_let_go_is_not_held_for_the_same_reason() -> None:
    let_go = replace(ASKED, hits=(HOLD,), held_because=HeldBecause.LIST)
    newer = Hit("l", 2, "hold", "甲")
    assert after(let_go, newer).state is Q.PENDING
    assert after(let_go, newer).hits == (newer,)
    assert after(let_go, newer, OTHER).state is Q.HELD


def test_what_a_list_alone_has_held_is_let_go_when_nothing_holds_it() -> None:
    held = replace(ASKED, state=Q.HELD, hits=(HOLD,), held_because=HeldBecause.LIST)
    assert after(held, FLAG).state is Q.PENDING
    assert after(held, HOLD).state is Q.HELD
    shield = replace(held, held_because=HeldBecause.SHIELD)
    assert (after(shield).state, after(shield).held_because) == (Q.HELD, HeldBecause.SHIELD)


def test_what_is_covered_now_is_kept_as_it_was_sent() -> None:
    found = after(ASKED, FLAG, text="文*")
    assert (found.text, found.original_text) == ("文*", "文字")
    assert after(replace(found, text="改*"), FLAG, text="**").original_text == "文字"


def test_nothing_new_is_no_line_of_the_feed() -> None:
    queue = Queue("s").put([ASKED])
    assert decide(queue, LIVE, c.Rescreen("q", "文字", "", "", ()), SYSTEM, NOW) == []


def test_nobody_but_the_program_screens() -> None:
    queue = Queue("s").put([ASKED])
    lead = Actor("l", "L", frozenset({Role.LEAD_MODERATOR}))
    with pytest.raises(Refused, match="forbidden"):
        decide(queue, LIVE, c.Rescreen("q", "文字", "", "", ()), lead, NOW)
