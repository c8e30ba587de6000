"""One installation whose clock tests set by hand, with the people of a matter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from liveroom.actions.matter_steps import MatterSteps
from liveroom.actions.run_clocks import RunningClocks
from liveroom.actions.work_off import WorkingOff
from liveroom.bus.memory import MemoryBus
from liveroom.clock import CHINA
from liveroom.matters.matter import Matter, SourceQuestion
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.storage import jobs as outbox
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


async def opened(database: Database, folder: Path) -> Year:
    made = Year(database, await SqlRuleBook.open(database, folder, "standard", START))
    for unit in (Unit("water", "水务局"), Unit("money", "财政局")):
        await made.matters.add_unit(unit)
    await SqlPeople(database).add_account(Account("d", "lin", "林代表", frozenset({Role.DEPUTY})))
    return made
