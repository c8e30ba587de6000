"""Accounts, sign-ins, links and tokens in SQL. Knows hashes, never a password or a secret in clear."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from liveroom.errors import Refused
from liveroom.ports.people import Account, SignIn
from liveroom.rooms.roles import Role
from liveroom.storage import schema
from liveroom.storage.addresses import addresses
from liveroom.storage.database import Database

_A = schema.accounts.c


class SqlPeople:
    """People in one database; satisfies `liveroom.ports.people.People`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accounts(self) -> list[Account]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(schema.accounts).order_by(_A.login))
            return [account_of(row) for row in rows.mappings()]

    async def account(self, account: str) -> Account | None:
        return await self._one(sa.select(schema.accounts).where(_A.id == account))

    async def names(self, accounts: Collection[str]) -> Mapping[str, str]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(_A.id, _A.name).where(_A.id.in_(list(accounts))))
            return {row[0]: row[1] for row in rows}

    async def by_login(self, login: str) -> Account | None:
        return await self._one(sa.select(schema.accounts).where(_A.login == login))

    async def add_account(self, account: Account) -> None:
        row = {
            "id": account.id,
            "login": account.login,
            "name": account.name,
            "roles": sorted(account.roles),
            "unit": account.unit,
            "password": account.password,
        }
        try:
            async with self._database.write() as connection:
                await connection.execute(sa.insert(schema.accounts).values(row))
        except IntegrityError as error:
            raise Refused("login_taken") from error

    async def set_password(self, account: str, password: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.update(schema.accounts).where(_A.id == account).values(password=password))
            await connection.execute(sa.delete(schema.sign_ins).where(schema.sign_ins.c.account == account))

    async def set_roles(self, account: str, roles: frozenset[Role], unit: str | None) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(schema.accounts).where(_A.id == account).values(roles=sorted(roles), unit=unit)
            )

    async def remove_account(self, account: str) -> None:
        nobody: dict[str, Any] = {"login": f"removed:{account}", "roles": [], "unit": None, "password": ""}
        async with self._database.write() as connection:
            await connection.execute(sa.update(schema.accounts).where(_A.id == account).values(nobody))
            for keys in (schema.sign_ins, schema.links, schema.tokens, schema.api_tokens, addresses):
                await connection.execute(sa.delete(keys).where(keys.c.account == account))

    async def open_sign_in(self, secret: str, account: str, until: datetime, last: datetime) -> None:
        row = {"secret": secret, "account": account, "until": until, "last": last}
        async with self._database.write() as connection:
            await connection.execute(sa.insert(schema.sign_ins).values(row))

    async def sign_in(self, secret: str, now: datetime) -> SignIn | None:
        s = schema.sign_ins.c
        query = (
            sa.select(schema.accounts, s.until, s.last)
            .join(schema.sign_ins, s.account == _A.id)
            .where(s.secret == secret, s.until > now)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
            return SignIn(account_of(row), row["until"], row["last"] or row["until"]) if row else None

    async def renew_sign_in(self, secret: str, until: datetime) -> None:
        s = schema.sign_ins.c
        async with self._database.write() as connection:
            await connection.execute(sa.update(schema.sign_ins).where(s.secret == secret).values(until=until))

    async def close_sign_in(self, secret: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.sign_ins).where(schema.sign_ins.c.secret == secret))

    async def add_link(self, secret: str, account: str, target: str, until: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                sa.insert(schema.links).values(secret=secret, account=account, target=target, until=until)
            )

    async def use_link(self, secret: str, now: datetime) -> tuple[Account, str] | None:
        k = schema.links.c
        async with self._database.write() as connection:
            used = await connection.execute(
                sa.update(schema.links)
                .where(k.secret == secret, k.used_at.is_(None), k.until > now)
                .values(used_at=now)
                .returning(k.account, k.target)
            )
            row = used.first()
        if row is None:
            return None
        account = await self.account(row[0])
        return (account, row[1]) if account else None

    async def link_target(self, secret: str) -> tuple[str, str] | None:
        k = schema.links.c
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(k.account, k.target).where(k.secret == secret))).first()
            return (row[0], row[1]) if row else None

    async def add_token(self, secret: str, account: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.insert(schema.tokens).values(secret=secret, account=account))

    async def drop_tokens(self, account: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.tokens).where(schema.tokens.c.account == account))

    async def token(self, secret: str) -> Account | None:
        t = schema.tokens.c
        return await self._one(
            sa.select(schema.accounts).join(schema.tokens, t.account == _A.id).where(t.secret == secret)
        )

    async def _one(self, query: sa.Select[Any]) -> Account | None:
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
            return account_of(row) if row else None


def account_of(row: sa.RowMapping) -> Account:
    return Account(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        roles=frozenset(Role(role) for role in row["roles"]),
        unit=row["unit"],
        password=row["password"],
    )
