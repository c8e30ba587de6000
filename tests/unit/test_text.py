"""What is typed anywhere is kept without what nobody sees, and with everything that is meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from liveroom.matters import drafting, engine
from liveroom.matters.matter import Matter, SourceQuestion
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Actor, Role
from liveroom.rooms.room import open_room
from liveroom.text import clean, clean_lines
from tests.unit.matters.rule_sets import STANDARD, around

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYTHING = Actor("d", "D", frozenset(set(Role) - {Role.SYSTEM}))
LIVE = rooms.Session("s", "r", "t", NOW, ("d",), rooms.SessionState.LIVE)
PLANNED = rooms.Session("s", "r", "t", NOW, ("d",))
SOURCE = SourceQuestion("q", "s", "A7K2", ("原话",), 0)
UNSEEN = "甲\u202e乙\x00丙\u200b丁\ufeff\x1b"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def edited(field: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        values = {"title": "t", "body": "b", field: text}
        today = NOW.date()
        drafted = Matter("m", rules=STANDARD.reference, state="draft")
        (event,) = engine.decide(drafted, STANDARD, "edit", values, EVERYTHING, around(today))
        return event.values[field]

    return edit


def decided(session: rooms.Session, command: type[rooms.CutOff | rooms.Cancel]) -> Callable[[str], str]:
    return lambda text: rooms.decide(session, command(text), EVERYTHING, NOW)[0].reason


FIELDS: dict[str, Callable[[str], str]] = {
    "topic": lambda text: rooms.schedule(text, NOW, ("d",), EVERYTHING, NOW).topic,
    "room name": lambda text: open_room("r", text).name,
    "room about": lambda text: open_room("r", "n", text).about,
    "reason of a cut": decided(LIVE, rooms.CutOff),
    "reason of a cancellation": decided(PLANNED, rooms.Cancel),
    "title of a draft": lambda text: drafting.draft([SOURCE], text)["title"],
    "title of a suggestion": edited("title"),
    "body of a suggestion": edited("body"),
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_keeps_what_is_meant_and_nothing_unseen(field: str) -> None:
    keep = FIELDS[field]
    assert keep(UNSEEN) == "甲 乙 丙 丁"
    assert keep("甲\u3000乙\t丙") == "甲 乙 丙"
    assert keep(f"一家{FAMILY}") == f"一家{FAMILY}"


def test_paragraphs_stay_paragraphs() -> None:
    assert clean_lines("  一\u3000二\r\n\r\n\u3000\u3000三\x07\n ") == "一 二\n\n三"
    assert clean("一\n二") == "一 二"
