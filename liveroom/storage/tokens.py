"""Keys of programs and the calls they made, in SQL. Knows hashes, never a key in clear."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from liveroom.errors import Refused
from liveroom.ports.people import Account
from liveroom.ports.tokens import ApiToken, Bearer, Said
from liveroom.rooms.roles import Role
from liveroom.storage import schema
from liveroom.storage.database import Database
from liveroom.storage.people import account_of

KEPT = timedelta(hours=24)
UNDER_WAY = timedelta(minutes=1)
"""After this long a call that was not answered is taken to have died with its process."""

_T, _A, _R = schema.api_tokens.c, schema.accounts.c, schema.api_calls.c


class SqlTokens:
    """Keys of programs in one database; satisfies `liveroom.ports.tokens.Tokens`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, secret: str, token: ApiToken) -> None:
        row = {
            "secret": secret,
            "id": token.id,
            "account": token.account,
            "role": token.role.value,
            "name": token.name,
            "created_at": token.created_at,
            "until": token.until,
        }
        async with self._database.write() as connection:
            await connection.execute(sa.insert(schema.api_tokens).values(row))

    async def bearer(self, secret: str, now: datetime) -> Bearer | None:
        query = self._joined().where(_T.secret == secret, _T.until > now)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        token, account = _token(row), account_of(row)
        return Bearer(token, account) if token.role in account.roles else None

    async def all(self) -> list[tuple[ApiToken, Account]]:
        query = self._joined().order_by(_T.created_at.desc())
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return [(_token(row), account_of(row)) for row in rows]

    async def revoke(self, token: str) -> bool:
        async with self._database.write() as connection:
            gone = await connection.execute(sa.delete(schema.api_tokens).where(_T.id == token))
        return bool(gone.rowcount)

    def _joined(self) -> sa.Select[tuple[object, ...]]:
        own = [column.label(f"token_{column.name}") for column in schema.api_tokens.c]
        return sa.select(schema.accounts, *own).join(schema.api_tokens, _T.account == _A.id)


class SqlRepeats:
    """Calls that may come twice, in one database; satisfies `liveroom.ports.tokens.Repeats`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, who: str, key: str, digest: str, now: datetime) -> Said | None:
        row = {"who": who, "key": key, "digest": digest, "at": now, "status": 0, "body": "", "headers": {}}
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.api_calls).where(_R.at < now - KEPT))
            new = await connection.execute(self._database.insert(schema.api_calls).values(row).on_conflict_do_nothing())
            if new.rowcount == 1:
                return None
            mine = sa.and_(_R.who == who, _R.key == key)
            kept = (await connection.execute(sa.select(schema.api_calls).where(mine))).mappings().one()
            if kept["digest"] != digest:
                raise Refused("key_reused")
            if kept["status"]:
                return Said(kept["status"], kept["body"], kept["headers"])
            taken = await connection.execute(
                sa.update(schema.api_calls).where(mine, _R.status == 0, _R.at < now - UNDER_WAY).values(at=now)
            )
            if taken.rowcount != 1:
                raise Refused("key_busy", retry_after=2)
        return None

    async def end(self, who: str, key: str, said: Said) -> None:
        values = {"status": said.status, "body": said.body, "headers": dict(said.headers)}
        async with self._database.write() as connection:
            await connection.execute(sa.update(schema.api_calls).where(_R.who == who, _R.key == key).values(values))

    async def forget(self, who: str, key: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.api_calls).where(_R.who == who, _R.key == key))


def _token(row: sa.RowMapping) -> ApiToken:
    return ApiToken(
        id=row["token_id"],
        account=row["token_account"],
        role=Role(row["token_role"]),
        name=row["token_name"],
        created_at=row["token_created_at"],
        until=row["token_until"],
    )
