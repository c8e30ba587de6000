"""What the units' board counts in a database, and the lists behind its numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from liveroom.matters.matter import Matter, MatterStep
from liveroom.ports.matters import MatterChange, UnitTally, Wanted
from liveroom.rooms.roles import Actor, Role
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters

TODAY = date(2026, 3, 2)
LATER = TODAY + timedelta(days=16)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))


async def keep(
    matters: SqlMatters, name: str, unit: str, state: str, due: int, letter: str = "", closed: int | None = None
) -> None:
    """A matter that stands so; days count from today."""
    on = TODAY + timedelta(days=closed or 0)
    ends = {} if closed is not None else {"reply": f"2026-01-01/{TODAY + timedelta(days=due)}"}
    handled = {"title": "标题", "body": "内容", "unit": unit, "unit_name": f"{unit} 局"}
    events = [MatterStep("draft", "draft", {"title": "标题", "body": "内容"}, day="2026-01-01", kind="suggestion")]
    events.append(MatterStep("assign", "assigned", handled, day="2026-01-01"))
    if letter:
        events.append(MatterStep("reply", state, {"class": letter, "text": "答复"}, day="2026-02-01"))
    end = "solved" if closed is not None else ""
    events.append(MatterStep("moved", state, {}, day=on.isoformat(), clocks=ends, end=end))
    await matters.begin(MatterChange(Matter(name, kind="suggestion"), events), OFFICE, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
async def matters(database: Database) -> SqlMatters:
    kept = SqlMatters(database)
    await keep(kept, "over", "water", "handling", -1)
    await keep(kept, "today", "water", "handling", 0)
    await keep(kept, "fifteen", "water", "handling", 15)
    await keep(kept, "sixteen", "water", "handling", 16)
    await keep(kept, "judged", "harbour", "replied", 20, "A")
    await keep(kept, "this year", "harbour", "closed", 0, "A", closed=-30)
    await keep(kept, "last year", "harbour", "closed", 0, "A", closed=-300)
    await keep(kept, "nobody", "", "registered", 3)
    return kept


async def test_units_are_counted_by_state_and_by_the_side_of_two_days(matters: SqlMatters) -> None:
    found = await matters.tallies(["suggestion"], date(2026, 1, 1), TODAY, LATER)
    assert sorted(found, key=repr) == [
        UnitTally("harbour", "harbour 局", "suggestion", "closed", "later", True, 1),
        UnitTally("harbour", "harbour 局", "suggestion", "replied", "later", True, 1),
        UnitTally("water", "water 局", "suggestion", "handling", "later", False, 1),
        UnitTally("water", "water 局", "suggestion", "handling", "over", False, 1),
        UnitTally("water", "water 局", "suggestion", "handling", "soon", False, 2),
    ]
    assert await matters.tallies(["work_order"], date(2026, 1, 1), TODAY, LATER) == []


async def test_a_list_leaves_out_what_was_closed_before_a_day(matters: SqlMatters) -> None:
    page = await matters.find(Wanted(unit="harbour", closed_from=date(2026, 1, 1)))
    assert sorted(row.id for row in page.rows) == ["judged", "this year"]
