"""Filters of the work list under names, in SQL. Knows not what they mean."""

from __future__ import annotations

import sqlalchemy as sa

from liveroom.errors import Refused
from liveroom.ports.filters import SavedFilter
from liveroom.storage.database import Database
from liveroom.storage.schema import metadata

MOST = 20
"""Filters of one person."""

saved_filters = sa.Table(
    "saved_filters",
    metadata,
    sa.Column("account", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("query", sa.String(400), nullable=False),
)
_F = saved_filters.c


class SqlSavedFilters:
    """Filters in one database; satisfies `liveroom.ports.filters.SavedFilters`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, account: str) -> list[SavedFilter]:
        query = sa.select(_F.name, _F.query).where(_F.account == account).order_by(_F.name)
        async with self._database.read() as connection:
            return [SavedFilter(**row) for row in (await connection.execute(query)).mappings()]

    async def keep(self, account: str, saved: SavedFilter) -> None:
        async with self._database.write() as connection:
            await connection.execute(_one(account, saved.name))
            counted = sa.select(sa.func.count()).select_from(saved_filters).where(_F.account == account)
            if int(await connection.scalar(counted) or 0) >= MOST:
                raise Refused("too_many", limit=MOST)
            await connection.execute(
                sa.insert(saved_filters).values(account=account, name=saved.name, query=saved.query)
            )

    async def drop(self, account: str, name: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(_one(account, name))


def _one(account: str, name: str) -> sa.Delete:
    return sa.delete(saved_filters).where(_F.account == account, _F.name == name)
