"""Erasing on either database: rows and lines are what is left, another process sees it, the log is whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from liveroom.ports.rooms import Renamed, Vote
from liveroom.qa import events as e
from liveroom.qa.erasing import WORDS, erasure
from liveroom.rooms.audit import check
from liveroom.rooms.roles import SYSTEM, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled, WentLive
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.purges import SqlPurges
from liveroom.storage.records import SqlRecords
from liveroom.storage.schema import metadata

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDING, NAME = "码头尽头第三盏灯坏了半个月", "西屿村东头老周"


async def test_what_is_erased_is_in_no_row_and_another_process_sees_it_gone(database: Database, tmp_path: Path) -> None:
    records, other = await SqlRecords.open(database), await SqlRecords.open(database)
    await records.add_room(Room("r", "直播间"))
    planned = SessionScheduled("主题", NOW, ("d",))
    await records.add_session(Session("s", "r", "主题", NOW, ("d",)), planned, SYSTEM, NOW)
    asked = e.QuestionAsked("q", "A", "CODE", "key-of-the-form", "browser", WORDING, NAME, "", NOW)
    sitting = await records.save(await records.load("s"), [WentLive(NOW)], SYSTEM, NOW)
    sitting = await records.save(sitting, [asked, e.QuestionEdited("q", WORDING + "啊")], visitor("browser"), NOW)
    await records.second_all([Vote("s", "q", "browser", NOW), Vote("s", "q", "voter", NOW)])
    assert (await other.load("s")).queue.questions["q"].nickname == NAME
    erased = erasure(sitting.queue, sitting.queue.questions["q"], {}, "nobody", "nothing")
    await records.save(sitting, [erased], visitor("nobody"), NOW, renamed=[Renamed("q", "browser", "nobody")])
    async with database.read() as connection:
        rows = [
            str(dict(r)) for t in metadata.sorted_tables for r in (await connection.execute(sa.select(t))).mappings()
        ]
    for gone in (WORDING, NAME, "browser", "key-of-the-form"):
        assert gone not in str(rows), gone
    if database.shared:
        assert (await other.load("s")).queue.questions["q"].text == WORDS["asker"]
    assert await records.voters("s") == {"q": {"nobody", "voter"}}
    audit = SqlAudit(database)
    log = await audit.read("session:s")
    assert log is not None
    assert check("session:s", log.links, log.length) == []
    assert await audit.strayed("session:s") == []
    assert await records.erasures() != ""
    purges = SqlPurges(database, tmp_path)
    works = (purges.codes, purges.keys, purges.deliveries, purges.contacts, purges.waiting, purges.held, purges.looks)
    for purge in works:
        assert await purge(NOW) == 0
    assert await records.expired(NOW, 5) == {}
    assert await records.asked_by("browser") == 0
