"""The outbox and whoever works it off, against real databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from liveroom.actions import work_off
from liveroom.actions.work_off import MOST_ATTEMPTS, WorkingOff, pause
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.ports.jobs import LEASE, Job
from liveroom.storage.database import Database
from liveroom.storage.jobs import SqlJobs, cancel, end, jobs, schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("mail", "clock")


class Outbox:
    """Jobs, a clock that is set by hand, and a worker that writes down what it did."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.jobs = SqlJobs(database)
        self.now = NOW
        self.did: list[str] = []
        self.problem: Exception | None = None
        self.worker = WorkingOff(self.jobs, {"mail": self.work, "clock": self.work}, lambda: self.now)

    async def plan(self, *planned: Job, keep: bool = False) -> None:
        async with self.database.write() as connection:
            await schedule(connection, planned, keep=keep)

    async def cancel(self, prefix: str) -> None:
        async with self.database.write() as connection:
            await cancel(connection, prefix)

    async def end(self, job: Job) -> None:
        async with self.database.write() as connection:
            await end(connection, job)

    async def take(self, limit: int = 10) -> list[Job]:
        return await self.jobs.take(self.now, KINDS, limit)

    async def keys(self) -> list[str]:
        async with self.database.read() as connection:
            return list(await connection.scalars(sa.select(jobs.c.key).order_by(jobs.c.key)))

    async def work(self, job: Job) -> None:
        self.did.append(job.key)
        if self.problem is not None:
            raise self.problem


@pytest.fixture
async def outbox(database: Database) -> Outbox:
    return Outbox(database)


def job(key: str, *, minutes: float = 0, kind: str = "mail", **data: object) -> Job:
    return Job(kind, key, NOW + timedelta(minutes=minutes), data)


async def test_what_is_due_is_taken_in_order_with_what_it_was_planned_with(outbox: Outbox) -> None:
    await outbox.plan(
        job("a:1:late", minutes=-1), job("a:1:now", n=1), job("a:1:early", minutes=-5), job("x", minutes=1)
    )
    taken = await outbox.take()
    assert [(j.key, j.attempts) for j in taken] == [("a:1:early", 1), ("a:1:late", 1), ("a:1:now", 1)]
    assert (taken[2].data, taken[2].due, taken[2].kind) == ({"n": 1}, NOW, "mail")
    assert await outbox.take() == []
    for one in taken:
        await outbox.jobs.done(one)
    assert await outbox.keys() == ["x"]


async def test_only_kinds_that_are_known_here_are_taken(outbox: Outbox) -> None:
    await outbox.plan(job("a", kind="clock"), job("b", kind="of a newer version"))
    assert [j.key for j in await outbox.take()] == ["a"]
    assert await outbox.jobs.next_due(NOW, ("of a newer version",)) == NOW
    assert await outbox.jobs.next_due(NOW, KINDS) is None


async def test_many_at_once_are_never_given_the_same_job(outbox: Outbox) -> None:
    await outbox.plan(*(job(f"k{n:03}") for n in range(60)))
    taken = await asyncio.gather(*(outbox.take(7) for _ in range(12)))
    while more := await outbox.take(7):
        taken.append(more)
    keys = [one.key for some in taken for one in some]
    assert sorted(keys) == [f"k{n:03}" for n in range(60)]
    assert max(len(some) for some in taken) <= 7


async def test_a_lease_that_ran_out_is_given_away_and_the_late_one_changes_nothing(outbox: Outbox) -> None:
    await outbox.plan(job("a"))
    (late,) = await outbox.take()
    outbox.now += LEASE - timedelta(seconds=1)
    assert await outbox.take() == []
    outbox.now += timedelta(seconds=1)
    (again,) = await outbox.take()
    assert (again.key, again.attempts) == ("a", 2)
    await outbox.jobs.done(late)
    await outbox.jobs.failed(late, None, "late", outbox.now)
    await outbox.jobs.give_back(late)
    with pytest.raises(Stale):
        await outbox.end(late)
    assert (await outbox.keys(), await outbox.take(), await outbox.jobs.dead()) == (["a"], [], [])
    await outbox.end(again)
    assert await outbox.keys() == []


async def test_a_key_is_open_once_and_planning_it_again_replaces_or_keeps(outbox: Outbox) -> None:
    await outbox.plan(job("a:1:x", n=1), job("a:1:x", n=2))
    await outbox.plan(job("a:1:x", minutes=5, n=3), keep=True)
    (taken,) = await outbox.take()
    assert taken.data == {"n": 2}
    await outbox.plan(job("a:1:x", minutes=5, n=4))
    with pytest.raises(Stale):
        await outbox.end(taken)
    assert await outbox.take() == []
    outbox.now += timedelta(minutes=5)
    (again,) = await outbox.take()
    assert (again.data, again.attempts) == ({"n": 4}, 1)


async def test_a_job_that_is_cancelled_while_it_is_done_keeps_nothing_of_it(outbox: Outbox) -> None:
    await outbox.plan(job("matter:Ab:clock:reply"), job("matter:ab:clock:reply"), job("matter:Ab:announce:1"))
    taken = {one.key: one for one in await outbox.take()}
    await outbox.cancel("matter:Ab:clock:")
    assert await outbox.keys() == ["matter:Ab:announce:1", "matter:ab:clock:reply"]
    with pytest.raises(Stale):
        async with outbox.database.write() as connection:
            await schedule(connection, [job("its:own:effect")])
            await end(connection, taken["matter:Ab:clock:reply"])
    assert "its:own:effect" not in await outbox.keys()
    await outbox.cancel("matter:")
    assert await outbox.keys() == []


async def test_a_job_may_plan_its_successor_under_its_own_key(outbox: Outbox) -> None:
    await outbox.plan(job("a:1:tick"))
    (taken,) = await outbox.take()
    async with outbox.database.write() as connection:
        await end(connection, taken)
        await schedule(connection, [job("a:1:tick", minutes=1)])
    await outbox.jobs.done(taken)
    assert await outbox.jobs.next_due(NOW, KINDS) == NOW + timedelta(minutes=1)


async def test_what_fails_is_tried_again_with_growing_pauses_and_then_given_up(outbox: Outbox) -> None:
    await outbox.plan(job("a", contact="nobody"))
    outbox.problem = Unavailable("the mail server is away")
    waited = []
    while (due := await outbox.jobs.next_due(outbox.now, KINDS)) is not None:
        waited.append(due - outbox.now)
        outbox.now = due
        await outbox.worker.work_off()
    assert waited == [timedelta(), *(pause(n) for n in range(1, MOST_ATTEMPTS))]
    assert (waited[1], max(waited)) == (timedelta(seconds=30), timedelta(hours=6))
    (dead,) = await outbox.jobs.dead()
    assert (dead.job.key, dead.error, dead.at) == ("a", "the mail server is away", outbox.now)
    outbox.problem = None
    assert await outbox.jobs.revive(dead.job.id, outbox.now)
    assert not await outbox.jobs.revive(dead.job.id, outbox.now)
    assert await outbox.worker.work_off() == 1
    assert (await outbox.jobs.dead(), await outbox.keys()) == ([], [])


async def test_what_is_about_one_thing_is_done_in_order_and_beside_the_rest(outbox: Outbox) -> None:
    order: list[str] = []
    second_began = asyncio.Event()

    async def work(one: Job) -> None:
        order.append(f"{one.key} begins")
        if one.key == "matter:a:1":
            await second_began.wait()
        if one.key == "matter:b:1":
            second_began.set()
        order.append(f"{one.key} ends")

    await outbox.plan(job("matter:a:1"), job("matter:a:2"), job("matter:b:1"))
    async with asyncio.timeout(30):
        assert await WorkingOff(outbox.jobs, {"mail": work}, lambda: NOW).work_off() == 3
    assert order.index("matter:a:1 ends") < order.index("matter:a:2 begins")


async def test_what_waited_too_long_for_its_turn_is_given_back(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_off, "LONGEST", LEASE.total_seconds())
    await outbox.plan(job("matter:a:1"), job("matter:a:2"))
    await outbox.worker.work_off()
    assert outbox.did == []
    assert [one.attempts for one in await outbox.take()] == [1, 1]


async def test_what_can_never_be_done_is_given_up_at_once_and_can_be_discarded(outbox: Outbox) -> None:
    await outbox.plan(job("a"))
    outbox.problem = Refused("not_found", name="somebody")
    await outbox.worker.work_off()
    (dead,) = await outbox.jobs.dead()
    assert dead.error == "refused: not_found"
    assert await outbox.jobs.discard(dead.job.id)
    assert not await outbox.jobs.discard(dead.job.id)


async def test_an_error_that_nobody_foresaw_is_kept_without_what_it_says(outbox: Outbox) -> None:
    await outbox.plan(job("a"))
    outbox.problem = ValueError("13800000021")
    await outbox.worker.work_off()
    async with outbox.database.read() as connection:
        assert await connection.scalar(sa.select(jobs.c.error)) == "ValueError"


async def test_a_job_of_which_the_process_dies_is_given_up_in_the_end(outbox: Outbox) -> None:
    await outbox.plan(job("a"))
    for _ in range(MOST_ATTEMPTS):
        assert len(await outbox.take()) == 1
        outbox.now += LEASE
    await outbox.worker.work_off()
    assert outbox.did == []
    assert [dead.job.key for dead in await outbox.jobs.dead()] == ["a"]


async def test_a_process_that_is_alone_begins_with_what_it_left(outbox: Outbox) -> None:
    await outbox.plan(job("a"))
    (before,) = await outbox.take()
    await outbox.jobs.free_all()
    with pytest.raises(Stale):
        await outbox.end(before)
    assert await outbox.worker.work_off() == 1
    assert outbox.did == ["a"]


async def test_the_worker_is_woken_by_the_clock_and_ends_cleanly(database: Database) -> None:
    outbox = Outbox(database)
    began, may_end = asyncio.Event(), asyncio.Event()
    did: list[str] = []

    async def work(one: Job) -> None:
        began.set()
        await may_end.wait()
        did.append(one.key)

    worker = WorkingOff(outbox.jobs, {"mail": work}, lambda: datetime.now(UTC))
    task = asyncio.create_task(worker.run())
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    await outbox.plan(Job("mail", "a", soon), Job("mail", "b", soon + timedelta(days=1)))
    async with asyncio.timeout(30):
        await began.wait()
    assert datetime.now(UTC) >= soon
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    await outbox.plan(Job("mail", "c", soon))
    may_end.set()
    await stopping
    await task
    assert (did, await outbox.keys()) == (["a"], ["b", "c"])


async def test_what_is_cancelled_under_way_is_given_back(outbox: Outbox) -> None:
    began = asyncio.Event()

    async def work(_job: Job) -> None:
        began.set()
        await asyncio.Event().wait()

    worker = WorkingOff(outbox.jobs, {"mail": work}, lambda: NOW)
    await outbox.plan(job("a"))
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        await began.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (again,) = await outbox.take()
    assert (again.key, again.attempts) == ("a", 1)
