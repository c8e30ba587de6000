"""Claims of moderators in SQL. Knows rows, not who may claim."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from liveroom.ports.claims import Claim
from liveroom.rooms.roles import Actor
from liveroom.storage import schema
from liveroom.storage.database import Database


class SqlClaims:
    """Satisfies `liveroom.ports.claims.Claims`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, session: str, question: str, by: Actor, until: datetime, now: datetime, *, over: bool = False
    ) -> Claim:
        c = schema.claims.c
        free = sa.or_(c.by == by.id, c.until <= now, sa.literal(over))
        row = {"by": by.id, "by_name": by.name, "until": until}
        async with self._database.write() as connection:
            here = sa.and_(c.session == session, c.question == question)
            changed = await connection.execute(sa.update(schema.claims).where(here, free).values(**row))
            if changed.rowcount == 0:
                fresh = self._database.insert(schema.claims).values(session=session, question=question, **row)
                await connection.execute(fresh.on_conflict_do_nothing())
            found = (await connection.execute(sa.select(schema.claims).where(here))).mappings().one()
            return _claim(found)

    async def release(self, session: str, question: str, by: Actor) -> None:
        c = schema.claims.c
        ours = sa.delete(schema.claims).where(c.session == session, c.question == question, c.by == by.id)
        async with self._database.write() as connection:
            await connection.execute(ours)

    async def held(self, session: str, now: datetime) -> list[Claim]:
        c = schema.claims.c
        query = sa.select(schema.claims).where(c.session == session, c.until > now).order_by(c.question)
        async with self._database.read() as connection:
            return [_claim(row) for row in (await connection.execute(query)).mappings()]


def _claim(row: sa.RowMapping) -> Claim:
    return Claim(row["question"], row["by"], row["by_name"], row["until"])
