"""Webhooks against real databases: sealed secrets, a step planned once, and its job with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from liveroom.errors import Stale
from liveroom.ports.hooks import HOOK, Delivery, Hook, HookEvent, Way
from liveroom.storage import hooks as tables
from liveroom.storage.database import Database
from liveroom.storage.hooks import KEPT, SqlHooks
from liveroom.storage.jobs import SqlJobs
from liveroom.storage.vault import Seal

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
KEPT_HOOK = Hook("h", "政务系统", "https://example.org/", frozenset({HookEvent.STEP}), NOW, "工委")


@pytest.fixture
async def hooks(database: Database) -> SqlHooks:
    made = SqlHooks(database, Seal("k" * 32))
    await made.add(KEPT_HOOK, b"secret" * 6)
    return made


def told(name: str, seq: int = 1, matter: str = "m") -> Delivery:
    return Delivery(name, "h", "matter.step", matter, seq, NOW)


async def test_a_secret_is_sealed_and_comes_back(hooks: SqlHooks, database: Database) -> None:
    assert await hooks.all() == [KEPT_HOOK]
    assert await hooks.secret("h") == b"secret" * 6
    async with database.read() as connection:
        kept = await connection.scalar(sa.select(tables.hooks.c.secret))
    assert b"secret" not in kept
    assert await hooks.secret("other") is None


async def test_a_step_is_planned_once_also_by_two_at_once(hooks: SqlHooks, database: Database) -> None:
    planned = await asyncio.gather(*(hooks.plan([told(f"d{n}")], NOW) for n in range(4)))
    assert sorted(planned) == [0, 0, 0, 1]
    assert await hooks.plan([told("e", 2), told("f", 2), told("p1", 0, ""), told("p2", 0, "")], NOW) == 3, "trials too"
    assert len(await SqlJobs(database).take(NOW, [HOOK], 10)) == 4


async def test_an_attempt_that_is_over_ends_its_job_and_a_late_one_changes_nothing(
    hooks: SqlHooks, database: Database
) -> None:
    jobs = SqlJobs(database)
    await hooks.plan([told("d")], NOW)
    (job,) = await jobs.take(NOW, [HOOK], 10)
    await hooks.tried("d", NOW, Way.WAITING, 500, "answered 500", job)
    await hooks.tried("d", NOW, Way.SENT, 204, "", job)
    found = await hooks.delivery("d")
    assert found is not None
    assert (found[0].way, found[0].attempts, found[0].status) == (Way.SENT, 2, 204)
    assert found[1] == KEPT_HOOK
    with pytest.raises(Stale):
        await hooks.tried("d", NOW, Way.FAILED, 0, "too late", job)
    found = await hooks.delivery("d")
    assert found is not None
    assert found[0].way is Way.SENT
    assert not await hooks.again("d", NOW), "it has arrived"


async def test_one_that_failed_is_planned_anew(hooks: SqlHooks, database: Database) -> None:
    jobs = SqlJobs(database)
    await hooks.plan([told("d")], NOW)
    (job,) = await jobs.take(NOW, [HOOK], 10)
    await hooks.tried("d", NOW, Way.FAILED, 0, "x", job)
    assert await hooks.again("d", NOW)
    assert [job.data for job in await jobs.take(NOW, [HOOK], 10)] == [{"delivery": "d"}]


async def test_a_hook_goes_with_all_that_waits_for_it(hooks: SqlHooks, database: Database) -> None:
    await hooks.plan([told("d")], NOW)
    assert await hooks.remove("h")
    assert not await hooks.remove("h")
    assert await SqlJobs(database).next_due(NOW, [HOOK]) is None
    assert await hooks.all() == []


async def test_what_was_told_long_ago_is_forgotten_and_what_waits_is_not(hooks: SqlHooks, database: Database) -> None:
    old = [replace(told(name, seq), planned_at=NOW - KEPT - timedelta(days=1)) for name, seq in (("a", 1), ("b", 2))]
    await hooks.plan(old, NOW)
    job = next(job for job in await SqlJobs(database).take(NOW, [HOOK], 10) if job.data["delivery"] == "a")
    await hooks.tried("a", NOW, Way.SENT, 200, "", job)
    await hooks.plan([told("c", 3)], NOW)
    assert {delivery.id for delivery in await hooks.latest("h", 10)} == {"b", "c"}
    assert await hooks.switch("h", "stopped")
    assert (await hooks.all())[0].off_because == "stopped"
