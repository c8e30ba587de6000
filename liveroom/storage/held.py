"""What became of questions whose retention has come: of each, with the question that speaks for it. Knows no period.

Whoever asked or seconded is heard at the end of what came of it: until then their question waits, and so does every one
that was merged into it (docs/decisions/0014-what-is-erased.md).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from liveroom.clock import day
from liveroom.rooms.session import SessionState
from liveroom.storage import schema
from liveroom.storage.matter_tables import matters

_Q, _S, _M = schema.questions.c, schema.sessions.c, matters.c


def spoken_for(asked: sa.ColumnElement[bool]) -> sa.Subquery:
    """Of these questions: `question`, its `session`, and the `matter` that came of the one which speaks for it."""
    first = sa.select(_Q.id.label("question"), _Q.session, _Q.merged_into, _Q.matter).where(asked)
    # Nested: a driver counts the rows of a statement that begins with what it does.
    walk = first.cte("walk", recursive=True, nesting=True)
    further = schema.questions.alias("further")
    next_one = sa.select(walk.c.question, walk.c.session, further.c.merged_into, further.c.matter)
    walk = walk.union_all(next_one.join(further, further.c.id == walk.c.merged_into))
    return sa.select(walk.c.question, walk.c.session, walk.c.matter).where(walk.c.merged_into == "").subquery()


def kept_long_enough(before: datetime) -> sa.ColumnElement[bool]:
    """Questions with anything personal left, of archived sessions that ended before that."""
    over = sa.select(_S.id).where(_S.state == SessionState.ARCHIVED.value, _S.ended_at < before)
    return sa.and_(_Q.erased == "", _Q.session.in_(over))


def still_followed(matter: sa.ColumnElement[str], before: datetime) -> sa.ColumnElement[bool]:
    """Whether a matter is open, or ended for good no earlier than that."""
    return sa.exists().where(_M.id == matter, sa.or_(_M.end == "", _M.closed_on >= day(before)))
