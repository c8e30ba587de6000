"""Word lists in SQL, and those that come with the program. Knows no text that is screened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from liveroom.errors import Stale
from liveroom.rooms.roles import SYSTEM
from liveroom.screening.words import WordList, read, write
from liveroom.storage import schema
from liveroom.storage.database import Database
from liveroom.storage.word_log import LOG

_W = schema.word_lists.c
STARTERS: Mapping[str, str] = {
    "crisis": "轻生与求救",
    "harassment": "辱骂与威胁",
    "advertising": "广告与引流",
    "litigation": "正在办理的案件",
}
"""Lists that come with the program. None is political: what belongs into such a list is for the office to decide."""
_FOLDER = Path(__file__).parent / "starter_lists"


class SqlWordLists:
    """Word lists in one database; satisfies `liveroom.ports.words.WordLists`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, database: Database, now: datetime) -> SqlWordLists:
        """The lists. One that comes with the program is kept as version 1 when the database has never had it."""
        lists = cls(database)
        missing = set(STARTERS) - set(await lists.numbers())
        if missing:
            async with database.write() as connection:
                rows = [await LOG.sealed(connection, _row(starter(name, now))) for name in sorted(missing)]
                await connection.execute(database.insert(schema.word_lists).values(rows).on_conflict_do_nothing())
        return lists

    async def numbers(self) -> Mapping[str, int]:
        query = sa.select(_W.list, sa.func.max(_W.version)).group_by(_W.list)
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def names(self) -> Mapping[str, str]:
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(_of_newest(_W.list, _W.name))}

    async def newest(self) -> list[WordList]:
        async with self._database.read() as connection:
            rows = await connection.execute(_of_newest(schema.word_lists))
            return [_word_list(row) for row in rows.mappings()]

    async def versions(self, word_list: str) -> list[WordList]:
        query = sa.select(schema.word_lists).where(_W.list == word_list).order_by(_W.version.desc())
        async with self._database.read() as connection:
            return [_word_list(row) for row in (await connection.execute(query)).mappings()]

    async def keep(self, word_list: WordList) -> None:
        try:
            async with self._database.write() as connection:
                row = await LOG.sealed(connection, _row(word_list))
                await connection.execute(sa.insert(schema.word_lists).values(row))
        except IntegrityError as error:
            raise Stale(word_list.id) from error


def _of_newest(*columns: sa.ColumnElement[Any] | sa.Table) -> sa.Select[Any]:
    """Columns of the newest version of every list."""
    last = sa.select(_W.list, sa.func.max(_W.version).label("version")).group_by(_W.list).subquery()
    joined = sa.and_(_W.list == last.c.list, _W.version == last.c.version)
    return sa.select(*columns).join(last, joined).order_by(_W.list)


def starter(name: str, now: datetime) -> WordList:
    """A list that comes with the program, as its first version."""
    entries, problems = read((_FOLDER / f"{name}.txt").read_text("utf-8"))
    if problems:
        raise ValueError(f"{name}: {problems}")
    return WordList(name, 1, STARTERS[name], entries, now, SYSTEM.id, SYSTEM.name, "")


def _row(word_list: WordList) -> dict[str, object]:
    return {
        "list": word_list.id,
        "version": word_list.version,
        "name": word_list.name,
        "entries": write(word_list.entries),
        "at": word_list.at,
        "by": word_list.by,
        "by_name": word_list.by_name,
        "why": word_list.why,
    }


def _word_list(row: sa.RowMapping) -> WordList:
    return WordList(
        id=row["list"],
        version=row["version"],
        name=row["name"],
        entries=read(row["entries"])[0],
        at=row["at"],
        by=row["by"],
        by_name=row["by_name"],
        why=row["why"],
    )
