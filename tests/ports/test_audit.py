"""The chains of real databases: sealed with what they hold, and what was changed behind the program's back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from liveroom.actions.ask import Asking
from liveroom.actions.sittings import Change, Sittings
from liveroom.bus.memory import MemoryBus
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.statement import written
from liveroom.ports.matters import MatterChange
from liveroom.ports.openness import Frozen
from liveroom.qa import commands as c
from liveroom.qa.decide import decide
from liveroom.qa.question import RefusalReason
from liveroom.rooms.audit import check
from liveroom.rooms.chain import START, sealed
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled
from liveroom.screening.words import WordList, read
from liveroom.storage import matters as tables
from liveroom.storage import migrate
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters
from liveroom.storage.openness import SqlOpenness
from liveroom.storage.quarter_log import LOG as QUARTERS
from liveroom.storage.quarter_log import frozen_quarters
from liveroom.storage.records import SqlRecords
from liveroom.storage.signing import SEED, Ed25519Signer
from liveroom.storage.sqlite import SqliteDatabase
from liveroom.storage.word_lists import SqlWordLists
from tests.support.periods import period
from tests.support.screening import no_lists

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
STAFF = Actor("m", "审核员", frozenset({Role.MODERATOR, Role.OFFICE}))


async def fill(database: Database) -> str:
    """A session with two questions, one of them worked on, and a suggestion; the second question."""
    records = await SqlRecords.open(database)
    await records.add_room(Room("r", "直播间"))
    await records.add_session(Session("s", "r", "主题", NOW, ("d",)), SessionScheduled("主题", NOW, ("d",)), STAFF, NOW)
    times = iter(NOW + timedelta(seconds=n) for n in range(99))
    bus, clock = MemoryBus(), lambda: next(times)
    sittings = Sittings(records, bus, clock)
    for n in range(2):
        _, question = await Asking(records, sittings, no_lists(), bus, clock).ask(
            "s", visitor(f"dev{n}"), "key-12345", f"问题{n}"
        )
    for move in (
        c.Publish(question.id),
        c.Refuse(question.id, RefusalReason.OFF_TOPIC, "说明"),
        c.Publish(question.id),
    ):
        await sittings.change("s", lambda s, now, m=move: Change(decide(s.queue, s.session, m, STAFF, now)), STAFF)
    async with database.write() as connection:
        source = SourceQuestion("q", "s", "A7K2", ("原话",), 12, 1000, 2000)
        drafted = MatterStep("draft", "draft", {"title": "标题", "body": "内容"}, (source,))
        await tables.insert(connection, MatterChange(Matter("m"), [drafted]), STAFF, NOW)
    matters = SqlMatters(database)
    offered = MatterChange(await matters.load("m"), [MatterStep("offer", "awaiting_adoption")])
    await matters.save([offered], STAFF, NOW)
    return question.id


async def wrong(database: Database) -> dict[str, list[str]]:
    reading, found = SqlAudit(database), {}
    for chain in await reading.chains():
        log = await reading.read(chain)
        assert log is not None
        said = check(chain, log.links, log.length) or await reading.strayed(chain)
        if said:
            found[chain] = said
    return found


async def test_what_is_saved_is_sealed_and_leads_to_the_present(database: Database) -> None:
    await fill(database)
    assert await wrong(database) == {}
    assert [(head.chain, head.seq) for head in await SqlAudit(database).heads()] == [("session:s", 6), ("matter:m", 2)]
    assert await SqlAudit(database).read("session:other") is None
    assert await SqlAudit(database).read("nonsense") is None


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE feed SET by_name = '别人' WHERE seq = 3", {"session:s": ["line 3 was changed"]}),
        (
            "UPDATE feed SET at = '2026-03-01 12:00:00.000001Z' WHERE seq = 4",
            {"session:s": ["line 4 was changed"]},
        ),
        ("UPDATE matter_steps SET event = '{}' WHERE seq = 1", {"matter:m": ["line 1 was changed"]}),
        ("DELETE FROM feed WHERE seq = 3", {"session:s": ["line 3 is missing"]}),
        ("DELETE FROM feed WHERE seq >= 5", {"session:s": ["lines 5 to 6 are missing"]}),
        (
            "INSERT INTO feed (session, seq, at, by, by_name, event, hash)"
            " SELECT session, 7, at, by, by_name, event, hash FROM feed WHERE seq = 1",
            {"session:s": ["line 7 was added"]},
        ),
        ("UPDATE questions SET text = '别的' WHERE label = :label", {"session:s": ["text of question :label is not"]}),
        ("UPDATE sessions SET topic = '别的'", {"session:s": ["topic of the session is not"]}),
        (
            "UPDATE matter_records SET record = replace(record, '内容', '别的')",
            {"matter:m": ["body of the matter is not"]},
        ),
        ("UPDATE matters SET unit = 'x'", {"matter:m": ["unit in the lists is not that of the matter"]}),
    ],
)
async def test_what_was_changed_behind_our_back_is_found_and_named(
    database: Database, statement: str, found: dict[str, list[str]]
) -> None:
    question = await fill(database)
    async with database.write() as connection:
        label = await connection.scalar(sa.text("SELECT label FROM questions WHERE id = :id"), {"id": question})
        values = {"label": label} if ":label" in statement else {}
        await connection.execute(sa.text(statement), values)
    said = await wrong(database)
    assert {chain: len(sentences) for chain, sentences in said.items()} == dict.fromkeys(found, 1)
    for chain, (words,) in found.items():
        assert said[chain][0].startswith(words.replace(":label", str(label)))


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE word_lists SET entries = replace(entries, '乙', '丙') WHERE version = 2", "line 2 was changed"),
        ("UPDATE word_lists SET by_name = '别人' WHERE version = 1 AND list = 'own'", "line 1 was changed"),
        ("DELETE FROM word_lists WHERE version = 1 AND list = 'own'", "line 1 is missing"),
    ],
)
async def test_versions_of_word_lists_are_sealed_too(database: Database, statement: str, found: str) -> None:
    lists = await SqlWordLists.open(database, NOW)
    for version, words in enumerate(("甲,hold", "甲,hold\n乙,flag", "乙,flag"), 1):
        entries, _ = read(words)
        await lists.keep(WordList("own", version, "自己的", entries, NOW, STAFF.id, STAFF.name, "为什么"))
    assert await wrong(database) == {}
    assert {chain for chain in await SqlAudit(database).chains() if chain.startswith("words:")} >= {"words:own"}
    async with database.write() as connection:
        await connection.execute(sa.text(statement))
    assert found in (await wrong(database))["words:own"]


async def freeze(database: Database, *quarters: str) -> None:
    """Quarters in which nothing happened, signed with the installation's key."""
    records = await SqlRecords.open(database)
    signer = Ed25519Signer(bytes.fromhex(await records.remember(SEED, "07" * 32)))
    for day, name in enumerate(quarters):
        at = NOW + timedelta(days=day)
        text = written([], period(name), at, at.date(), {}, [], [])
        frozen = Frozen(name, text, signer.key, signer.sign(text.encode()), at, STAFF.name)
        await SqlOpenness(database).freeze(frozen, STAFF)


OTHERS = Ed25519Signer(bytes(32))


@pytest.mark.parametrize(
    ("change", "unsigned"),
    [
        ({"statement": ("2026-03-02", "2026-03-03")}, "2025-Q2 is not what was signed"),
        ({"signature": None}, "2025-Q2 is not what was signed"),
        ({"quarter": ("2025-Q2", "2025-Q4")}, "2025-Q4 holds the statement of another quarter"),
        ({"by_name": ("审核员", "别人")}, ""),
    ],
)
async def test_one_byte_of_a_frozen_quarter_that_was_changed_is_found(
    database: Database, change: dict[str, tuple[str, str] | None], unsigned: str
) -> None:
    await freeze(database, "2025-Q1", "2025-Q2", "2025-Q3")
    reading, chain, c = SqlAudit(database), "figures:quarters", frozen_quarters.c
    assert await wrong(database) == {}
    assert await reading.unsigned(chain) == []
    assert next(head for head in await reading.heads() if head.chain == chain).seq == 3
    async with database.write() as connection:
        for name, replacing in change.items():
            kept = str(await connection.scalar(sa.select(c[name]).where(c.seq == 2)))
            # Of a signature one digit.
            made = kept.replace(*replacing) if replacing else ("0" if kept[0] != "0" else "1") + kept[1:]
            assert made != kept
            await connection.execute(sa.update(frozen_quarters).where(c.seq == 2).values({name: made}))
    assert await wrong(database) == {chain: ["line 2 was changed"]}
    assert await reading.unsigned(chain) == ([unsigned] if unsigned else [])


async def test_a_quarter_that_is_missing_or_signed_by_others_is_found_though_its_line_is_sealed_anew(
    database: Database,
) -> None:
    await freeze(database, "2025-Q1", "2025-Q2")
    chain, c = "figures:quarters", frozen_quarters.c
    async with database.write() as connection:
        row = dict((await connection.execute(sa.select(frozen_quarters).where(c.seq == 2))).mappings().one())
        row["statement"] = row["statement"].replace("2026-03-02", "2026-03-03")
        row |= {"key": OTHERS.key, "signature": OTHERS.sign(row["statement"].encode())}
        await connection.execute(sa.delete(frozen_quarters).where(c.seq == 2))
        await connection.execute(sa.insert(frozen_quarters).values(await QUARTERS.sealed(connection, row)))
    assert await wrong(database) == {}, "the lines fit together"
    assert await SqlAudit(database).unsigned(chain) == ["2025-Q2 is signed with a key that is not the installation's"]
    async with database.write() as connection:
        await connection.execute(sa.delete(frozen_quarters).where(c.seq == 1))
    assert "line 1 is missing" in (await wrong(database))[chain]


@pytest.mark.parametrize(("revision", "table"), [("0003", "feed"), ("0017", "word_lists"), ("0018", "frozen_quarters")])
async def test_lines_of_before_are_sealed_by_the_migration(tmp_path: Path, revision: str, table: str) -> None:
    new, old = tmp_path / "new.sqlite3", tmp_path / "old.sqlite3"
    migrate.upgrade(new)
    database = SqliteDatabase(new)
    await fill(database)
    if table == "word_lists":
        await SqlWordLists.open(database, NOW)
    if table == "frozen_quarters":
        await freeze(database, "2025-Q3", "2025-Q1")
    then = await SqlAudit(database).heads()
    await database.close()
    shutil.copy(new, old)
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    engine = sa.create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        assert "hash" not in {column["name"] for column in sa.inspect(connection).get_columns(table)}
    engine.dispose()
    migrate.upgrade(old)
    database = SqliteDatabase(old)
    assert await SqlAudit(database).heads() == then
    assert await wrong(database) == {}
    await database.close()


async def test_a_log_that_was_written_anew_as_a_whole_still_leads_somewhere_else(database: Database) -> None:
    """Whoever seals everything anew must change the present state with it, and the heads that were kept elsewhere."""
    await fill(database)
    reading = SqlAudit(database)
    then = (await reading.heads())[0]
    log = await reading.read("session:s")
    assert log is not None
    f = sa.table("feed", *(sa.column(name) for name in ("session", "seq", "event", "hash")))
    forged = [replace(link, event=link.event.replace("问题0", "别的")) for link in log.links]
    async with database.write() as connection:
        for link in sealed("session:s", START, forged):
            await connection.execute(sa.update(f).where(f.c.seq == link.seq).values(event=link.event, hash=link.hash))
    said = await wrong(database)
    assert len(said["session:s"]) == 1
    assert said["session:s"][0].startswith("text of question")
    assert (await reading.heads())[0] != then
