"""The versions of word lists as logs that are sealed: each list has a chain, a version is a line. Knows no word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.rooms.chain import START, Link, seal
from liveroom.storage import schema

_W = schema.word_lists.c


class WordLog:
    """What `Log` is for lines that have a table of their own."""

    kind = "words"

    def chain(self, owner: str) -> str:
        return f"{self.kind}:{owner}"

    async def names(self, connection: AsyncConnection) -> list[str]:
        """Every list, in order."""
        return list(await connection.scalars(sa.select(_W.list).distinct().order_by(_W.list)))

    async def length(self, connection: AsyncConnection, owner: str) -> int | None:
        """How many versions there should be; None when there is no such list."""
        length: int | None = await connection.scalar(sa.select(sa.func.max(_W.version)).where(_W.list == owner))
        return length

    async def links(self, connection: AsyncConnection, owner: str) -> list[Link]:
        query = sa.select(schema.word_lists).where(_W.list == owner).order_by(_W.version)
        return [line(dict(row)) for row in (await connection.execute(query)).mappings()]

    async def head(self, connection: AsyncConnection, owner: str) -> Link | None:
        query = sa.select(schema.word_lists).where(_W.list == owner).order_by(_W.version.desc()).limit(1)
        row = (await connection.execute(query)).mappings().first()
        return line(dict(row)) if row else None

    async def sealed(self, connection: AsyncConnection, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row of a new version with its hash, inside the transaction that keeps it."""
        query = sa.select(_W.hash).where(_W.list == row["list"], _W.version == row["version"] - 1)
        before = await connection.scalar(query) or START
        return {**row, "hash": seal(self.chain(row["list"]), before, line(row))}


def line(row: Mapping[str, Any]) -> Link:
    """A version as a line: its number, when, by whom, and all that it holds."""
    said = {"what": "list", "name": row["name"], "why": row["why"], "entries": row["entries"]}
    event = msgspec.json.encode(said).decode()
    return Link(row["version"], row["at"], row["by"], row["by_name"], None, event, row.get("hash", ""))


LOG = WordLog()
