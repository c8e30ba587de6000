"""Suggestions of earlier years in real databases: sealed, found, counted as the list says, and the same file once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from liveroom.actions.bringing import Bringing
from liveroom.actions.importing import Importing
from liveroom.exchange.plans import Plan
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.promises import Standing
from liveroom.matters.statistics import count
from liveroom.ports.matters import MatterChange, Order, Unit, Wanted
from liveroom.ports.people import Account
from liveroom.rooms.audit import check
from liveroom.rooms.roles import Actor, Role
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.earlier import imported_matters
from liveroom.storage.imports import SqlImports
from liveroom.storage.jobs import jobs
from liveroom.storage.matters import SqlMatters
from liveroom.storage.openness import SqlOpenness
from liveroom.storage.people import SqlPeople
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.vault import Seal
from liveroom.storage.workdays import ChineseWorkingDays
from tests.support.earlier import CLOSED, OPEN, file, row
from tests.support.periods import period

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = date(2026, 3, 2)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
PROMISED = row(OPEN, number="RD2024-1", state="跟踪落实中", submitted_on="2024-03-05", assigned_on="2024-03-20",
               replied_on="2024-06-01", class_="B", reply="列入计划。", promise_due="2026-12-01")  # fmt: skip
BROKEN = row(CLOSED, number="2020-001", submitted_on="2020-03-05", assigned_on="", due="", replied_on="", closed_on="",
             class_="C", promise_due="2021-01-01")  # fmt: skip


class World:
    def __init__(self, database: Database, rules: SqlRuleBook) -> None:
        self.database = database
        self.matters, self.openness = SqlMatters(database), SqlOpenness(database)
        days, people = ChineseWorkingDays(), SqlPeople(database)
        bringing = Bringing(self.matters, people, rules, days, lambda: NOW)
        self.importing = Importing(SqlImports(database, Seal("key")), days, lambda: NOW, bringing)

    async def take(self, *rows: dict[str, str], name: str = "历年建议.csv") -> Plan:
        return await self.importing.carry_out("suggestions", file(*rows).encode(), OFFICE, name)

    async def found(self, number: str) -> Matter:
        matter = await self.matters.by_number(number)
        assert matter is not None
        return matter

    async def numbers(self, wanted: Wanted, after: str = "", limit: int = 50) -> list[str]:
        return [one.number for one in (await self.matters.find(wanted, Order.NEWEST, after, limit)).rows]


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    made = World(database, await SqlRuleBook.open(database, tmp_path, "standard", NOW))
    await made.matters.add_unit(Unit("water", "水务局"))
    await SqlPeople(database).add_account(Account("lin", "lin", "林代表", frozenset({Role.DEPUTY})))
    return made


def begun(number: str) -> MatterChange:
    values = {"title": "新的", "body": "正文", "number": number}
    return MatterChange(
        Matter(number), [MatterStep("draft", "draft", values, day=TODAY.isoformat(), kind="suggestion")]
    )


async def test_each_becomes_one_sealed_step_of_whoever_imported_it(world: World) -> None:
    done = await world.take(CLOSED, OPEN)
    assert (done.ready, done.count("add")) == (True, 2)
    closed, opened = await world.found("2019-045"), await world.found("RD2025-7")
    (line,) = await world.matters.history(closed.id)
    assert (line.by, line.by_name, line.event.what, line.at) == ("o", "工委", "take_over", NOW)
    assert (line.event.values["file"], line.event.values["row"]) == ("历年建议.csv", "2")
    assert opened.unit == "water"
    reading = SqlAudit(world.database)
    for chain in (f"matter:{closed.id}", f"matter:{opened.id}"):
        read = await reading.read(chain)
        assert read is not None
        assert check(read.chain, read.links, read.length) == []
        assert await reading.strayed(chain) == [], "the row is what its line leads to"


async def test_the_same_file_again_changes_nothing(world: World) -> None:
    await world.take(CLOSED, OPEN)
    before = await world.importing.latest(OFFICE)
    again = await world.take(OPEN, CLOSED, name="同一个.csv")
    assert ([change.what for change in again.changes], again.due) == (["same", "same"], [])
    assert await world.importing.latest(OFFICE) == before
    more = await world.take(CLOSED, row(CLOSED, number="2019-046"), OPEN)
    assert [change.what for change in more.changes] == ["same", "add", "same"]
    other = await world.take(row(CLOSED, title="别的"), row(CLOSED, number="2019-047"))
    assert [(problem.row, problem.code) for problem in other.problems] == [(2, "number_known")]
    assert await world.matters.by_number("2019-047") is None, "one bad row and nothing is imported"


async def test_two_at_once_import_it_once(world: World) -> None:
    rows = [row(CLOSED, number=f"2019-{n:03}") for n in range(20)]
    done = await asyncio.gather(*(world.take(*rows) for _ in range(3)))
    assert all(plan.ready for plan in done)
    assert len(await world.numbers(Wanted())) == 20
    assert len(await world.importing.latest(OFFICE)) == 1


async def test_a_number_of_ours_is_a_bad_row_and_ours_go_on(world: World) -> None:
    await world.matters.begin(begun("2025-0001"), OFFICE, NOW)
    done = await world.take(row(OPEN, number="2025-0001"), row(OPEN, number="2026-0001"))
    assert [(problem.row, problem.code) for problem in done.problems] == [(2, "number_taken"), (3, "number_ours")]
    await world.take(row(OPEN, number="RD2026-0009"), row(OPEN, number="2025-甲"))
    assert await world.matters.next_number("", 2026) == "2026-0001"


async def test_lists_show_them_by_the_day_on_which_they_began(world: World) -> None:
    await world.take(row(CLOSED, number="A"), row(CLOSED, number="B"), OPEN)
    await world.matters.begin(begun("2026-0001"), OFFICE, NOW)
    await world.take(PROMISED, BROKEN)
    await world.matters.begin(begun("2026-0002"), OFFICE, NOW)
    expected = ["2026-0002", "2026-0001", "RD2025-7", "RD2024-1", "2020-001", "B", "A"]
    assert await world.numbers(Wanted()) == expected
    turned: list[str] = []
    after = ""
    for _ in expected:
        page = await world.matters.find(Wanted(), Order.NEWEST, after, 2)
        turned += [one.number for one in page.rows]
        after = page.after
        if not after:
            break
    assert turned == expected, "pages go on from one of earlier years as from any other"
    assert await world.numbers(Wanted(year=2019)) == ["B", "A"]
    assert await world.numbers(Wanted(text="夜航")) == ["2020-001", "B", "A"]
    by_due = await world.matters.find(Wanted(final=False), Order.DUE, "", 2)
    assert [one.number for one in by_due.rows] == ["RD2025-7", "RD2024-1"]
    assert [one.number for one in (await world.matters.find(Wanted(final=False), Order.DUE, by_due.after)).rows] == [
        "2026-0001",
        "2026-0002",
    ]


async def test_what_an_import_brought_can_be_listed(world: World) -> None:
    await world.take(CLOSED)
    await world.take(OPEN, PROMISED, name="第二个.xlsx")
    newest, first = sorted(await world.importing.latest(OFFICE), key=lambda one: -one.added)
    assert (newest.file, newest.added, first.file) == ("第二个.xlsx", 2, "历年建议.csv")
    assert await world.numbers(Wanted(brought_by=newest.id)) == ["RD2025-7", "RD2024-1"]
    assert await world.numbers(Wanted(brought_by=first.id)) == ["2019-045"]


async def test_figures_and_promises_say_what_the_list_says(world: World) -> None:
    await world.take(CLOSED, PROMISED, BROKEN)
    year = period("2019")
    counted = count(await world.openness.cases("suggestion", year), year, TODAY)
    assert counted.earlier == 1
    fractions = {name: (figure.holds, figure.of) for name, figure in counted.figures.items()}
    assert fractions["replied_on_time"] == fractions["solved"] == fractions["closed"] == (1, 1)
    assert fractions["basically_satisfied"] == (1, 1)
    assert fractions["rehandled"] == (0, 0), "a list does not tell how often it was replied to"
    assert (counted.waiting.count, counted.waiting.median) == (1, 82)
    then = period("2021")
    assert await world.openness.cases("suggestion", then) == [], "what has no days counts in no period"
    standings = await world.openness.standings(TODAY)
    assert (standings[Standing.PROMISED], standings[Standing.EXPLAINED]) == (1, 1)
    assert standings[Standing.KEPT] == standings[Standing.BROKEN] == 0


async def test_nobody_is_told_and_what_is_open_waits_for_its_clocks(world: World) -> None:
    await world.take(CLOSED, OPEN)
    opened = await world.found("RD2025-7")
    async with world.database.read() as connection:
        keys = list(await connection.scalars(sa.select(jobs.c.key)))
        assert await connection.scalar(sa.select(sa.func.count()).select_from(imported_matters)) == 2
    assert keys
    assert {key.rpartition(":")[0] for key in keys} == {f"matter:{opened.id}:clock:reply"}
    told = await world.openness.told(Wanted(), 10)
    assert [one.at.astimezone(UTC).date() for one in told] == [date(2025, 3, 5), date(2019, 3, 5)]
    after = MatterStep("accept", "handling", {}, day=TODAY.isoformat(), turn="unit")
    (goes_on,) = await world.matters.save([MatterChange(opened, [after])], OFFICE, NOW)
    assert replace(goes_on, seq=1) == opened
