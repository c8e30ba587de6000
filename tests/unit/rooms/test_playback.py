from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from liveroom.rooms.playback import LONGEST, SETTLES, Span, answer_span
from liveroom.rooms.session import Session, SessionState

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = BEGAN + timedelta(days=1)
SESSION = Session("s", "r", "topic", BEGAN, ("d",), SessionState.ENDED, started_at=BEGAN)


def after(**span: float) -> datetime:
    return BEGAN + timedelta(**span)


def test_an_answer_is_the_part_between_its_marks() -> None:
    assert answer_span(SESSION, 61_500, 125_000, LATER) == Span(after(seconds=61.5), after(seconds=125))
    assert Span(after(seconds=61.5), after(seconds=125)).seconds == 64


@pytest.mark.parametrize("marks", [(None, None), (1000, None), (None, 2000), (2000, 2000), (3000, 2000)])
def test_there_is_none_without_two_marks_in_order(marks: tuple[int | None, int | None]) -> None:
    assert answer_span(SESSION, *marks, LATER) is None


def test_there_is_none_of_a_session_that_never_began() -> None:
    assert answer_span(replace(SESSION, started_at=None), 1000, 2000, LATER) is None


@pytest.mark.parametrize("state", SessionState)
def test_nothing_is_played_back_while_a_broadcast_is_cut_off(state: SessionState) -> None:
    assert (answer_span(replace(SESSION, state=state), 1000, 2000, LATER) is None) == (state is SessionState.CUT)


def test_it_is_there_once_it_is_surely_written_down() -> None:
    ready = after(seconds=2) + SETTLES
    assert answer_span(SESSION, 1000, 2000, ready - timedelta(milliseconds=1)) is None
    assert answer_span(SESSION, 1000, 2000, ready) is not None


def test_of_a_very_long_answer_the_beginning_is_played() -> None:
    span = answer_span(SESSION, 0, 2 * 3600 * 1000, LATER)
    assert span is not None
    assert (span.begin, span.end) == (BEGAN, BEGAN + LONGEST)
