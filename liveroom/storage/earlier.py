"""Matters of earlier years in SQL: which import brought each, where they stand in lists. Knows no file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.clock import CHINA
from liveroom.errors import Unavailable
from liveroom.matters.matter import Matter
from liveroom.storage.matter_tables import matters
from liveroom.storage.schema import metadata

imported_matters = sa.Table(
    "imported_matters",
    metadata,
    sa.Column("matter", sa.ForeignKey("matters.id"), primary_key=True),
    sa.Column("import", sa.ForeignKey("imports.id"), nullable=False, index=True),
    sa.Column("row", sa.Integer, nullable=False),
    # Of what the row said: the same row again is known by it.
    sa.Column("digest", sa.String(64), nullable=False),
)

_M, _I = matters.c, imported_matters.c
_BEGAN, _LEAST, _A_DAY = date(1949, 1, 1), -2_147_000_000, 40_000
"""Places below nothing are those of earlier years: so many for each day, from the first day on."""


async def place_of(connection: AsyncConnection, began_on: date) -> int:
    """Where one that began that day stands: before everything that began here, among the others by the day."""
    first = _LEAST + (began_on - _BEGAN).days * _A_DAY
    query = sa.select(sa.func.max(_M.place)).where(_M.place >= first, _M.place < first + _A_DAY)
    last: int | None = await connection.scalar(query)
    if last is not None and last + 1 >= first + _A_DAY:
        raise Unavailable("too many matters began on this day")
    return first if last is None else last + 1


def began_at(began_on: date) -> datetime:
    """The middle of that day in China: in the same year everywhere."""
    return datetime.combine(began_on, time(12), CHINA).astimezone(UTC)


async def note(connection: AsyncConnection, matter: Matter, row: int, digest: str) -> None:
    """Which row of which import a matter came from, inside the transaction that keeps it."""
    values = {"matter": matter.id, "import": matter.earlier, "row": row, "digest": digest}
    await connection.execute(sa.insert(imported_matters).values(values))


async def numbers(connection: AsyncConnection) -> list[tuple[str, str | None]]:
    """Every number there is, with the digest of its row where it was imported."""
    query = sa.select(_M.number, _I.digest).outerjoin(imported_matters, _I.matter == _M.id)
    rows = await connection.execute(query.where(_M.number.is_not(None)))
    return [(row[0], row[1]) for row in rows]


def of_import(named: str) -> sa.ColumnElement[bool]:
    """What that import brought."""
    return _M.id.in_(sa.select(_I.matter).where(_I["import"] == named))


def is_earlier() -> sa.ColumnElement[Any]:
    """Whether a matter was imported, as a column."""
    return sa.exists().where(_I.matter == _M.id)
