"""A new version of the rules comes into force in a running installation: what began before goes on by the old one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from liveroom import clock
from liveroom.errors import Refused
from liveroom.matters.matter import Matter
from liveroom.server import keys
from liveroom.storage import jobs as outbox
from liveroom.storage.database import Database
from liveroom.storage.matter_tables import rule_sets
from liveroom.storage.postgres import PostgresDatabase
from liveroom.storage.sqlite import SqliteDatabase
from tests.support.works import TO_HANDLING, actor, suggestion
from tests.support.world import World

FIRST = (Path(__file__).resolve().parents[1] / "vectors" / "rules" / "standard-1.toml").read_text()


class Installation:
    """One data folder and database, served again and again with other rules."""

    def __init__(self, data: Path, database: str) -> None:
        self.data, self.database = data, database

    async def serve(self, rules: str) -> World:
        return await World.make(self.data, database=self.database, rules=rules)

    def opened(self) -> Database:
        return PostgresDatabase(self.database) if self.database else SqliteDatabase(self.data / "liveroom.sqlite3")


@pytest.fixture(params=["sqlite", "postgres"])
async def installed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Installation]:
    """As the program left it that shipped the first version: its text is kept, its file is not there any more."""
    address = request.getfixturevalue("postgres").fresh() if request.param == "postgres" else ""
    made = Installation(tmp_path, address)
    await (await made.serve("standard")).close()
    database = made.opened()
    async with database.write() as connection:
        digest = hashlib.sha256(FIRST.encode()).hexdigest()
        row = {"reference": "standard@1", "digest": digest, "text": FIRST, "at": clock.now()}
        await connection.execute(sa.insert(rule_sets).values(row))
    await database.close()
    yield made


async def waiting(world: World, matter: str) -> dict[str, str]:
    j = outbox.jobs.c
    async with world.database.read() as connection:
        rows = await connection.execute(sa.select(j.key, j.due).where(j.key.like(f"matter:{matter}:clock:%")))
        return {row[0]: row[1].isoformat() for row in rows}


async def take(world: World, matter: Matter, command: str, login: str, **values: str) -> Matter:
    fields = {name.rstrip("_"): value for name, value in values.items()}
    return await world.app[keys.VERBS].following_up.step(matter.id, command, fields, await actor(world, login))


async def offered(world: World, matter: Matter, login: str) -> set[str]:
    following = world.app[keys.VERBS].following_up
    rows = await following.possible(await world.app[keys.MATTERS].load(matter.id), await actor(world, login))
    return {row.command for row in rows}


async def test_what_began_by_the_first_version_keeps_its_clocks_and_letters(installed: Installation) -> None:
    world = await installed.serve("standard@1")
    handled = await suggestion(world, "夜航", TO_HANDLING)
    returned = await suggestion(world, "码头", TO_HANDLING[:2])
    returned = await take(world, returned, "return", "office", reason="写具体些")
    assert (handled.rules, returned.clocks) == ("standard@1", {})
    jobs = await waiting(world, handled.id)
    assert jobs
    await world.close()

    world = await installed.serve("standard")
    assert (await world.app[keys.RULES].current()).reference == "standard@2"
    matters = world.app[keys.MATTERS]
    assert await matters.load(handled.id) == handled
    assert await waiting(world, handled.id) == jobs, "and nothing of it rings at another time"
    # By the old version: a promise that no extension moves, which no reply moves, either.
    await take(world, handled, "contact", "unit", contact="电话")
    promised = (clock.day(clock.now()) + timedelta(days=100)).isoformat()
    later = (clock.day(clock.now()) + timedelta(days=101)).isoformat()
    await take(world, handled, "reply", "unit", class_="B", text="明年", promise_due=promised)
    tracked = await take(world, handled, "evaluate", "deputy", attitude="satisfied", result="satisfied")
    assert (tracked.state, str(tracked.due), tracked.rules) == ("tracking", promised, "standard@1")
    assert "ask_extension" not in await offered(world, handled, "unit")
    with pytest.raises(Refused, match="promise_moved"):
        await take(world, handled, "reply", "unit", class_="B", text="后年", promise_due=later)
    client = await world.visitor()
    page = await (await client.get(f"/suggestions/{handled.number}")).text()
    assert "跟踪落实中" in page
    assert "B 类：列入计划，限期解决" in page
    work = await (await (await world.sign_in("unit")).get(f"/worklist/{handled.id}")).text()
    assert f"已经承诺 {promised}" in work

    # What begins now goes by the new one.
    new = await suggestion(world, "新的", TO_HANDLING[:2])
    new = await take(world, new, "return", "office", reason="写具体些")
    assert (new.rules, list(new.clocks)) == ("standard@2", ["revision"])
    assert (await matters.load(returned.id)).clocks == {}, "a clock of the new version does not begin in the old one"
    await world.close()


async def test_an_own_version_changes_clocks_and_letters_for_what_begins_later_alone(installed: Installation) -> None:
    folder = installed.data / "rules"
    folder.mkdir(exist_ok=True)
    one = Path("liveroom/matters/rulesets/compact.toml").read_text()
    one = one.replace('id = "compact"\nversion = 2', 'id = "county"\nversion = 1')
    (folder / "county.toml").write_text(one)
    world = await installed.serve("county")
    handled = await suggestion(world, "夜航", TO_HANDLING)
    await world.close()
    two = one.replace("version = 1", "version = 2").replace("[clocks.reply]\namount = 2", "[clocks.reply]\namount = 1")
    two = two.replace("[letters.C]", "[letters.E]").replace("C 类", "E 类")
    (folder / "county.toml").write_text(two)
    world = await installed.serve("county")
    new = await suggestion(world, "新的", TO_HANDLING)
    assert (handled.rules, new.rules) == ("county@1", "county@2")
    assert handled.due is not None
    assert new.due is not None
    assert new.due < handled.due
    same = await world.app[keys.MATTERS].load(handled.id)
    assert (same.due, same.clocks) == (handled.due, handled.clocks)
    for matter, letter, other in ((handled, "C", "E"), (new, "E", "C")):
        with pytest.raises(Refused, match="bad_choice"):
            await take(world, matter, "reply", "unit", class_=other, text="不行")
        assert (await take(world, matter, "reply", "unit", class_=letter, text="不行")).letter == letter
    await world.close()
