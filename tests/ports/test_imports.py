"""Lists from files against real databases: whole or not at all, and the same again changes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from liveroom.actions.bringing import Bringing
from liveroom.actions.importing import Importing
from liveroom.contacts import read_contact
from liveroom.errors import Refused
from liveroom.exchange.plans import Plan
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.ports.reminders import OwnAddress
from liveroom.rooms.roles import Actor, Role
from liveroom.rooms.station import Station
from liveroom.storage.addresses import SqlAddresses
from liveroom.storage.database import Database
from liveroom.storage.imports import SqlImports, stations
from liveroom.storage.matters import SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.vault import Seal
from liveroom.storage.workdays import PUBLISHED_YEARS, ChineseWorkingDays

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
YEAR = max(PUBLISHED_YEARS) + 3
"""A year that no package holds yet."""

OFF = [
    f"{YEAR}-{month:02}-{day:02}" for month, days in ((1, (1, 2)), (5, range(1, 6)), (10, range(1, 8))) for day in days
]
HOLIDAYS = "日期,类型\n" + "".join(f"{day},休\n" for day in OFF)


class World:
    def __init__(self, database: Database, rules: SqlRuleBook) -> None:
        self.database = database
        self.days = ChineseWorkingDays()
        self.imports = SqlImports(database, Seal("key"))
        self.matters = SqlMatters(database)
        bringing = Bringing(self.matters, SqlPeople(database), rules, self.days, lambda: NOW)
        self.importing = Importing(self.imports, self.days, lambda: NOW, bringing)

    async def take(self, kind: str, text: str, file: str = "") -> Plan:
        return await self.importing.carry_out(kind, text.encode(), OFFICE, file)


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    return World(database, await SqlRuleBook.open(database, tmp_path, "standard", NOW))


async def test_deputies_are_added_and_renamed_and_keep_what_else_they_are(world: World) -> None:
    people = SqlPeople(world.database)
    await people.add_account(Account("d", "lin", "林", frozenset({Role.DEPUTY, Role.HOST}), None, "hash"))
    done = await world.take("deputies", "用户名,姓名\nlin,林海\nchen,陈\n")
    assert (done.count("change"), done.count("add")) == (1, 1)
    lin, chen = await people.by_login("lin"), await people.by_login("chen")
    assert lin == Account("d", "lin", "林海", frozenset({Role.DEPUTY, Role.HOST}), None, "hash")
    assert chen is not None
    assert (chen.roles, chen.password) == (frozenset({Role.DEPUTY}), ""), "no password lets a new deputy in"


async def test_a_deputy_is_reminded_where_the_list_says_once_they_proved_it(world: World) -> None:
    people, addresses = SqlPeople(world.database), SqlAddresses(world.database, Seal("key"))
    file = "用户名,姓名,邮箱\nlin,林,Lin@Example.org\nchen,陈,\n"
    assert [change.what for change in (await world.take("deputies", file)).changes] == ["add", "add"]
    lin, chen = await people.by_login("lin"), await people.by_login("chen")
    assert lin is not None
    assert chen is not None
    kept = await addresses.of(lin.id)
    assert kept == OwnAddress(lin.id, read_contact("Lin@example.org"), proved=False), "nothing is sent there yet"
    assert await addresses.of(chen.id) == OwnAddress(chen.id)
    assert (await world.take("deputies", file)).due == []
    await world.take("deputies", "用户名,姓名\nlin,林\n")
    assert await addresses.of(lin.id) == kept, "a list without the column leaves it"

    await addresses.put(replace(kept, language="en"))
    done = await world.take("deputies", "用户名,姓名,手机\nlin,林,13800000021\n")
    assert [change.what for change in done.changes] == ["change"]
    mobile = OwnAddress(lin.id, read_contact("13800000021"), proved=False, language="en")
    assert await addresses.of(lin.id) == mobile
    await addresses.prove(replace(mobile, site="https://live.example.org"))
    assert (await world.take("deputies", file)).due == [], "one's own word counts for more than a list"
    assert (await addresses.of(lin.id)).proved
    bad = await world.take("deputies", "用户名,姓名,邮箱\nchen,陈,chen@example.org\nhe,何,he@example\n")
    assert [(problem.row, problem.code) for problem in bad.problems] == [(3, "bad_contact")]
    assert await addresses.of(chen.id) == OwnAddress(chen.id)


async def test_the_same_file_again_changes_nothing_and_leaves_no_line(world: World) -> None:
    for kind, text in (
        ("deputies", "用户名,姓名\nlin,林海\n"),
        ("units", "编号,名称\n,水务局\nport,港航中心\n"),
        ("stations", "编号,名称,辖区\nS1,东屿站,东屿村、北礁村\n"),
        ("holidays", HOLIDAYS),
    ):
        assert (await world.take(kind, text)).due
        before = await world.imports.known(kind)
        assert (await world.take(kind, text)).due == []
        assert await world.imports.known(kind) == before
    latest = await world.importing.latest(OFFICE)
    assert [line.kind for line in latest] == ["holidays", "stations", "units", "deputies"] or len(latest) == 4
    assert {line.by_name for line in latest} == {"工委"}


async def test_one_bad_row_and_nothing_is_imported(world: World) -> None:
    done = await world.take("stations", "编号,名称\nS1,东屿站\nS 2,北礁站\n")
    assert [(problem.row, problem.code) for problem in done.problems] == [(3, "bad_code")]
    assert await world.imports.stations() == []
    assert await world.importing.latest(OFFICE) == []


async def test_what_the_database_refuses_leaves_nothing_of_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last row collides with one that somebody else put in after it was decided."""
    plan = await world.importing.look("stations", "编号,名称\nS1,东屿站\nS2,北礁站\n".encode(), OFFICE)
    async with world.database.write() as connection:
        await connection.execute(sa.insert(stations).values(id="S2", name="别的站"))
    with pytest.raises(Exception, match="stations"):
        await world.imports.carry_out("stations", lambda _known: plan, "", OFFICE, NOW)
    assert [station.id for station in await world.imports.stations()] == ["S2"]


async def test_looking_changes_nothing(world: World) -> None:
    looked = await world.importing.look("units", "名称\n水务局\n".encode(), OFFICE)
    assert looked.count("add") == 1
    assert await SqlMatters(world.database).units() == []


async def test_units_are_renamed_and_chosen_by_name(world: World) -> None:
    matters = SqlMatters(world.database)
    await matters.add_unit(Unit("u1", "水务局"))
    done = await world.take("units", "编号,名称\n,水务局\nu2,港航中心\n")
    assert [change.what for change in done.changes] == ["same", "add"]
    await world.take("units", "编号,名称\nu1,水利局\n")
    assert {(unit.id, unit.name) for unit in await matters.units()} == {("u1", "水利局"), ("u2", "港航中心")}


async def test_a_station_is_read_back(world: World) -> None:
    await world.take("stations", "编号,名称,乡镇,地址,辖区\nS1,东屿站,东屿镇,码头路,东屿村、北礁村\n")
    assert await world.imports.stations() == [Station("S1", "东屿站", "东屿镇", "码头路", ("东屿村", "北礁村"))]


async def test_a_year_that_is_imported_is_known_and_only_that_one(world: World) -> None:
    day, make_up = date(YEAR, 5, 1), next(d for d in (date(YEAR, 4, n) for n in range(20, 30)) if d.weekday() == 6)
    other = date(YEAR + 1, 5, 3)
    assert not world.days.covers(day)
    assert world.days.is_working_day(date(YEAR, 10, 3)) == (date(YEAR, 10, 3).weekday() < 5)
    await world.take("holidays", HOLIDAYS + f"{make_up},班\n")
    assert world.days.covers(day)
    assert not world.days.covers(other), "the next year is still a guess, and said to be one"
    assert not world.days.is_working_day(date(YEAR, 10, 3))
    assert world.days.is_working_day(make_up)
    assert world.days.is_working_day(date(YEAR, 10, 3).replace(month=11)) == (date(YEAR, 11, 3).weekday() < 5)
    await world.take("holidays", HOLIDAYS)
    assert not world.days.is_working_day(make_up), "the year was replaced"


async def test_a_year_of_the_package_is_its_own(world: World) -> None:
    done = await world.take("holidays", HOLIDAYS.replace(str(YEAR), str(max(PUBLISHED_YEARS))))
    assert {problem.code for problem in done.problems} == {"year_known"}


async def test_two_at_once_import_it_once(world: World) -> None:
    text = "编号,名称\n" + "".join(f"S{n},站 {n}\n" for n in range(40))
    done = await asyncio.gather(*(world.take("stations", text) for _ in range(3)))
    assert all(plan.ready for plan in done)
    assert len(await world.imports.stations()) == 40


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OFFICE, Role.ADMIN}])
async def test_only_office_and_admin_import(world: World, role: Role) -> None:
    stranger = Actor("x", "X", frozenset({role}))
    for verb in (world.importing.look, world.importing.carry_out):
        with pytest.raises(Refused, match="forbidden"):
            await verb("units", b"", stranger)
