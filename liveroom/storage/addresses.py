"""How the staff is reached, in SQL: an address or number of each, sealed as in the vault. Knows no reminder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from liveroom.ports.reminders import OwnAddress
from liveroom.storage.database import Database
from liveroom.storage.schema import metadata
from liveroom.storage.vault import Seal
from liveroom.vault.contacts import Contact

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


class SqlAddresses:
    """Satisfies `liveroom.ports.reminders.Addresses`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def of(self, account: str) -> OwnAddress:
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(addresses).where(_A.account == account))).mappings().first()
        return self._address(row) if row else OwnAddress(account)

    async def all(self) -> Mapping[str, OwnAddress]:
        async with self._database.read() as connection:
            rows = (await connection.execute(sa.select(addresses))).mappings().all()
        return {row["account"]: self._address(row) for row in rows}

    async def put(self, address: OwnAddress) -> None:
        contact = address.contact
        values: dict[str, Any] = {
            "channel": contact.channel.value if contact else "",
            "sealed": self._seal.close(contact) if contact else None,
            "proved": address.proved,
            "language": address.language,
            "site": address.site,
        }
        fresh = self._database.insert(addresses).values(account=address.account, **values)
        async with self._database.write() as connection:
            await connection.execute(fresh.on_conflict_do_update(index_elements=["account"], set_=values))

    async def prove(self, address: OwnAddress) -> bool:
        async with self._database.write() as connection:
            query = sa.select(addresses).where(_A.account == address.account).with_for_update()
            row = (await connection.execute(query)).mappings().first()
            if row is None or self._contact(row) != address.contact:
                return False
            proved = sa.update(addresses).where(_A.account == address.account)
            await connection.execute(proved.values(proved=True, site=address.site))
            return True

    def _address(self, row: sa.RowMapping) -> OwnAddress:
        return OwnAddress(row["account"], self._contact(row), row["proved"], row["language"], row["site"])

    def _contact(self, row: sa.RowMapping) -> Contact | None:
        return self._seal.open(row["channel"], row["sealed"]) if row["sealed"] else None
