"""Addresses of other programs and what they were told, in SQL. Knows sealed secrets and no HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from liveroom.ports.hooks import HOOK, Delivery, Hook, HookEvent, Way
from liveroom.ports.jobs import Job
from liveroom.storage.database import Database
from liveroom.storage.jobs import cancel, end, schedule
from liveroom.storage.schema import Instant, metadata
from liveroom.storage.vault import Seal

KEPT = timedelta(days=30)
PURPOSE = "hook"

hooks = sa.Table(
    "hooks",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("url", sa.String(500), nullable=False),
    sa.Column("events", sa.JSON, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("off_because", sa.String(20), nullable=False, server_default=""),
)

deliveries = sa.Table(
    "hook_deliveries",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("hook", sa.ForeignKey("hooks.id"), nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    # Empty for a trial, which is told apart by its name.
    sa.Column("matter", sa.String(32), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("planned_at", Instant, nullable=False, index=True),
    sa.Column("way", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("tried_at", Instant),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("problem", sa.String(200), nullable=False),
    sa.Index("ix_hook_deliveries_hook_planned_at", "hook", "planned_at"),
)

# A step is told to a program once.
sa.Index(
    "uq_hook_deliveries_step",
    deliveries.c.hook,
    deliveries.c.matter,
    deliveries.c.seq,
    unique=True,
    sqlite_where=deliveries.c.matter != "",
    postgresql_where=deliveries.c.matter != "",
)

_H, _D = hooks.c, deliveries.c
_OPEN = [column for column in hooks.c if column.name != "secret"]


class SqlHooks:
    """Hooks in one database; satisfies `liveroom.ports.hooks.Hooks`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def all(self) -> list[Hook]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(*_OPEN).order_by(_H.name, _H.id))
            return [_hook(row) for row in rows.mappings()]

    async def add(self, hook: Hook, secret: bytes) -> None:
        row = {
            "id": hook.id,
            "name": hook.name,
            "url": hook.url,
            "events": sorted(hook.events),
            "secret": self._seal.lock(PURPOSE, secret),
            "made_at": hook.made_at,
            "made_by": hook.made_by,
            "off_because": hook.off_because,
        }
        async with self._database.write() as connection:
            await connection.execute(sa.insert(hooks).values(row))

    async def remove(self, hook: str) -> bool:
        async with self._database.write() as connection:
            for delivery in await connection.scalars(sa.select(_D.id).where(_D.hook == hook, _D.way == Way.WAITING)):
                await cancel(connection, _key(delivery))
            await connection.execute(sa.delete(deliveries).where(_D.hook == hook))
            return (await connection.execute(sa.delete(hooks).where(_H.id == hook))).rowcount == 1

    async def switch(self, hook: str, off_because: str) -> bool:
        async with self._database.write() as connection:
            changed = sa.update(hooks).where(_H.id == hook).values(off_because=off_because)
            return (await connection.execute(changed)).rowcount == 1

    async def secret(self, hook: str) -> bytes | None:
        async with self._database.read() as connection:
            sealed = await connection.scalar(sa.select(_H.secret).where(_H.id == hook))
        return self._seal.unlock(PURPOSE, sealed) if sealed else None

    async def plan(self, planned: Sequence[Delivery], now: datetime) -> int:
        new = []
        async with self._database.write() as connection:
            over = sa.delete(deliveries).where(_D.planned_at < now - KEPT, _D.way != Way.WAITING)
            await connection.execute(over)
            for delivery in planned:
                insert = self._database.insert(deliveries).values(_row(delivery)).on_conflict_do_nothing()
                if (await connection.execute(insert)).rowcount == 1:
                    new.append(delivery)
            await schedule(connection, [_job(delivery.id, now) for delivery in new])
        return len(new)

    async def delivery(self, delivery: str) -> tuple[Delivery, Hook] | None:
        named = [column.label(f"hook_{column.name}") for column in _OPEN]
        query = sa.select(deliveries, *named).join(hooks, _H.id == _D.hook).where(_D.id == delivery)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        return (_delivery(row), _hook({c.name: row[f"hook_{c.name}"] for c in _OPEN})) if row else None

    async def tried(self, delivery: str, now: datetime, way: Way, status: int, problem: str, job: Job) -> None:
        values = {"way": way.value, "tried_at": now, "status": status, "problem": problem[:200]}
        async with self._database.write() as connection:
            if way is not Way.WAITING:
                await end(connection, job)
            counted = sa.update(deliveries).where(_D.id == delivery).values(attempts=_D.attempts + 1, **values)
            await connection.execute(counted)

    async def again(self, delivery: str, now: datetime) -> bool:
        failed = sa.update(deliveries).where(_D.id == delivery, _D.way == Way.FAILED).values(way=Way.WAITING.value)
        async with self._database.write() as connection:
            if (await connection.execute(failed)).rowcount != 1:
                return False
            await schedule(connection, [_job(delivery, now)])
        return True

    async def latest(self, hook: str, count: int) -> list[Delivery]:
        query = sa.select(deliveries).where(_D.hook == hook).order_by(_D.planned_at.desc(), _D.seq.desc()).limit(count)
        async with self._database.read() as connection:
            return [_delivery(row) for row in (await connection.execute(query)).mappings()]


def _key(delivery: str) -> str:
    return f"{HOOK}:{delivery}:deliver"


def _job(delivery: str, now: datetime) -> Job:
    return Job(HOOK, _key(delivery), now, {"delivery": delivery})


def _row(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.id,
        "hook": delivery.hook,
        "event": delivery.event,
        "matter": delivery.matter,
        "seq": delivery.seq,
        "planned_at": delivery.planned_at,
        "way": delivery.way.value,
        "attempts": 0,
        "status": 0,
        "problem": "",
    }


def _hook(row: sa.RowMapping | dict[str, object]) -> Hook:
    values = dict(row)
    events = values.pop("events")
    assert isinstance(events, list)
    return Hook(**values, events=frozenset(map(HookEvent, events)))


def _delivery(row: sa.RowMapping) -> Delivery:
    values = {column.name: row[column.name] for column in deliveries.c}
    return Delivery(**{**values, "way": Way(values["way"])})
