"""Suggestions, against real databases, and every role's illegal steps through the action."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from liveroom.actions.follow_up import FollowingUp
from liveroom.bus.memory import MemoryBus
from liveroom.errors import Refused, Stale
from liveroom.matters.suggestion import Matter, MatterStep, SourceQuestion, draft
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, Role
from liveroom.storage import matters as tables
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from liveroom.storage.schema import metadata
from liveroom.storage.workdays import ChineseWorkingDays

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
DEPUTY = Actor("d", "林代表", frozenset({Role.DEPUTY}))
UNIT = Actor("u", "水务局", frozenset({Role.UNIT_HEAD}), "water")
SOURCE = SourceQuestion("q", "s", "A7K2", ("原话",), 12, 1000, 2000)


class World:
    def __init__(self, database: Database, records: SqlRecords) -> None:
        self.database = database
        self.matters = SqlMatters(database)
        people = SqlPeople(database)
        self.verb = FollowingUp(self.matters, records, people, MemoryBus(), lambda: NOW, ChineseWorkingDays())

    async def drafted(self, name: str = "m") -> Matter:
        async with self.database.write() as connection:
            await tables.insert(connection, Matter(name), draft([SOURCE], "标题", OFFICE), OFFICE, NOW)
        return await self.matters.load(name)


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database, await SqlRecords.open(database))
    await made.matters.add_unit(Unit("water", "水务局"))
    await SqlPeople(database).add_account(Account("d", "lin", "林代表", frozenset({Role.DEPUTY})))
    return made


async def test_the_whole_way_with_its_history(world: World) -> None:
    await world.drafted()
    steps: list[tuple[str, dict[str, str], Actor]] = [
        ("offer", {"deputy": "d"}, OFFICE),
        ("adopt", {"signature": "林代表"}, DEPUTY),
        ("register", {}, OFFICE),
        ("assign", {"unit": "water", "due": "2026-06-01"}, OFFICE),
        ("accept", {}, UNIT),
        ("contact", {"contact": "电话"}, UNIT),
        ("reply", {"class": "A", "text": "已解决"}, UNIT),
        ("evaluate", {"evaluation": "satisfied"}, DEPUTY),
    ]
    for command, values, by in steps:
        await world.verb.step("m", command, values, by)
    closed = await world.verb.by_number("2026-0001")
    assert (closed.state, closed.due, closed.unit_name) == ("closed", date(2026, 6, 1), "水务局")
    history = await world.verb.history(closed)
    assert [line.event.what for line in history] == ["draft", *(command for command, _, _ in steps)]
    public = "".join(str(line) for line in history)
    assert "电话" not in public, "what unit and deputy discussed is not public"
    assert all(line.by_name == "" for line in history)
    assert [m.id for m in await world.verb.public_list()] == ["m"]
    assert (await world.verb.figures())["solved"] == 1


async def test_handling_again_is_due_by_the_rule_set_and_unknown_holidays_are_said(world: World) -> None:
    await world.drafted()
    for command, values, by in (
        ("offer", {"deputy": "d"}, OFFICE),
        ("adopt", {"signature": "林代表"}, DEPUTY),
        ("register", {}, OFFICE),
        ("assign", {"unit": "water", "due": "2035-06-01"}, OFFICE),
        ("accept", {}, UNIT),
        ("contact", {"contact": "电话"}, UNIT),
    ):
        matter = await world.verb.step("m", command, values, by)
    assert not world.verb.days_are_known(matter)
    await world.verb.step("m", "reply", {"class": "A", "text": "已解决"}, UNIT)
    again = await world.verb.step("m", "evaluate", {"evaluation": "dissatisfied"}, DEPUTY)
    assert (again.state, again.due) == ("rehandling", date(2026, 4, 2))
    assert world.verb.days_are_known(again)
    assert (await world.verb.history(again))[-1].event.values["due"] == "2026-04-02"


async def test_numbers_are_given_without_gaps_and_once(world: World) -> None:
    for name in ("m1", "m2", "m3"):
        await world.drafted(name)
        await world.verb.step(name, "offer", {"deputy": "d"}, OFFICE)
        await world.verb.step(name, "adopt", {"signature": "林"}, DEPUTY)
        await world.verb.step(name, "register", {}, OFFICE)
    assert [m.number for m in reversed(await world.verb.public_list())] == ["2026-0001", "2026-0002", "2026-0003"]


async def test_a_step_on_an_old_state_is_stale(world: World) -> None:
    old = await world.drafted()
    await world.verb.step("m", "offer", {"deputy": "d"}, OFFICE)
    with pytest.raises(Stale):
        await world.matters.save(old, [MatterStep("offer", "awaiting_adoption")], OFFICE, NOW)


async def test_what_is_not_somebodys_work_does_not_exist_for_them(world: World) -> None:
    await world.drafted()
    for stranger in (UNIT, Actor("x", "X", frozenset({Role.DEPUTY}))):
        if Role.DEPUTY not in stranger.roles:
            with pytest.raises(Refused, match="not_found"):
                await world.verb.step("m", "accept", {}, stranger)
    await world.verb.step("m", "offer", {"deputy": "d"}, OFFICE)
    with pytest.raises(Refused, match="not_found"):
        await world.verb.see("m", Actor("x", "X", frozenset({Role.DEPUTY})))
    assert [m.id for m in await world.verb.work_list(DEPUTY)] == ["m"]
    assert await world.verb.work_list(UNIT) == []


async def test_migrations_and_tables_agree(database: Database) -> None:
    await database.upgrade()

    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []
