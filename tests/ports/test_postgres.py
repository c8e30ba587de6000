"""What PostgreSQL alone can do to us: other processes that write, a server that goes away and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liveroom.actions.sittings import Change
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.ports.rooms import Sitting
from liveroom.qa import commands as c
from liveroom.qa.decide import decide
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled, SessionState
from liveroom.settings import Settings
from liveroom.storage.audit import SqlAudit
from liveroom.storage.opening import opened
from liveroom.storage.postgres import PostgresDatabase
from liveroom.storage.records import SqlRecords
from tests.support.postgres import PASSWORD, PASSWORD_IN_ADDRESS, PostgresServer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAFF = Actor("m", "审核员", frozenset({Role.MODERATOR, Role.OFFICE, Role.LEAD_MODERATOR}))


@pytest.fixture
async def two(postgres: PostgresServer) -> AsyncIterator[list[PostgresDatabase]]:
    """One database as two processes see it."""
    address = postgres.fresh()
    databases = [PostgresDatabase(address), PostgresDatabase(address)]
    yield databases
    for database in databases:
        await database.close()


async def room_with_session(records: SqlRecords, name: str) -> None:
    await records.add_room(Room(f"room-{name}", "直播间"))
    planned = SessionScheduled("主题", NOW, ("d",))
    await records.add_session(Session(name, f"room-{name}", "主题", NOW, ("d",)), planned, STAFF, NOW)


def wish(sitting: Sitting, number: int, now: datetime) -> Change:
    """Something that somebody may wish now; what is not allowed becomes a question."""
    queue, session = sitting.queue, sitting.session
    asked = list(queue.questions)
    moves: list[c.QuestionCommand] = []
    if asked:
        question = asked[number % len(asked)]
        moves = [c.Publish(question), c.Enqueue(question), c.Edit(question, f"改过 {number}"), c.Withdraw(question)]
    for command in moves[number % 5 :]:
        try:
            return Change(decide(queue, session, command, STAFF, now))
        except Refused:
            continue
    if number % 7 == 0 and session.state is SessionState.SCHEDULED:
        return Change(rooms.decide(session, rooms.Cancel("大风"), STAFF, now))
    name = f"{session.id}-{number}-{sitting.seq}"
    label = f"{sitting.seq % 10000:04}"
    return Change(decide(queue, session, c.Ask(name, label, name[-16:], f"key-{name}", "问题"), visitor("dev"), now))


STEPS = st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["act", "act", "stale", "load"]), st.integers(0, 40)))
names = iter(range(10_000))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_two_processes_always_see_what_a_third_one_reads_afresh(
    two: list[PostgresDatabase], steps: list[tuple[int, str, int]]
) -> None:
    both = [await SqlRecords.open(database) for database in two]
    name = f"s{next(names)}"
    await room_with_session(both[0], name)
    held = [await records.load(name) for records in both]
    for n, (who, what, number) in enumerate(steps):
        records, now = both[who], NOW + timedelta(seconds=n)
        try:
            sitting = held[who] if what == "stale" else await records.load(name)
            if what != "load":
                after = await records.save(sitting, wish(sitting, number, now).events, STAFF, now)
                assert after.seq > sitting.seq
        except (Stale, Refused):
            pass
        held[who] = sitting
        fresh = await (await SqlRecords.open(two[0])).load(name)
        for reading in both:
            seen = await reading.load(name)
            assert seen == fresh
            assert list(seen.queue.questions) == list(fresh.queue.questions)
            programme = await reading.programme(f"room-{name}")
            assert programme is not None
            assert list(programme[1]) == [fresh.session]
    log = await SqlAudit(two[1]).read(f"session:{name}")
    assert log is not None
    assert await SqlAudit(two[1]).strayed(log.chain) == []


async def test_what_others_did_is_caught_up_with_from_the_feed_and_not_read_anew(
    two: list[PostgresDatabase],
) -> None:
    here, there = [await SqlRecords.open(database) for database in two]
    await room_with_session(here, "s")
    before = await there.load("s")
    for n in range(3):
        sitting = await here.load("s")
        await here.save(sitting, wish(sitting, 1, NOW).events, STAFF, NOW + timedelta(seconds=n))
    assert await there.load("s") == await here.load("s") != before
    assert await there.load("s") is await there.load("s"), "nothing is made anew while nothing happens"
    # Records that went back, such as those of an older dump, are read as they are.
    async with two[0].write() as connection:
        await connection.exec_driver_sql("DELETE FROM questions")
        await connection.exec_driver_sql("DELETE FROM feed WHERE seq > 1")
        await connection.exec_driver_sql("UPDATE sessions SET seq = 1")
    assert (await there.load("s")).queue.questions == {}


async def test_two_processes_that_decide_at_once_cannot_both_win(two: list[PostgresDatabase]) -> None:
    both = [await SqlRecords.open(database) for database in two]
    await room_with_session(both[0], "s")
    for _ in range(10):
        sittings = [await records.load("s") for records in both]
        events = wish(sittings[0], 4, NOW).events
        done = await asyncio.gather(
            *(records.save(sitting, events, STAFF, NOW) for records, sitting in zip(both, sittings, strict=True)),
            return_exceptions=True,
        )
        assert sorted(type(outcome).__name__ for outcome in done) == ["Sitting", "Stale"]
    log = await SqlAudit(two[0]).read("session:s")
    assert log is not None
    assert [link.seq for link in log.links] == list(range(1, log.length + 1))


async def test_processes_that_start_together_migrate_once(postgres: PostgresServer) -> None:
    address = postgres.address(postgres.empty())
    databases = [PostgresDatabase(address) for _ in range(4)]
    await asyncio.gather(*(database.upgrade() for database in databases))
    epochs = [(await SqlRecords.open(database)).epoch for database in databases]
    assert len(set(epochs)) == 1
    for database in databases:
        await database.close()


async def test_a_server_that_was_restarted_is_used_again_by_itself() -> None:
    server = PostgresServer()
    database = PostgresDatabase(server.fresh())
    try:
        records = await SqlRecords.open(database)
        await records.add_room(Room("r", "直播间"))
        await asyncio.to_thread(server.stop, "immediate")
        for refused in (records.rooms(), records.add_room(Room("t", "另一间"))):
            with pytest.raises(Unavailable, match="now: the database server is not there"):
                await refused
        await asyncio.to_thread(server.start)
        assert [room.slug for room in await records.rooms()] == ["r"]
        await records.add_room(Room("t", "另一间"))
        with pytest.raises(Refused, match="slug_taken"):
            await records.add_room(Room("t", "另一间"))
    finally:
        await database.close()
        server.close()


async def test_a_password_is_in_no_error_and_no_name(postgres: PostgresServer) -> None:
    right = postgres.fresh()
    assert PASSWORD_IN_ADDRESS in right
    wrong = [
        right.replace(PASSWORD_IN_ADDRESS, "s3cret"),
        right.replace(str(postgres.port), "1").replace(PASSWORD_IN_ADDRESS, "s3cret"),
        right.replace("127.0.0.1", "no-such-host.invalid").replace(PASSWORD_IN_ADDRESS, "s3cret"),
        right.replace(PASSWORD_IN_ADDRESS, "s3cret") + "?sslmode=s3cret",
        right.rpartition("/")[0] + "/nothing",
    ]
    for address in wrong:
        with pytest.raises(Unavailable) as caught:
            await opened(Settings(database=address))
        said = str(caught.value)
        assert not any(secret in said for secret in ("s3cret", PASSWORD, PASSWORD_IN_ADDRESS)), said
    assert "s3cret" not in repr(Settings(database=wrong[0]))


async def test_reading_never_writes(two: list[PostgresDatabase]) -> None:
    with pytest.raises(Unavailable, match="read-only"):
        async with two[0].read() as connection:
            await connection.exec_driver_sql("DELETE FROM feed")
