"""Frozen quarters as a log that is sealed: one chain, a quarter is a line. Knows no figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.rooms.chain import START, Link, seal
from liveroom.storage.schema import Instant, metadata

frozen_quarters = sa.Table(
    "frozen_quarters",
    metadata,
    sa.Column("quarter", sa.String(8), primary_key=True),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("signature", sa.String(128), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    # In the order in which they were frozen.
    sa.Column("seq", sa.Integer, nullable=False, unique=True),
    sa.Column("hash", sa.String(64), nullable=False),
)

OWNER = "quarters"
_Q = frozen_quarters.c


class QuarterLog:
    """What `Log` is for lines that have a table of their own."""

    kind = "figures"

    def chain(self, owner: str) -> str:
        return f"{self.kind}:{owner}"

    async def names(self, connection: AsyncConnection) -> list[str]:
        """The one chain, once a quarter is frozen."""
        return [OWNER] if await connection.scalar(sa.select(sa.func.count()).select_from(frozen_quarters)) else []

    async def length(self, connection: AsyncConnection, owner: str) -> int | None:
        """How many quarters there should be; None when there is no such chain."""
        if owner != OWNER:
            return None
        length: int | None = await connection.scalar(sa.select(sa.func.max(_Q.seq)))
        return length

    async def links(self, connection: AsyncConnection, owner: str) -> list[Link]:
        query = sa.select(frozen_quarters).order_by(_Q.seq)
        return [line(dict(row)) for row in (await connection.execute(query)).mappings()]

    async def head(self, connection: AsyncConnection, owner: str) -> Link | None:
        query = sa.select(frozen_quarters).order_by(_Q.seq.desc()).limit(1)
        row = (await connection.execute(query)).mappings().first()
        return line(dict(row)) if row else None

    async def sealed(self, connection: AsyncConnection, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row of a new quarter with its number and hash, inside the transaction that keeps it."""
        last = await self.head(connection, OWNER)
        numbered = {**row, "seq": last.seq + 1 if last else 1}
        before = last.hash if last else START
        return {**numbered, "hash": seal(self.chain(OWNER), before, line(numbered))}


def line(row: Mapping[str, Any]) -> Link:
    """A quarter as a line: its number, when, by whom, and all that it holds."""
    said = {
        "what": "freeze",
        "quarter": row["quarter"],
        "key": row["key"],
        "signature": row["signature"],
        "statement": row["statement"],
    }
    event = msgspec.json.encode(said).decode()
    return Link(row["seq"], row["at"], row["by"], row["by_name"], None, event, row.get("hash", ""))


LOG = QuarterLog()
