"""Listed as overdue is a clock with whoever was late: in rows, in lists, and in what was written before it was said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from liveroom.matters.engine import note
from liveroom.ports.matters import MatterChange, Wanted
from liveroom.rooms.roles import SYSTEM
from liveroom.storage import migrate
from liveroom.storage.audit import SqlAudit
from tests.support.admission import ADMITTED
from tests.support.year import DEPUTY, OFFICE, WATER, Year


async def listed(year: Year, **wanted: Any) -> list[str]:
    return [row.id for row in (await year.matters.find(Wanted(**wanted))).rows]


async def test_the_office_that_was_late_does_not_make_the_unit_late(year: Year) -> None:
    await year.begin("m")
    await year.take("m", "adopt", DEPUTY, signature="林")
    await year.until(year.now + timedelta(days=20))
    assert (await year.matters.load("m")).late == "office"
    assert (await listed(year, late="office"), await listed(year, late="unit")) == (["m"], [])
    await year.take("m", "register", OFFICE, **ADMITTED)
    await year.take("m", "assign", OFFICE, unit="water")
    assert (await year.matters.load("m")).late == "", "the clock has stopped, and the next one inherits nothing"
    assert [row.id for row in (await year.matters.find(Wanted(listed=False))).rows] == ["m"]
    await year.until(year.now + timedelta(days=120))
    assert (await listed(year, late="unit"), await listed(year, late="office")) == (["m"], [])
    await year.take("m", "contact", WATER, contact="电话")
    replied = await year.take("m", "reply", WATER, **{"class": "A", "text": "好了"})
    assert (replied.late, [listing.late for listing in replied.listings]) == ("", ["office", "unit"])
    said = [line.event.values.get("late") for line in await year.matters.history("m") if "overdue" in line.event.what]
    assert said == ["office", "office", "unit", "unit"]
    assert await SqlAudit(year.database).strayed("matter:m") == []


async def test_a_unit_that_asked_to_return_it_is_late_while_the_office_decides(year: Year) -> None:
    await year.assigned()
    await year.until(year.now + timedelta(days=2))
    matter = await year.take("m", "request_return", WATER, reason="不归我们管")
    assert (matter.turn, await year.steps.late(matter, "reply")) == ("office", "unit")
    assert await year.steps.late(matter, "return_decision") == "office"


async def test_an_extension_leaves_the_first_day_in_the_lists(year: Year) -> None:
    assigned = await year.assigned()
    await year.take("m", "accept", WATER)
    until = assigned.due + timedelta(days=30) if assigned.due else year.day()
    await year.take("m", "ask_extension", WATER, until=until.isoformat(), reason="汛期")
    await year.take("m", "grant_extension", OFFICE)
    (row,) = (await year.matters.find(Wanted())).rows
    assert (row.said_due, row.first_due) == (assigned.due, until)


@pytest.fixture
async def before(year: Year, kind: str, tmp_path: Path) -> AsyncIterator[Year]:
    """An installation with lines of before: it is led back behind the migration, and comes again."""
    for name, turn in (("office", ""), ("unit", "water")):
        if turn:
            await year.assigned(name)
        else:
            await year.begin(name)
        matter = await year.matters.load(name)
        said = {"clock": matter.clock, "due": str(matter.due)}
        facts = [note(matter, what, said, year.day()) for what in ("overdue", "list_overdue")]
        await year.matters.save([MatterChange(matter, facts)], SYSTEM, year.now)
    await year.begin("none")
    if kind == "sqlite":
        engine = sa.create_engine(f"sqlite:///{tmp_path / 'test.sqlite3'}")
        with engine.begin() as connection:
            _back(connection)
        engine.dispose()
        migrate.upgrade(tmp_path / "test.sqlite3")
    else:
        async with year.database.write() as connection:
            await connection.run_sync(_back)
        await year.database.upgrade()
    yield year


def _back(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.downgrade(config, "0018")
    rows = connection.exec_driver_sql("SELECT id FROM matters WHERE listed ORDER BY id")
    assert [row[0] for row in rows] == ["office", "unit"]


async def test_what_was_listed_before_says_whose_turn_it_was(before: Year) -> None:
    assert [(await before.matters.load(name)).late for name in ("office", "unit", "none")] == ["office", "unit", ""]
    assert (await listed(before, late="office"), await listed(before, late="unit")) == (["office"], ["unit"])
    for name in ("office", "unit", "none"):
        assert await SqlAudit(before.database).strayed(f"matter:{name}") == []
    (row,) = (await before.matters.find(Wanted(late="unit"))).rows
    assert row.said_due == row.first_due is not None
