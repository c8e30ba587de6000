"""The outbox in SQL: planned in the transaction of whatever makes it necessary. Knows no kind of work."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.errors import Stale
from liveroom.ports.jobs import LEASE, DeadJob, Job
from liveroom.storage.database import Database, Insert
from liveroom.storage.schema import Instant, metadata

ERROR_LIMIT = 200
SHOWN = 100

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    # The first two parts of the key: what is found by the beginning of its key is found by this index.
    sa.Column("about", sa.String(100), nullable=False, index=True),
    sa.Column("due", Instant, nullable=False, index=True),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease", sa.String(24), nullable=False, server_default=""),
    sa.Column("leased_until", Instant),
    sa.Column("dead_at", Instant),
    sa.Column("error", sa.String(ERROR_LIMIT), nullable=False, server_default=""),
)

_J = jobs.c
_FRESH: dict[str, Any] = {"attempts": 0, "lease": "", "leased_until": None, "dead_at": None, "error": ""}


async def schedule(connection: AsyncConnection, planned: Iterable[Job], *, keep: bool = False) -> None:
    """Plan jobs inside an open transaction.

    A job whose key is open already is planned anew, also when it is being done or was given up; with `keep` it stays
    as it is.
    """
    rows = [_row(job) for job in {job.key: job for job in planned}.values()]
    if not rows:
        return
    fresh = _insert(connection)
    if keep:
        await connection.execute(fresh.on_conflict_do_nothing(index_elements=["key"]), rows)
        return
    changed = {name: fresh.excluded[name] for name in ("kind", "due", "data")}
    await connection.execute(fresh.on_conflict_do_update(index_elements=["key"], set_=changed | _FRESH), rows)


async def cancel(connection: AsyncConnection, key_prefix: str) -> None:
    """Forget every job whose key begins so, also those that are being done: they cannot end then."""
    await connection.execute(sa.delete(jobs).where(_begins(key_prefix)))


async def end(connection: AsyncConnection, job: Job) -> None:
    """End a job in the transaction of its work. Raises `Stale`, so that nothing of it is kept, when the job is not
    ours any more: the lease ran out, or it was cancelled or planned anew.

    Comes before whatever else in the transaction plans jobs: a job may plan its own successor under the same key.
    """
    ended = await connection.execute(sa.delete(jobs).where(*_held(job)))
    if ended.rowcount != 1:
        raise Stale(job.key)


async def postpone(connection: AsyncConnection, job: Job, due: datetime) -> None:
    """Let a job be due later, as if it had not been taken. Raises `Stale` like `end`."""
    values = {"lease": "", "leased_until": None, "attempts": _J.attempts - 1, "due": due}
    postponed = await connection.execute(sa.update(jobs).where(*_held(job)).values(values))
    if postponed.rowcount != 1:
        raise Stale(job.key)


class SqlJobs:
    """The outbox in one database; satisfies `liveroom.ports.jobs.Jobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next_due(self, now: datetime, kinds: Collection[str]) -> datetime | None:
        query = sa.select(_J.due).where(*_free(now, kinds)).order_by(_J.due).limit(1)
        async with self._database.read() as connection:
            found: datetime | None = await connection.scalar(query)
            return found

    async def take(self, now: datetime, kinds: Collection[str], limit: int) -> list[Job]:
        first = sa.select(_J.id).where(_J.due <= now, *_free(now, kinds)).order_by(_J.due, _J.id).limit(limit)
        # Several processes at once: each is given rows that the others have not locked. SQLite has one writer.
        chosen = first.with_for_update(skip_locked=True).cte("chosen")
        taken = (
            sa.update(jobs)
            .where(_J.id.in_(sa.select(chosen.c.id)))
            .values(lease=secrets.token_urlsafe(16), leased_until=now + LEASE, attempts=_J.attempts + 1)
            .returning(jobs)
        )
        async with self._database.write() as connection:
            found = [_job(row) for row in (await connection.execute(taken)).mappings()]
        return sorted(found, key=lambda job: (job.due, job.id))

    async def done(self, job: Job) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(jobs).where(*_held(job)))

    async def failed(self, job: Job, again_at: datetime | None, error: str, now: datetime) -> None:
        values: dict[str, Any] = {"lease": "", "leased_until": None, "error": error[:ERROR_LIMIT]}
        values |= {"dead_at": now} if again_at is None else {"due": again_at}
        async with self._database.write() as connection:
            await connection.execute(sa.update(jobs).where(*_held(job)).values(values))

    async def give_back(self, job: Job) -> None:
        values = {"lease": "", "leased_until": None, "attempts": _J.attempts - 1}
        async with self._database.write() as connection:
            await connection.execute(sa.update(jobs).where(*_held(job)).values(values))

    async def free_all(self) -> None:
        async with self._database.write() as connection:
            held = sa.update(jobs).where(_J.leased_until.is_not(None))
            await connection.execute(held.values(lease="", leased_until=None))

    async def dead(self) -> list[DeadJob]:
        query = sa.select(jobs).where(_J.dead_at.is_not(None)).order_by(_J.dead_at.desc(), _J.id.desc()).limit(SHOWN)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return [DeadJob(_job(row), row["dead_at"], row["error"]) for row in rows]

    async def revive(self, job: int, now: datetime) -> bool:
        dead = sa.update(jobs).where(_J.id == job, _J.dead_at.is_not(None)).values(_FRESH | {"due": now})
        async with self._database.write() as connection:
            return (await connection.execute(dead)).rowcount == 1

    async def discard(self, job: int) -> bool:
        async with self._database.write() as connection:
            forgotten = sa.delete(jobs).where(_J.id == job, _J.dead_at.is_not(None))
            return (await connection.execute(forgotten)).rowcount == 1


def _insert(connection: AsyncConnection) -> Insert:
    return postgresql.insert(jobs) if connection.dialect.name == "postgresql" else sqlite.insert(jobs)


def _free(now: datetime, kinds: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    held = sa.and_(_J.leased_until.is_not(None), _J.leased_until > now)
    return _J.dead_at.is_(None), ~held, _J.kind.in_(list(kinds))


def _held(job: Job) -> tuple[sa.ColumnElement[bool], ...]:
    return _J.id == job.id, _J.lease == job.lease, _J.lease != ""


def _begins(prefix: str) -> sa.ColumnElement[bool]:
    # Not LIKE: SQLite takes capitals for small letters there, which identifiers tell apart.
    begins = sa.func.substr(_J.key, 1, len(prefix)) == prefix
    return sa.and_(_J.about == _about(prefix), begins) if prefix.count(":") > 1 else begins


def _about(key: str) -> str:
    return ":".join(key.split(":")[:2])


def _row(job: Job) -> dict[str, Any]:
    data = msgspec.json.encode(job.data, order="deterministic").decode()
    return {"kind": job.kind, "key": job.key, "about": _about(job.key), "due": job.due, "data": data}


def _job(row: sa.RowMapping) -> Job:
    return Job(
        kind=row["kind"],
        key=row["key"],
        due=row["due"],
        data=msgspec.json.decode(row["data"]),
        id=row["id"],
        attempts=row["attempts"],
        lease=row["lease"],
    )
