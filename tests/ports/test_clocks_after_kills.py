"""`kill -9` of a worker in the middle of clocks that are due: each end, overdue and listing is there once."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from liveroom.matters.matter import Matter
from liveroom.matters.replay import apply
from liveroom.ports.jobs import LEASE
from liveroom.storage import jobs as outbox
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.matters import CLOCK
from liveroom.storage.postgres import PostgresDatabase
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.sqlite import SqliteDatabase
from tests.support.year import START, Year

MATTERS = 30
KILLS = 6
ROOT = Path(__file__).resolve().parents[2]


async def worker(kind: str, place: str, data: str, now: str) -> None:
    """A process of its own that works off what is due at that moment."""
    database: Database = SqliteDatabase(Path(place)) if kind == "sqlite" else PostgresDatabase(place)
    working = Year(database, await SqlRuleBook.open(database, Path(data), "standard", START))
    working.now = datetime.fromisoformat(now)
    print("ready", flush=True)
    await working.work_off()
    await database.close()
    print("done", flush=True)


async def test_each_end_and_overdue_is_there_once_whenever_the_worker_is_killed(
    year: Year, kind: str, tmp_path: Path
) -> None:
    names = [f"m{n}" for n in range(MATTERS)]
    for name in names:
        await year.assigned(name)
    chance = random.Random(11)
    database = year.database
    place = database._address if isinstance(database, PostgresDatabase) else str(tmp_path / "test.sqlite3")
    now, interrupted, kills = START + timedelta(days=200), 0, 0

    async def started() -> asyncio.subprocess.Process:
        arguments = ("-m", "tests.ports.test_clocks_after_kills", kind, place, str(tmp_path), now.isoformat())
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return process

    while kills < KILLS:
        process = await started()
        await asyncio.sleep(chance.uniform(0.02, 0.5))
        process.send_signal(signal.SIGKILL)
        await process.wait()
        kills += 1
        interrupted += bool(await leased(database))
        # What the dead one held is free when its lease is over.
        now += LEASE + timedelta(seconds=1)
    process = await started()
    assert process.stdout is not None
    assert await process.stdout.readline() == b"done\n"
    assert await process.wait() == 0
    assert interrupted >= 2, "some of them were killed in the middle"
    for name in names:
        matter = await year.matters.load(name)
        events = [line.event for line in await year.matters.history(name)]
        what = Counter(event.what for event in events)
        assert (what["accept"], what["overdue"], what["list_overdue"], what["remind"]) == (1, 1, 1, 5), name
        assert matter.late == "unit"
        assert apply(Matter(name, kind=matter.kind), events) == matter
        assert await SqlAudit(database).strayed(f"matter:{name}") == []
    assert await year.open_jobs() == {}


async def leased(database: Database) -> int:
    """How many clocks a worker has in hand, or had when it died."""
    j = outbox.jobs.c
    async with database.read() as connection:
        query = sa.select(sa.func.count()).where(j.kind == CLOCK, j.lease != "")
        return int(await connection.scalar(query) or 0)


if __name__ == "__main__":
    asyncio.run(worker(*sys.argv[1:]))
