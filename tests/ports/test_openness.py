"""What is published of all matters together, against real databases."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from liveroom.errors import Refused
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.periods import Period, read_period
from liveroom.matters.promises import Standing
from liveroom.matters.statistics import GROUPS, PARTS, Case, behind, count, opened, waiting
from liveroom.ports.matters import PAGE, MatterChange, Unit, Wanted
from liveroom.ports.openness import CASES_A_PAGE, Frozen, Scope
from liveroom.rooms.roles import Actor, Role
from liveroom.storage import matter_tables
from liveroom.storage.database import Database
from liveroom.storage.earlier import imported_matters
from liveroom.storage.imports import imports
from liveroom.storage.matter_tables import matters
from liveroom.storage.matters import SqlMatters
from liveroom.storage.openness import SqlOpenness, openness, values

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
SOURCE = SourceQuestion("q", "s1", "A7K2", ("原话",), 12, askers=2)
TODAY = date(2026, 9, 1)


class Kept:
    """Matters that are written as facts, without rules."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.matters, self.openness = SqlMatters(database), SqlOpenness(database)

    async def begin(self, name: str, number: str, day: date, *more: MatterStep, kind: str = "suggestion") -> Matter:
        words = {"title": f"标题 {number}", "body": "正文", "number": number, "unit": "water", "unit_name": "水务局"}
        first = MatterStep(
            "assign", "assigned", words, sources=(SOURCE,), day=day.isoformat(), turn="unit", kind=kind,
            clocks={"reply": f"{day.isoformat()}/{(day + timedelta(days=90)).isoformat()}"},
        )  # fmt: skip
        matter = await self.matters.begin(MatterChange(Matter(name, kind=kind), [first]), OFFICE, NOW)
        for step in more:
            matter = await self.then(matter, step)
        return matter

    async def then(self, matter: Matter, step: MatterStep, at: datetime = NOW) -> Matter:
        return (await self.matters.save([MatterChange(matter, [step])], OFFICE, at))[0]


def replied(day: str, letter: str = "A", promise: str = "") -> MatterStep:
    means = "solved" if letter == "A" else ""
    values = {"class": letter, "text": "答复", "promise_due": promise, "means": means}
    return MatterStep("reply", "replied", {k: v for k, v in values.items() if v}, day=day, turn="deputy", clocks={})


def tracked(day: str, until: str) -> MatterStep:
    rated = {"attitude": "satisfied", "result": "satisfied"}
    return MatterStep("evaluate", "tracking", rated, day=day, clocks={"promise": f"{day}/{until}"})


def ended(day: str, end: str, state: str = "closed") -> MatterStep:
    return MatterStep("close", state, day=day, end=end, clocks={})


@pytest.fixture
async def kept(database: Database) -> Kept:
    made = Kept(database)
    await made.matters.add_unit(Unit("water", "水务局"))
    return made


def quarter(name: str = "2026-Q3") -> Period:
    found = read_period(name)
    assert found is not None
    return found


async def test_everything_that_counts_in_a_period_is_found_and_nothing_twice(kept: Kept) -> None:
    day = date(2026, 7, 1)
    await kept.begin("a", "2026-0001", day, replied("2026-08-01"), ended("2026-09-01", "solved"))
    await kept.begin("b", "2026-0002", date(2026, 5, 1), replied("2026-07-20"))
    await kept.begin("c", "2026-0003", date(2026, 1, 5), replied("2026-02-01"), ended("2026-03-01", "solved"))
    await kept.begin("d", "C2026-0001", day, kind="commitment")
    cases = await kept.openness.cases("suggestion", quarter())
    assert sorted(case.id for case in cases) == ["a", "b"]
    (first,) = [case for case in cases if case.id == "a"]
    assert (first.number, first.session, first.asked, first.end, first.letter) == ("2026-0001", "s1", 14, "solved", "A")
    assert first.closed_on == date(2026, 9, 1)
    figures = count(cases, quarter(), TODAY).figures
    assert (figures["solved"].holds, figures["solved"].of) == (1, 1)
    assert (figures["replied_on_time"].holds, figures["replied_on_time"].of) == (2, 2)


SOME_DAYS = [None, *(date(2026, 6, 20) + timedelta(days=9 * n) for n in range(13))]


def any_case(chance: random.Random, n: int) -> Case:
    """Whatever the columns can hold, also what no journey leaves behind."""
    letters = ["", "A", "B", "C"]
    results = ["", "satisfied", "basically_satisfied", "dissatisfied", "no_response"]
    return Case(
        id=f"m{n:03}", number=chance.choice(["", f"2026-{chance.randrange(900):03}{n:03}"]),
        public=chance.random() < 0.8, unit=chance.choice(["", "water", "roads"]), deputy=chance.choice(["", "d"]),
        session=chance.choice(["", "s1", "s2"]), end=chance.choice(["", "solved", "unsolved"]),
        letter=chance.choice(letters), first_letter=chance.choice(letters), result=chance.choice(results),
        dissatisfied=chance.randrange(2), round=chance.randrange(1, 3), reopenings=chance.randrange(2),
        asked=chance.randrange(4), said_solved=chance.randrange(3), said_unsolved=chance.randrange(2),
        assigned_on=chance.choice(SOME_DAYS), first_due=chance.choice(SOME_DAYS),
        first_reply_on=chance.choice(SOME_DAYS), closed_on=chance.choice(SOME_DAYS), earlier=chance.random() < 0.2,
    )  # fmt: skip


async def keep(database: Database, cases: Sequence[Case]) -> None:
    """These cases as rows."""
    came = {"id": "i", "kind": "matters", "at": NOW, "by": "o", "by_name": "工委", "digest": ""}
    came |= dict.fromkeys(("added", "changed", "removed"), 0)
    async with database.write() as connection:
        await connection.execute(sa.insert(imports).values(came))
        for place, case in enumerate(cases, 1):
            said = {name: getattr(case, name) for name in Case.__dataclass_fields__}
            row = matter_tables.row(Matter(case.id, kind="suggestion")) | {"place": place, "created_at": NOW}
            row |= {name: value for name, value in said.items() if name in matters.c} | {"number": case.number or None}
            beside = values(Matter(case.id)) | {"matter": case.id, "told_at": NOW}
            beside |= {name: value for name, value in said.items() if name in openness.c}
            await connection.execute(sa.insert(matters).values(row))
            await connection.execute(sa.insert(openness).values(beside))
            if case.earlier:
                brought = {"matter": case.id, "import": "i", "row": place, "digest": ""}
                await connection.execute(sa.insert(imported_matters).values(brought))


@pytest.mark.parametrize("seed", range(3))
async def test_every_list_of_every_figure_is_what_its_formula_gives_in_memory(kept: Kept, seed: int) -> None:
    chance = random.Random(seed)
    cases = [any_case(chance, n) for n in range(400)]
    await keep(kept.database, cases)
    seen = 0
    for groups in ({}, {"unit": "water"}, {"deputy": "d", "session": "s1"}):
        scope = Scope("suggestion", quarter(), groups)
        some = [case for case in cases if all(GROUPS[group](case) == value for group, value in groups.items())]
        taken = await kept.openness.days_to_reply(scope)
        time = count(some, quarter(), TODAY).waiting
        assert waiting(taken) == time
        for name, parts in PARTS.items():
            for part in parts:
                wanted = opened(name, part, time)
                expected = behind(some, quarter(), TODAY, wanted)
                public = [case.id for case in expected if case.public]
                listed: list[str] = []
                for page in itertools.count(1):
                    found = await kept.openness.behind(scope, wanted, TODAY, page)
                    assert (found.total, found.hidden) == (len(expected), len(expected) - len(public)), (name, part)
                    listed += [row.id for row in found.rows]
                    if len(found.rows) < CASES_A_PAGE:
                        break
                assert listed == public, (name, part, groups)
                seen += len(listed)
    assert seen > 1000, "the lists were not empty"


async def test_other_kinds_and_other_groups_stand_in_no_list(kept: Kept) -> None:
    await kept.begin("a", "C2026-0001", date(2026, 7, 1), kind="commitment")
    await kept.begin("b", "2026-0001", date(2026, 7, 1))
    wanted = opened("closed", "of")
    for groups, expected in (({}, ["b"]), ({"unit": "water"}, ["b"]), ({"unit": "roads"}, []), ({"session": "s2"}, [])):
        found = await kept.openness.behind(Scope("suggestion", quarter(), groups), wanted, TODAY, 1)
        assert [row.id for row in found.rows] == expected


async def test_what_those_who_asked_say_is_counted(kept: Kept) -> None:
    day = date(2026, 7, 1)
    matter = await kept.begin("a", "2026-0001", day, replied("2026-08-01"))
    for who, solved in (("x", "yes"), ("y", "yes"), ("z", "no")):
        matter = await kept.then(
            matter, MatterStep("check", "asker_check", {"who": who, "solved": solved}, day="2026-08-09")
        )
    (case,) = await kept.openness.cases("suggestion", quarter())
    assert (case.said_solved, case.said_unsolved) == (2, 1)
    await kept.then(matter, replied("2026-08-20"))
    (case,) = await kept.openness.cases("suggestion", quarter())
    assert (case.said_solved, case.said_unsolved) == (0, 0), "a new reply is asked about anew"


async def test_the_ledger_is_by_day_and_a_kept_promise_keeps_its_day(kept: Kept) -> None:
    day = date(2026, 3, 1)
    for name, until in (("late", "2026-08-01"), ("soon", "2026-10-01"), ("later", "2027-01-01")):
        await kept.begin(name, f"n-{name}", day, replied("2026-04-01", "B", until), tracked("2026-04-09", until))
    solved = await kept.begin(
        "kept", "n-kept", day, replied("2026-04-01", "B", "2026-07-01"), tracked("2026-04-09", "2026-07-01")
    )
    solved = await kept.then(solved, replied("2026-06-01"))
    await kept.then(solved, ended("2026-07-01", "solved"))
    said = await kept.begin("said", "n-said", day, replied("2026-04-01", "C"), tracked("2026-04-09", "2026-07-02"))
    await kept.then(said, ended("2026-07-03", "unsolved", "closed_unsolved"))
    await kept.begin("none", "n-none", day, replied("2026-04-01"))

    async def shown(standing: Standing | None) -> list[str]:
        return [row.matter.id for row in (await kept.openness.promises(standing, TODAY)).rows]

    assert await shown(None) == ["late", "soon", "later"]
    assert await shown(Standing.DUE) == ["late"]
    assert await shown(Standing.PROMISED) == ["soon", "later"]
    assert await shown(Standing.KEPT) == ["kept"]
    assert await shown(Standing.EXPLAINED) == ["said"]
    assert await shown(Standing.BROKEN) == []
    assert (await kept.openness.promises(Standing.KEPT, TODAY)).rows[0].promised == date(2026, 7, 1)
    counted = await kept.openness.standings(TODAY)
    assert counted == {"promised": 2, "due": 1, "kept": 1, "broken": 0, "disputed": 0, "explained": 1}


async def test_the_ledger_is_turned_page_by_page(kept: Kept) -> None:
    for n in range(PAGE + 3):
        until = f"2026-10-{n % 3 + 1:02}"
        await kept.begin(
            f"m{n}", f"n{n}", date(2026, 3, 1), replied("2026-04-01", "B", until), tracked("2026-04-09", until)
        )
    first = await kept.openness.promises(None, TODAY)
    second = await kept.openness.promises(None, TODAY, first.after)
    seen = [row.matter.id for row in (*first.rows, *second.rows)]
    assert len(seen) == len(set(seen)) == PAGE + 3
    assert not second.after
    for bad in ("x", "2026-13-01_m", "_"):
        with pytest.raises(Refused, match="bad_page"):
            await kept.openness.promises(None, TODAY, bad)


async def test_news_are_what_was_told_and_not_what_is_internal(kept: Kept) -> None:
    a = await kept.begin("a", "2026-0001", date(2026, 7, 1))
    b = await kept.begin("b", "2026-0002", date(2026, 7, 1))
    later = NOW + timedelta(hours=1)
    await kept.then(
        b, MatterStep("prepare_reply", "assigned", {"class": "A", "text": "x"}, day="2026-07-02", internal=True), later
    )
    assert {told.at for told in await kept.openness.told(Wanted(), 10)} == {NOW}
    await kept.then(a, replied("2026-07-03"), later)
    told = await kept.openness.told(Wanted(), 10)
    assert [(one.matter.id, one.at) for one in told] == [("a", later), ("b", NOW)]
    assert [one.matter.id for one in await kept.openness.told(Wanted(text="0002"), 10)] == ["b"]
    assert await kept.openness.told(Wanted(unit="roads"), 10) == []


async def test_what_is_confidential_is_counted_and_never_listed(kept: Kept) -> None:
    matter = await kept.begin(
        "a", "n", date(2026, 3, 1), replied("2026-07-01", "B", "2026-10-01"), tracked("2026-07-09", "2026-10-01")
    )
    await kept.then(matter, MatterStep("make_confidential", "tracking", day="2026-07-10", internal=True))
    assert await kept.openness.told(Wanted(), 10) == []
    assert (await kept.openness.promises(None, TODAY)).rows == []
    (case,) = await kept.openness.cases("suggestion", quarter())
    assert not case.public


async def test_a_frozen_quarter_stays(kept: Kept) -> None:
    frozen = Frozen("2026-Q2", "{}", "k", "s", NOW, "工委")
    await kept.openness.freeze(frozen, OFFICE)
    with pytest.raises(Refused, match="already_frozen"):
        await kept.openness.freeze(replace(frozen, statement="{1}"), OFFICE)
    assert await kept.openness.frozen("2026-Q2") == frozen
    assert await kept.openness.frozen("2026-Q1") is None
    await asyncio.gather(*(kept.openness.freeze(replace(frozen, quarter=f"2025-Q{n}"), OFFICE) for n in range(1, 5)))
    assert await kept.openness.frozen_quarters() == ["2026-Q2", *(f"2025-Q{n}" for n in (4, 3, 2, 1))]


async def test_the_migration_writes_what_the_program_writes(kept: Kept) -> None:
    day = date(2026, 3, 1)
    await kept.begin("a", "1", day, replied("2026-04-01", "B", "2026-10-01"), tracked("2026-04-09", "2026-10-01"))
    await kept.begin("b", "2", day, replied("2026-04-01"), ended("2026-05-01", "solved"))
    c = await kept.begin("c", "3", day, replied("2026-04-01", "C"), tracked("2026-04-09", "2026-07-02"))
    await kept.then(c, ended("2026-07-03", "unsolved", "closed_unsolved"))
    migration = importlib.import_module("liveroom.storage.migrations.versions.0017_what_is_published")

    async def rows(connection: Any) -> list[dict[str, Any]]:
        found = await connection.execute(sa.select(openness).order_by(openness.c.matter))
        # How many merged questions there were, and what was promised first, is not known of matters of before.
        return [{**row, "asked": 0, "said_promise": None} for row in found.mappings()]

    async with kept.database.write() as connection:
        before = await rows(connection)
        await connection.execute(sa.delete(openness))
        await connection.run_sync(migration._fill)
        assert await rows(connection) == before
