"""When the answer to a question may be played back (回放). Knows no recording and no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from liveroom.rooms.session import Session, SessionState

SETTLES = timedelta(seconds=10)
"""How long after its end a part is surely written down."""

LONGEST = timedelta(minutes=30)
"""What is played back at most of one answer; of a longer one the beginning."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a broadcast on the wall clock."""

    begin: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return round((self.end - self.begin).total_seconds())


def answer_span(session: Session, mark_start: int | None, mark_end: int | None, now: datetime) -> Span | None:
    """The part between two marks (milliseconds since the broadcast began); None while it may not be played.

    While a broadcast is cut off nothing of it is shown, and what was said last is not yet written down.
    """
    if session.started_at is None or mark_start is None or mark_end is None or mark_end <= mark_start:
        return None
    if session.state is SessionState.CUT:
        return None
    begin, end = (session.started_at + timedelta(milliseconds=mark) for mark in (mark_start, mark_end))
    return Span(begin, min(end, begin + LONGEST)) if end + SETTLES <= now else None
