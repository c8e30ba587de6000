"""A simulated year of clocks in seconds: what is due happens once, in order, whenever the server was away."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from liveroom.actions.matter_steps import MatterSteps
from liveroom.actions.run_clocks import RunningClocks
from liveroom.actions.work_off import WorkingOff
from liveroom.bus.memory import MemoryBus
from liveroom.clock import CHINA
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters.engine import possible
from liveroom.matters.matter import Matter, SourceQuestion
from liveroom.matters.replay import apply
from liveroom.matters.timers import END, LISTED, OVERDUE, waiting
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Unit, Wanted
from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.storage import jobs as outbox
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.jobs import SqlJobs
from liveroom.storage.matters import ANNOUNCE, CLOCK, SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.workdays import ChineseWorkingDays
from tests.support.admission import ADMITTED

START = datetime(2026, 1, 5, 1, tzinfo=UTC)
SOURCE = SourceQuestion("q", "s", "A7K2", ("原话",), 3)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
DEPUTY = Actor("d", "林代表", frozenset({Role.DEPUTY}))
WATER = Actor("u", "水务局", frozenset({Role.UNIT_HEAD}), "water")
MONEY = Actor("m", "财政局", frozenset({Role.UNIT_HEAD}), "money")
ASKER = visitor("device")
PEOPLE = (OFFICE, DEPUTY, WATER, MONEY, ASKER)
BEGIN = {"suggestion": "draft", "commitment": "say", "work_order": "receive"}


class Year:
    """One installation whose clock is set by hand, and its outbox, worked off by the program's own worker."""

    def __init__(self, database: Database, rules: SqlRuleBook) -> None:
        self.database, self.rules, self.days = database, rules, ChineseWorkingDays()
        self.now = START
        self.matters, self.jobs = SqlMatters(database), SqlJobs(database)
        people = SqlPeople(database)
        self.steps = MatterSteps(self.matters, people, rules, MemoryBus(), self.clock, self.days)
        self.told: list[tuple[str, datetime]] = []
        self.works = {CLOCK: RunningClocks(self.matters, self.steps).work, ANNOUNCE: self.announce}
        self.worker = WorkingOff(self.jobs, self.works, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def announce(self, job: Job) -> None:
        self.told.append((job.key, self.now))

    async def work_off(self) -> None:
        while await self.worker.work_off():
            pass

    async def until(self, then: datetime) -> None:
        """Let time pass from one thing that is due to the next."""
        while True:
            due = await self.jobs.next_due(self.now, self.works)
            if due is None or due > then:
                break
            self.now = max(self.now, due)
            await self.work_off()
        self.now = then

    async def begin(self, name: str, kind: str = "suggestion") -> Matter:
        values = {"title": f"标题{name}", "body": "内容", "unit": "water"}
        return await self.steps.begin(Matter(name, kind=kind), BEGIN[kind], values, OFFICE, [SOURCE])

    async def take(self, name: str, command: str, by: Actor, **values: str) -> Matter:
        return await self.steps.take(await self.matters.load(name), command, values, by, asks=by is ASKER)

    async def assigned(self, name: str = "m") -> Matter:
        await self.begin(name)
        await self.take(name, "adopt", DEPUTY, signature="林")
        await self.take(name, "register", OFFICE, **ADMITTED)
        return await self.take(name, "assign", OFFICE, unit="water")

    def day(self) -> date:
        return self.now.astimezone(CHINA).date()

    async def open_jobs(self) -> dict[str, datetime]:
        j = outbox.jobs.c
        async with self.database.read() as connection:
            rows = await connection.execute(sa.select(j.key, j.due).where(j.kind == CLOCK))
            return {row[0]: row[1] for row in rows}


@pytest.fixture
async def year(database: Database, tmp_path: Path) -> Year:
    made = Year(database, await SqlRuleBook.open(database, tmp_path, "standard", START))
    for unit in (Unit("water", "水务局"), Unit("money", "财政局")):
        await made.matters.add_unit(unit)
    await SqlPeople(database).add_account(Account("d", "lin", "林代表", frozenset({Role.DEPUTY})))
    return made


async def test_a_year_in_which_nobody_does_anything(year: Year) -> None:
    assigned = await year.assigned()
    assert assigned.due == date(2026, 4, 5)
    await year.until(START + timedelta(days=365))
    history = await year.matters.history("m")
    assert [(line.event.what, line.at.astimezone(CHINA).date().isoformat()) for line in history][4:] == [
        ("remind", "2026-01-12"),  # of the acceptance, two days before its end
        ("remind", "2026-01-14"),
        ("accept", "2026-01-15"),  # by silence
        ("remind", "2026-03-21"),  # of the reply, 15 and 5 days before its end
        ("remind", "2026-03-31"),
        ("remind", "2026-04-05"),
        ("overdue", "2026-04-06"),
        ("list_overdue", "2026-04-14"),  # after five working days; the 6th is a holiday
    ]
    told = [key.split(":announce:")[1] for key, _ in year.told]
    assert told == ["1", "2", "3", "4", "7", "11", "12"], "what is public is announced, once"
    assert await year.open_jobs() == {}
    assert [row.id for row in (await year.matters.find(Wanted(listed=True))).rows] == ["m"]


async def test_silence_carries_a_reply_to_its_end(year: Year) -> None:
    await year.assigned()
    await year.take("m", "accept", WATER)
    await year.take("m", "contact", WATER, contact="电话")
    await year.take("m", "reply", WATER, **{"class": "A", "text": "好了"})
    await year.until(START + timedelta(days=120))
    closed = await year.matters.load("m")
    assert (closed.state, closed.result, closed.solved) == ("closed", "no_response", True)
    assert closed.closed_on is not None


async def test_what_was_due_while_the_server_was_away_is_made_good_once(year: Year) -> None:
    await year.assigned()
    year.now = START + timedelta(days=200)
    await year.work_off()
    await year.work_off()
    what = [line.event.what for line in await year.matters.history("m")][4:]
    assert sorted(what) == ["accept", "list_overdue", "overdue", *["remind"] * (len(what) - 3)]
    assert what.index("overdue") < what.index("list_overdue")


async def test_a_clock_that_was_moved_or_stopped_meanwhile_rings_for_nothing(year: Year) -> None:
    await year.assigned()
    year.now = START + timedelta(days=60)
    (late,) = await year.jobs.take(year.now, (CLOCK,), 1)
    await year.take("m", "accept", WATER)
    until = (year.day() + timedelta(days=60)).isoformat()
    await year.take("m", "ask_extension", WATER, until=until, reason="汛期")
    await year.take("m", "grant_extension", OFFICE)
    before = await year.matters.load("m")
    await RunningClocks(year.matters, year.steps).work(late)
    assert await year.matters.load("m") == before
    await year.until(START + timedelta(days=110))
    assert (await year.matters.load("m")).overdue == (), "not before the new day"
    await year.until(START + timedelta(days=125))
    assert [line.event.what for line in await year.matters.history("m")].count("overdue") == 1


@pytest.mark.parametrize("seed", range(3))
async def test_a_year_of_many_people_leaves_rows_that_replay_and_the_jobs_that_must_wait(year: Year, seed: int) -> None:
    drawn = random.Random(seed)
    names = [f"m{n}" for n in range(6)]
    for n, name in enumerate(names):
        await year.begin(name, list(BEGIN)[n % 3])
    for _ in range(60):
        await year.until(year.now + timedelta(days=drawn.randint(0, 9), hours=drawn.randint(0, 23)))
        matter = await year.matters.load(drawn.choice(names))
        rules = await year.rules.get(matter.rules)
        choices = [(by, row) for by in PEOPLE for row in possible(matter, rules, by, asks=by is ASKER)]
        if not choices:
            continue
        by, row = drawn.choice(choices)
        values: dict[str, str] = {}
        for field in row.fields:
            match field.kind:
                case "choice":
                    values[field.name] = drawn.choice(field.choices)
                case "letter":
                    values[field.name] = drawn.choice(sorted(rules.letters))
                case "unit" | "units":
                    values[field.name] = drawn.choice(("water", "money"))
                case "deputy" | "deputies":
                    values[field.name] = "d"
                case "date":
                    values[field.name] = (year.day() + timedelta(days=drawn.randint(1, 150))).isoformat()
                case "matter":
                    values[field.name] = "2026-0001"
                case "checklist":
                    values |= ADMITTED
                case _:
                    values[field.name] = "文字"
        try:
            await year.steps.take(matter, row.command, values, by, asks=by is ASKER)
        except Refused as refused:
            assert refused.code not in {"forbidden", "wrong_state", "not_found"}
        except (Stale, Unavailable) as error:
            pytest.fail(f"nobody else is there: {error}")
    await year.until(year.now + timedelta(days=200))
    wanted: dict[str, datetime] = {}
    for name in names:
        now = await year.matters.load(name)
        events = [line.event for line in await year.matters.history(name)]
        assert apply(Matter(name, kind=now.kind), events) == now
        assert await SqlAudit(year.database).strayed(f"matter:{name}") == []
        rules = await year.rules.get(now.rules)
        wanted |= {timer.key(name): timer.at for timer in waiting(now, rules, year.days) if timer.at > year.now}
        for what in (END, OVERDUE, LISTED):
            passed = [t for t in waiting(now, rules, year.days) if t.what == what and t.at <= year.now]
            assert what != END or not passed, "what ends has ended"
        missed = {
            f"{t.clock}/{t.ends}" for t in waiting(now, rules, year.days) if t.what == OVERDUE and t.at <= year.now
        }
        assert missed <= set(now.overdue)
        assert len(set(now.overdue)) == len(now.overdue)
    assert await year.open_jobs() == wanted
    keys = [key for key, _ in year.told]
    assert len(set(keys)) == len(keys), "nothing is announced twice"
