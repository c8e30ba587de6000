"""Rooms, sessions, questions, votes and the feed in SQL. Knows rows, not rules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom import ids
from liveroom.errors import Refused, Stale
from liveroom.matters.suggestion import AnyMatterEvent, Matter
from liveroom.ports.rooms import Entry, Sitting, Tally
from liveroom.qa.apply import apply
from liveroom.qa.events import AnyEvent, QuestionEvent, QueueEvent
from liveroom.qa.question import Question, Queue
from liveroom.qa.votes import tally
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Actor
from liveroom.rooms.room import Room
from liveroom.rooms.session import OPEN_FOR_QUESTIONS, AnySessionEvent, Session, SessionEvent, SessionState
from liveroom.storage import matters, schema
from liveroom.storage.database import Database

_QUESTION_COLUMNS = [f.name for f in fields(Question)]
_KEPT_SITTINGS = 64

_decode = msgspec.json.Decoder(AnyEvent | AnySessionEvent)
_encode = msgspec.json.Encoder()


class SqlRecords:
    """The records in one database; satisfies `liveroom.ports.rooms.Records`."""

    def __init__(self, database: Database, epoch: str) -> None:
        self._database = database
        self._epoch = epoch
        # The newest sitting by session. Safe because `save` compares the number inside the transaction.
        self._sittings: OrderedDict[str, Sitting] = OrderedDict()
        # Rooms with their sessions, which every viewer who joins asks for. Safe because this process alone writes.
        self._programmes: dict[str, tuple[Room, Sequence[Session]]] = {}
        self._programmes_forgotten = 0

    @classmethod
    async def open(cls, database: Database) -> SqlRecords:
        """The records, with their epoch, which is drawn when the database is new."""
        records = cls(database, "")
        records._epoch = await records.remember("epoch", ids.new_id())
        return records

    async def remember(self, name: str, fresh: str) -> str:
        """A value that belongs to this set of records: the one kept under the name, else `fresh`, now kept."""
        meta = schema.meta
        async with self._database.write() as connection:
            await connection.execute(insert(meta).values(name=name, value=fresh).on_conflict_do_nothing())
            return str(await connection.scalar(sa.select(meta.c.value).where(meta.c.name == name)))

    @property
    def epoch(self) -> str:
        return self._epoch

    async def rooms(self) -> list[Room]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(schema.rooms).order_by(schema.rooms.c.slug))
            return [Room(**row) for row in rows.mappings()]

    async def room(self, slug: str) -> Room | None:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(schema.rooms).where(schema.rooms.c.slug == slug))
            row = rows.mappings().first()
            return Room(**row) if row else None

    async def programme(self, slug: str) -> tuple[Room, Sequence[Session]] | None:
        known = self._programmes.get(slug)
        if known is not None:
            return known
        before = self._programmes_forgotten
        room = await self.room(slug)
        if room is None:
            return None
        found = room, await self.sessions(slug)
        if before == self._programmes_forgotten:
            self._programmes[slug] = found
        return found

    async def add_room(self, room: Room) -> None:
        try:
            async with self._database.write() as connection:
                await connection.execute(sa.insert(schema.rooms).values(**asdict(room)))
        except IntegrityError as error:
            raise Refused("slug_taken") from error

    async def add_session(self, session: Session, event: AnySessionEvent, by: Actor, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.insert(schema.sessions).values(**_session_row(session), seq=1))
            await _append(connection, session.id, 0, [event], by, now)
        self._forget_programmes()

    async def sessions(self, room: str | None = None, states: Collection[SessionState] | None = None) -> list[Session]:
        query = sa.select(schema.sessions).order_by(schema.sessions.c.starts_at, schema.sessions.c.id)
        if room is not None:
            query = query.where(schema.sessions.c.room == room)
        if states is not None:
            query = query.where(schema.sessions.c.state.in_([s.value for s in states]))
        async with self._database.read() as connection:
            return [_session(row) for row in (await connection.execute(query)).mappings()]

    async def tallies(self, sessions: Collection[str]) -> Mapping[str, Tally]:
        q = schema.questions.c
        query = (
            sa.select(q.session, sa.func.count(), sa.func.count().filter(q.outcome.is_(None)))
            .where(q.session.in_(list(sessions)))
            .group_by(q.session)
        )
        async with self._database.read() as connection:
            return {row[0]: Tally(row[1], row[2]) for row in await connection.execute(query)}

    async def load(self, session: str) -> Sitting:
        kept = self._sittings.get(session)
        if kept is not None:
            self._sittings.move_to_end(session)
            return kept
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(schema.sessions).where(schema.sessions.c.id == session))
            row = rows.mappings().first()
            if row is None:
                raise Refused("not_found")
            q = schema.questions
            asked = await connection.execute(sa.select(q).where(q.c.session == session).order_by(q.c.asked_at, q.c.id))
            questions = {r["id"]: _question(r) for r in asked.mappings()}
        return self._keep(Sitting(_session(row), Queue(session, MappingProxyType(questions)), row["seq"]))

    async def save(
        self,
        sitting: Sitting,
        events: Sequence[AnyEvent | AnySessionEvent],
        by: Actor,
        now: datetime,
        *,
        drafts: Sequence[tuple[Matter, Sequence[AnyMatterEvent]]] = (),
    ) -> Sitting:
        session = sitting.session
        for event in events:
            if isinstance(event, SessionEvent):
                session = rooms.apply(session, event)
        queue = apply(sitting.queue, [e for e in events if isinstance(e, QueueEvent)])
        after = Sitting(session, queue, sitting.seq + len(events))
        touched = {e.question for e in events if isinstance(e, QuestionEvent)}
        try:
            async with self._database.write() as connection:
                changed = await connection.execute(
                    sa.update(schema.sessions)
                    .where(schema.sessions.c.id == session.id, schema.sessions.c.seq == sitting.seq)
                    .values(**_session_row(session), seq=after.seq)
                )
                if changed.rowcount != 1:
                    raise Stale(session.id)
                for question in touched:
                    row = _question_row(session.id, queue.questions[question])
                    await connection.execute(
                        insert(schema.questions).values(**row).on_conflict_do_update(index_elements=["id"], set_=row)
                    )
                for matter, facts in drafts:
                    await matters.insert(connection, matter, facts, by, now)
                await _append(connection, session.id, sitting.seq, events, by, now)
        except (Stale, IntegrityError) as error:
            # A label or key that another question took since we looked: look again.
            self._sittings.pop(session.id, None)
            raise Stale(session.id) from error
        if session is not sitting.session:
            self._forget_programmes()
        return self._keep(after)

    async def since(self, session: str, seq: int) -> list[Entry]:
        f = schema.feed.c
        query = sa.select(schema.feed).where(f.session == session, f.seq > seq).order_by(f.seq)
        async with self._database.read() as connection:
            return [_entry(row) for row in (await connection.execute(query)).mappings()]

    async def about(self, session: str, questions: Collection[str]) -> list[Entry]:
        f = schema.feed.c
        query = sa.select(schema.feed).where(f.session == session, f.question.in_(list(questions))).order_by(f.seq)
        async with self._database.read() as connection:
            return [_entry(row) for row in (await connection.execute(query)).mappings()]

    async def find_question(self, code: str) -> tuple[str, str] | None:
        q = schema.questions.c
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(q.session, q.id).where(q.code == code))).first()
            return (row[0], row[1]) if row else None

    async def second(self, session: str, question: str, voter: str, now: datetime) -> bool:
        vote = insert(schema.votes).values(session=session, question=question, voter=voter, at=now)
        # Looked at in the same transaction: after the end was committed no vote comes in, and the seal holds all.
        state = sa.select(schema.sessions.c.state).where(schema.sessions.c.id == session).with_for_update(read=True)
        async with self._database.write() as connection:
            found = await connection.scalar(state)
            if found not in OPEN_FOR_QUESTIONS:
                raise Refused("session_closed", state=found)
            return (await connection.execute(vote.on_conflict_do_nothing())).rowcount == 1

    async def voters(self, session: str) -> Mapping[str, Collection[str]]:
        v = schema.votes.c
        found: dict[str, set[str]] = {}
        async with self._database.read() as connection:
            for question, voter in await connection.execute(sa.select(v.question, v.voter).where(v.session == session)):
                found.setdefault(question, set()).add(voter)
        return found

    async def votes(self, session: str) -> Mapping[str, int]:
        voters = await self.voters(session)
        return tally((await self.load(session)).queue, voters)

    async def seconded(self, session: str, voter: str) -> list[str]:
        v = schema.votes.c
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(v.question).where(v.session == session, v.voter == voter))
            return list(rows.scalars())

    def _forget_programmes(self) -> None:
        """Called after a commit; whoever is reading meanwhile may have read what was before, and does not keep it."""
        self._programmes.clear()
        self._programmes_forgotten += 1

    def _keep(self, sitting: Sitting) -> Sitting:
        known = self._sittings.get(sitting.session.id)
        if known is not None and known.seq > sitting.seq:
            return known
        self._sittings[sitting.session.id] = sitting
        self._sittings.move_to_end(sitting.session.id)
        while len(self._sittings) > _KEPT_SITTINGS:
            self._sittings.popitem(last=False)
        return sitting


async def _append(
    connection: AsyncConnection,
    session: str,
    seq: int,
    events: Sequence[AnyEvent | AnySessionEvent],
    by: Actor,
    now: datetime,
) -> None:
    rows = [
        {
            "session": session,
            "seq": seq + number,
            "at": now,
            "by": by.id,
            "by_name": by.name,
            "question": event.question if isinstance(event, QuestionEvent) else None,
            "event": _encode.encode(event).decode(),
        }
        for number, event in enumerate(events, 1)
    ]
    if rows:
        await connection.execute(sa.insert(schema.feed), rows)


def _session_row(session: Session) -> dict[str, Any]:
    return {**asdict(session), "deputies": list(session.deputies), "state": session.state.value}


def _session(row: sa.RowMapping) -> Session:
    values = {f.name: row[f.name] for f in fields(Session)}
    return Session(**{**values, "deputies": tuple(row["deputies"]), "state": SessionState(row["state"])})


def _question_row(session: str, question: Question) -> dict[str, Any]:
    return {**msgspec.to_builtins(question, builtin_types=(datetime,)), "session": session}


def _question(row: sa.RowMapping) -> Question:
    return msgspec.convert({name: row[name] for name in _QUESTION_COLUMNS}, Question)


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(row["seq"], row["at"], row["by"], row["by_name"], _decode.decode(row["event"]))
