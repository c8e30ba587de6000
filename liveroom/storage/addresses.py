"""How the staff is reached, in SQL: an address or number of each, sealed as in the vault. Knows no reminder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.contacts import Contact
from liveroom.ports.reminders import OwnAddress
from liveroom.storage.database import Database
from liveroom.storage.schema import metadata
from liveroom.storage.vault import Seal

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("account", sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("channel", sa.String(8), nullable=False, server_default=""),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("proved", sa.Boolean, nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("site", sa.String(200), nullable=False),
)

_A = addresses.c


async def read_one(connection: AsyncConnection, seal: Seal, account: str) -> OwnAddress:
    """How this person is reached, or that they are not."""
    row = (await connection.execute(sa.select(addresses).where(_A.account == account))).mappings().first()
    return _address(row, seal) if row else OwnAddress(account)


async def read(connection: AsyncConnection, seal: Seal) -> dict[str, OwnAddress]:
    """Of everybody of whom there is one, by their accounts."""
    rows = (await connection.execute(sa.select(addresses))).mappings()
    return {row["account"]: _address(row, seal) for row in rows}


async def write(connection: AsyncConnection, database: Database, seal: Seal, address: OwnAddress) -> None:
    """Instead of what was kept of this person."""
    contact = address.contact
    values: dict[str, Any] = {
        "channel": contact.channel.value if contact else "",
        "sealed": seal.close(contact) if contact else None,
        "proved": address.proved,
        "language": address.language,
        "site": address.site,
    }
    fresh = database.insert(addresses).values(account=address.account, **values)
    await connection.execute(fresh.on_conflict_do_update(index_elements=["account"], set_=values))


def _address(row: sa.RowMapping, seal: Seal) -> OwnAddress:
    return OwnAddress(row["account"], _contact(row, seal), row["proved"], row["language"], row["site"])


def _contact(row: sa.RowMapping, seal: Seal) -> Contact | None:
    return seal.open(row["channel"], row["sealed"]) if row["sealed"] else None


class SqlAddresses:
    """Satisfies `liveroom.ports.reminders.Addresses`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def of(self, account: str) -> OwnAddress:
        async with self._database.read() as connection:
            return await read_one(connection, self._seal, account)

    async def all(self) -> Mapping[str, OwnAddress]:
        async with self._database.read() as connection:
            return await read(connection, self._seal)

    async def put(self, address: OwnAddress) -> None:
        async with self._database.write() as connection:
            await write(connection, self._database, self._seal, address)

    async def prove(self, address: OwnAddress) -> bool:
        async with self._database.write() as connection:
            query = sa.select(addresses).where(_A.account == address.account).with_for_update()
            row = (await connection.execute(query)).mappings().first()
            if row is None or _contact(row, self._seal) != address.contact:
                return False
            proved = sa.update(addresses).where(_A.account == address.account)
            await connection.execute(proved.values(proved=True, site=address.site))
            return True
