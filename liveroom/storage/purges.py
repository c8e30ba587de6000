"""What is let go by its age, in SQL and in files, and the book of what was. Knows no period."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

from liveroom.clock import day
from liveroom.ports.jobs import Job
from liveroom.ports.purging import Purged, Report
from liveroom.rooms.session import SessionState
from liveroom.storage import jobs, schema
from liveroom.storage.database import Database
from liveroom.storage.held import kept_long_enough, spoken_for, still_followed
from liveroom.storage.matter_tables import matters, voices
from liveroom.storage.matters import let_voices_go
from liveroom.storage.notices import followers, notices
from liveroom.storage.schema import Instant, metadata

KEY, KIND = "purge:daily", "purge"
_OPEN_NOTICES = ("waiting", "sending")

purges = sa.Table(
    "purges",
    metadata,
    sa.Column("at", Instant, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("gone", sa.Integer, nullable=False),
    sa.Column("waits", sa.Integer, nullable=False),
    sa.Column("held", sa.Integer, nullable=False, server_default="0"),
)

_P, _S, _F, _N, _M = purges.c, schema.sessions.c, followers.c, notices.c, matters.c


class SqlPurges:
    """Satisfies `liveroom.ports.purging.Purges`. `codes` is the folder of codes that no service carries."""

    def __init__(self, database: Database, codes: Path) -> None:
        self._database = database
        self._codes = codes

    async def codes(self, before: datetime) -> int:
        sent = schema.identity_codes.c.sent_at
        async with self._database.write() as connection:
            gone = (await connection.execute(sa.delete(schema.identity_codes).where(sent < before))).rowcount
        return gone + await asyncio.to_thread(_drop_files, self._codes, before)

    async def keys(self, before: datetime) -> int:
        signed_in, links = schema.sign_ins, schema.links
        async with self._database.write() as connection:
            ended = await connection.execute(sa.delete(signed_in).where(signed_in.c.until < before))
            over = await connection.execute(sa.delete(links).where(links.c.until < before))
            return ended.rowcount + over.rowcount

    async def looks(self, before: datetime) -> int:
        look = schema.identity_accesses
        old = sa.and_(look.c.at < before, sa.or_(look.c.first.is_not(None), look.c.reason != ""))
        async with self._database.write() as connection:
            emptied = sa.update(look).where(old).values(question="", reason="", first=None, second=None)
            return (await connection.execute(emptied)).rowcount

    async def deliveries(self, before: datetime) -> int:
        told = sa.and_(_N.made_at < before, _N.state.not_in(_OPEN_NOTICES))
        # Whoever stopped stays until nothing they were told is left, so that nobody is told twice.
        ended = sa.and_(_F.ended_at < before, ~sa.exists().where(_N.follower == _F.id))
        async with self._database.write() as connection:
            gone = (await connection.execute(sa.delete(notices).where(told))).rowcount
            return gone + (await connection.execute(sa.delete(followers).where(ended))).rowcount

    async def contacts(self, before: datetime) -> int:
        closed = sa.select(_M.id).where(_M.closed_on < day(before))
        followed = sa.select(_F.question).where(_F.question != "", _F.ended_at.is_(None))
        asked = spoken_for(schema.questions.c.id.in_(followed))
        # A question of which nothing came is closed with the archive of its session.
        filed = sa.and_(asked.c.matter == "", _S.state == SessionState.ARCHIVED.value, _S.archived_at < before)
        over = (
            sa.select(asked.c.question)
            .join(schema.sessions, _S.id == asked.c.session)
            .where(sa.or_(asked.c.matter.in_(closed), filed))
        )
        theirs = sa.and_(_F.ended_at.is_(None), sa.or_(_F.matter.in_(closed), _F.question.in_(over)))
        async with self._database.write() as connection:
            ended = sa.update(followers).where(theirs).values(ended_at=before, sealed=None, device="", place="")
            return (await connection.execute(ended)).rowcount

    async def said(self, before: datetime, now: datetime) -> int:
        over = sa.select(voices.c.matter).join(matters).where(_M.end != "", _M.closed_on < day(before))
        async with self._database.read() as connection:
            heard = list(await connection.scalars(over))
        gone = 0
        for matter in heard:
            async with self._database.write() as connection:
                gone += await let_voices_go(connection, matter, now)
        return gone

    async def waiting(self, before: datetime) -> int:
        states = [SessionState.ENDED.value, SessionState.DISPOSITION.value]
        query = sa.select(sa.func.count()).where(_S.state.in_(states), _S.ended_at < before)
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def held(self, before: datetime) -> int:
        asked = spoken_for(kept_long_enough(before))
        query = sa.select(sa.func.count()).where(still_followed(asked.c.matter, before))
        async with self._database.read() as connection:
            return int(await connection.scalar(query.select_from(asked)) or 0)

    async def plan(self, at: datetime) -> None:
        async with self._database.write() as connection:
            await jobs.schedule(connection, [Job(KIND, KEY, at)], keep=True)

    async def note(self, job: Job, purged: Sequence[Purged], now: datetime, again_at: datetime) -> None:
        rows = [{"at": now, "kind": one.kind, "gone": one.gone, "waits": one.waits, "held": one.held} for one in purged]
        async with self._database.write() as connection:
            await jobs.end(connection, job)
            await connection.execute(sa.insert(purges), rows)
            await jobs.schedule(connection, [Job(KIND, KEY, again_at)])
        await self._database.scrub()

    async def reports(self, limit: int) -> list[Report]:
        last = sa.select(sa.func.max(_P.at)).scalar_subquery()
        did = sa.select(_P.at).where(_P.gone > 0).distinct().order_by(_P.at.desc()).limit(limit)
        query = sa.select(purges).where(sa.or_(_P.at == last, _P.at.in_(did))).order_by(_P.at.desc(), _P.kind)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            Report(at, [Purged(row["kind"], row["gone"], row["waits"], row["held"]) for row in found])
            for at, found in groupby(rows, key=lambda row: row["at"])
        ]


def _drop_files(folder: Path, before: datetime) -> int:
    gone = 0
    for file in folder.glob("*.json"):
        if file.stat().st_mtime < before.timestamp():
            file.unlink(missing_ok=True)
            gone += 1
    return gone
