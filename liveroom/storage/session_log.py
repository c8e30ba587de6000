"""The log of sessions: what happened as sealed lines, and what an erasure leaves of them. Knows no state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.matters.forgetting import Forgetting, person
from liveroom.ports.jobs import Job
from liveroom.ports.matters import MatterChange
from liveroom.ports.rooms import Entry, Sitting
from liveroom.qa.erasing import left_of
from liveroom.qa.events import AnyEvent, OutcomeGiven, QuestionAsked, QuestionEdited, QuestionErased, QuestionEvent
from liveroom.qa.outcomes import is_news
from liveroom.rooms.chain import Link
from liveroom.rooms.roles import Actor
from liveroom.rooms.session import AnySessionEvent
from liveroom.storage import matters, schema
from liveroom.storage.log import Log, link

LOG = Log("session", schema.feed, "session", schema.sessions)

OUTCOME = "outcome"
"""The kind of job that announces what became of a question."""

_decode = msgspec.json.Decoder(AnyEvent | AnySessionEvent)
_encode = msgspec.json.Encoder()


async def append(
    connection: AsyncConnection,
    session: str,
    seq: int,
    events: Sequence[AnyEvent | AnySessionEvent],
    by: Actor,
    now: datetime,
) -> None:
    """Keep events as the lines that follow the line `seq`, inside a transaction that has made sure of that."""
    about = [event.question if isinstance(event, QuestionEvent) else None for event in events]
    links = [
        Link(seq + number, now, by.id, by.name, question, _encode.encode(event).decode())
        for number, (question, event) in enumerate(zip(about, events, strict=True), 1)
    ]
    await LOG.append(connection, session, links)


def announcements(
    sitting: Sitting, events: Sequence[AnyEvent | AnySessionEvent], changes: Sequence[MatterChange], now: datetime
) -> list[Job]:
    """One for each outcome that may have to be told by itself; who hears of it is the notices' affair.

    `changes` are those of matters that are kept with it: `ended` is the one that lets the question go.
    """
    questions, changed = sitting.queue.questions, {change.before.id for change in changes}
    jobs = []
    for seq, event in enumerate(events, sitting.seq + 1):
        if not isinstance(event, OutcomeGiven):
            continue
        before = questions[event.question]
        ended = before.matter if before.matter in changed else ""
        if is_news(before, event, let_go=bool(ended)):
            data = {"session": sitting.session.id, "question": event.question, "seq": seq, "ended": ended}
            jobs.append(Job(OUTCOME, f"question:{event.question}:outcome:{seq}", now, data))
    return jobs


async def since(connection: AsyncConnection, session: str, seq: int) -> list[Entry]:
    """The lines after `seq`, in order."""
    return await _entries(connection, schema.feed.c.session == session, schema.feed.c.seq > seq)


async def about(connection: AsyncConnection, session: str, questions: Collection[str]) -> list[Entry]:
    """All lines about these questions, in order."""
    return await _entries(connection, schema.feed.c.session == session, schema.feed.c.question.in_(list(questions)))


async def erase(
    connection: AsyncConnection, sitting: Sitting, event: AnyEvent | AnySessionEvent, now: datetime
) -> AnyEvent | AnySessionEvent:
    """An erasure is done to the lines that are there, and vouches for what is left of them; others stay as they are."""
    if not isinstance(event, QuestionErased):
        return event
    question = sitting.queue.questions[event.question]
    device, wordings = question.device, {question.text, question.original_text}
    # Whoever was merged is heard about what came of the question that speaks for them.
    held_by = {sitting.queue.root(question).matter} - {""}
    f = schema.feed.c
    query = sa.select(schema.feed).where(f.session == sitting.session.id, f.question == event.question)
    left: list[Link] = []
    for row in (await connection.execute(query)).mappings():
        by = event.device if row["by"] == device else row["by"]
        said = _decode.decode(row["event"])
        match said:
            case OutcomeGiven(matter=matter) if matter:
                held_by.add(matter)
            case QuestionAsked() | QuestionEdited():
                wordings.add(said.text)
        content = _encode.encode(left_of(said, event)).decode()
        left.append(replace(link(row), by=by, event=content))
    vouching = await LOG.erase(connection, sitting.session.id, left)
    for matter in sorted(held_by):
        names = {person(matter, device): person(matter, event.device)}
        await matters.forget(connection, matter, Forgetting(question.id, wordings, event.text, names), now)
    return msgspec.structs.replace(event, erased=vouching)


async def _entries(connection: AsyncConnection, *which: sa.ColumnElement[bool]) -> list[Entry]:
    rows = await connection.execute(sa.select(schema.feed).where(*which).order_by(schema.feed.c.seq))
    return [_entry(row) for row in rows.mappings()]


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(row["seq"], row["at"], row["by"], row["by_name"], _decode.decode(row["event"]))
