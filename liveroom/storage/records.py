"""Rooms, sessions, questions, votes and the feed in SQL. Knows rows, not rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom import ids
from liveroom.errors import Refused, Stale
from liveroom.matters.forgetting import Forgetting, person
from liveroom.ports.matters import MatterChange
from liveroom.ports.rooms import Entry, Given, Kept, Renamed, Sitting, Tally, Vote
from liveroom.qa.events import (
    AnyEvent,
    QuestionErased,
    QuestionEvent,
    VotesSealed,
)
from liveroom.qa.question import Question, Queue
from liveroom.rooms.roles import Actor
from liveroom.rooms.room import Room
from liveroom.rooms.session import AnySessionEvent, Session, SessionState
from liveroom.storage import held, matters, schema, session_log
from liveroom.storage.database import Database
from liveroom.storage.jobs import schedule
from liveroom.storage.kept import Programme, Sittings, catch_up, follow
from liveroom.storage.votes import SqlVotes, rename

_QUESTION_COLUMNS = [f.name for f in fields(Question)]
_ROOM = [schema.rooms.c[f.name] for f in fields(Room)]
_SEAL = f'{{"type":"{VotesSealed.__struct_config__.tag}"'
"""How the line of a seal begins."""


class SqlRecords:
    """The records in one database; satisfies `liveroom.ports.rooms.Records`."""

    def __init__(self, database: Database, epoch: str) -> None:
        self._database = database
        self._epoch = epoch
        self._votes = SqlVotes(database)
        # Where other processes write, too, both are compared with the database before they are used.
        self._sittings = Sittings()
        self._programmes: dict[str, Programme] = {}
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
            await connection.execute(
                self._database.insert(meta).values(name=name, value=fresh).on_conflict_do_nothing()
            )
            return str(await connection.scalar(sa.select(meta.c.value).where(meta.c.name == name)))

    @property
    def epoch(self) -> str:
        return self._epoch

    async def rooms(self) -> list[Room]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(*_ROOM).order_by(schema.rooms.c.slug))
            return [Room(**row) for row in rows.mappings()]

    async def room(self, slug: str) -> Room | None:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(*_ROOM).where(schema.rooms.c.slug == slug))
            row = rows.mappings().first()
            return Room(**row) if row else None

    async def programme(self, slug: str) -> tuple[Room, Sequence[Session]] | None:
        known = self._programmes.get(slug)
        if known is None or self._database.shared:
            before = self._programmes_forgotten
            async with self._database.read() as connection:
                known = await self._programme(connection, slug, known)
            if known is None:
                return None
            if before == self._programmes_forgotten:
                self._programmes[slug] = known
        return known.room, known.sessions

    async def _programme(self, connection: AsyncConnection, slug: str, known: Programme | None) -> Programme | None:
        """What is known if it is the newest, else what is there."""
        room = schema.rooms.c
        version = await connection.scalar(sa.select(room.version).where(room.slug == slug))
        if version is None or (known is not None and known.version == version):
            return known if version is not None else None
        row = (await connection.execute(sa.select(*_ROOM).where(room.slug == slug))).mappings().one()
        rows = await connection.execute(_by_start().where(schema.sessions.c.room == slug))
        return Programme(version, Room(**row), [_session(found) for found in rows.mappings()])

    async def add_room(self, room: Room) -> None:
        try:
            async with self._database.write() as connection:
                await connection.execute(sa.insert(schema.rooms).values(**asdict(room)))
        except IntegrityError as error:
            raise Refused("slug_taken") from error

    async def add_session(self, session: Session, event: AnySessionEvent, by: Actor, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.insert(schema.sessions).values(**_session_row(session), seq=1))
            await session_log.append(connection, session.id, 0, [event], by, now)
            await _another_programme(connection, session.room)
        self._forget_programmes()

    async def sessions(self, room: str | None = None, states: Collection[SessionState] | None = None) -> list[Session]:
        query = _by_start()
        if room is not None:
            query = query.where(schema.sessions.c.room == room)
        if states is not None:
            query = query.where(schema.sessions.c.state.in_([s.value for s in states]))
        async with self._database.read() as connection:
            return [_session(row) for row in (await connection.execute(query)).mappings()]

    async def tallies(self, sessions: Collection[str]) -> Mapping[str, Tally]:
        q = schema.questions.c
        without, said = q.outcome.is_(None), q.commitment.is_(sa.true())
        counts = (sa.func.count(), sa.func.count().filter(without), sa.func.count().filter(without, said))
        query = sa.select(q.session, *counts).where(q.session.in_(list(sessions))).group_by(q.session)
        async with self._database.read() as connection:
            return {row[0]: Tally(*row[1:]) for row in await connection.execute(query)}

    async def load(self, session: str) -> Sitting:
        known = self._sittings.get(session)
        if known is not None and not self._database.shared:
            return known
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(schema.sessions).where(schema.sessions.c.id == session))
            row = rows.mappings().first()
            if row is None:
                raise Refused("not_found")
            if known is not None:
                if known.seq == row["seq"]:
                    return known
                newer = catch_up(known, await session_log.since(connection, session, known.seq), row["seq"])
                if newer is not None:
                    return self._sittings.keep(newer)
                # What is known is of other records than these.
                self._sittings.forget(session)
            q = schema.questions
            asked = await connection.execute(sa.select(q).where(q.c.session == session).order_by(q.c.asked_at, q.c.id))
            questions = {r["id"]: _question(r) for r in asked.mappings()}
        return self._sittings.keep(Sitting(_session(row), Queue(session, MappingProxyType(questions)), row["seq"]))

    async def save(
        self,
        sitting: Sitting,
        events: Sequence[AnyEvent | AnySessionEvent],
        by: Actor,
        now: datetime,
        *,
        drafts: Sequence[MatterChange] = (),
        renamed: Sequence[Renamed] = (),
    ) -> Sitting:
        after = follow(sitting, events)
        session, queue = after.session, after.queue
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
                    keep = self._database.insert(schema.questions).values(**row)
                    await connection.execute(keep.on_conflict_do_update(index_elements=["id"], set_=row))
                for change in drafts:
                    await matters.keep(connection, change, by, now)
                kept = [await session_log.erase(connection, sitting, event, now) for event in events]
                await session_log.append(connection, session.id, sitting.seq, kept, by, now)
                await schedule(connection, session_log.announcements(sitting, kept, drafts, now))
                for voter in renamed:
                    await rename(connection, session.id, voter)
                    if voter.matter:
                        names = {person(voter.matter, voter.before): person(voter.matter, voter.after)}
                        await matters.forget(connection, voter.matter, Forgetting(names=names), now)
                if any(isinstance(event, QuestionErased) for event in events):
                    mark = {"name": "erasures", "value": ids.new_id()}
                    noted = self._database.insert(schema.meta).values(mark)
                    await connection.execute(noted.on_conflict_do_update(index_elements=["name"], set_=mark))
                if session != sitting.session:
                    await _another_programme(connection, session.room)
        except (Stale, IntegrityError) as error:
            # A label or key that another question took since we looked: look again.
            self._sittings.forget(session.id)
            raise Stale(session.id) from error
        if session != sitting.session:
            self._forget_programmes()
        if renamed or any(isinstance(event, QuestionErased) for event in events):
            await self._database.scrub()
        return self._sittings.keep(after)

    async def since(self, session: str, seq: int) -> list[Entry]:
        async with self._database.read() as connection:
            return await session_log.since(connection, session, seq)

    async def about(self, session: str, questions: Collection[str]) -> list[Entry]:
        async with self._database.read() as connection:
            return await session_log.about(connection, session, questions)

    async def find_question(self, code: str) -> tuple[str, str] | None:
        q = schema.questions.c
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(q.session, q.id).where(q.code == code))).first()
            return (row[0], row[1]) if row else None

    async def session_of(self, question: str) -> str | None:
        q = schema.questions.c
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(sa.select(q.session).where(q.id == question))
            return found

    async def second_all(self, votes: Sequence[Vote]) -> Sequence[Kept]:
        return await self._votes.keep(votes)

    async def voters(self, session: str) -> Mapping[str, Collection[str]]:
        return await self._votes.voters(session)

    async def votes(self, session: str) -> Mapping[str, int]:
        return await self._votes.tally((await self.load(session)).queue)

    async def unsealed(self) -> list[str]:
        s, f = schema.sessions.c, schema.feed.c
        seal = sa.exists().where(f.session == s.id, f.question.is_(None), f.event.startswith(_SEAL, autoescape=True))
        over = [SessionState.ENDED.value, SessionState.DISPOSITION.value]
        async with self._database.read() as connection:
            found = await connection.scalars(sa.select(s.id).where(s.state.in_(over), ~seal).order_by(s.starts_at))
            return list(found)

    async def seconded(self, session: str, voter: str) -> list[str]:
        return await self._votes.given_by(session, voter)

    async def given_by(self, voter: str) -> list[Given]:
        return await self._votes.given(voter)

    async def asked_by(self, device: str) -> int:
        query = sa.select(sa.func.count()).where(schema.questions.c.device == device)
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def expired(self, before: datetime, limit: int) -> Mapping[str, Collection[str]]:
        q, s = schema.questions.c, schema.sessions.c
        asked = held.spoken_for(held.kept_long_enough(before))
        due = sa.select(asked.c.session).where(~held.still_followed(asked.c.matter, before))
        first = sa.select(s.id).where(s.id.in_(due)).order_by(s.ended_at).limit(limit)
        found: dict[str, set[str]] = {}
        async with self._database.read() as connection:
            for session in list(await connection.scalars(first)):
                theirs = held.spoken_for(sa.and_(q.session == session, q.erased == ""))
                over = sa.select(theirs.c.question).where(~held.still_followed(theirs.c.matter, before))
                found[session] = set(await connection.scalars(over))
        return found

    async def erasures(self) -> str:
        meta = schema.meta.c
        async with self._database.read() as connection:
            return str(await connection.scalar(sa.select(meta.value).where(meta.name == "erasures")) or "")

    def _forget_programmes(self) -> None:
        """Called after a commit; whoever is reading meanwhile may have read what was before, and does not keep it."""
        self._programmes.clear()
        self._programmes_forgotten += 1


def _by_start() -> sa.Select[Any]:
    return sa.select(schema.sessions).order_by(schema.sessions.c.starts_at, schema.sessions.c.id)


async def _another_programme(connection: AsyncConnection, room: str) -> None:
    """Whoever keeps the room's programme reads it anew."""
    r = schema.rooms
    await connection.execute(sa.update(r).where(r.c.slug == room).values(version=r.c.version + 1))


def _session_row(session: Session) -> dict[str, Any]:
    return {**asdict(session), "deputies": list(session.deputies), "state": session.state.value}


def _session(row: sa.RowMapping) -> Session:
    values = {f.name: row[f.name] for f in fields(Session)}
    return Session(**{**values, "deputies": tuple(row["deputies"]), "state": SessionState(row["state"])})


def _question_row(session: str, question: Question) -> dict[str, Any]:
    return {**msgspec.to_builtins(question, builtin_types=(datetime,)), "session": session}


def _question(row: sa.RowMapping) -> Question:
    return msgspec.convert({name: row[name] for name in _QUESTION_COLUMNS}, Question)
