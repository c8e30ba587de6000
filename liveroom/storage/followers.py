"""Those who follow, in SQL, with their contacts sealed as in the vault. Knows rows, not whom a step is told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.contacts import Contact
from liveroom.errors import Refused
from liveroom.notices.followers import UNCONFIRMED, Follower, NoticeState, Way
from liveroom.storage import schema
from liveroom.storage.database import Database
from liveroom.storage.notices import followers, notices
from liveroom.storage.vault import Seal

_F, _N = followers.c, notices.c
_COLUMNS = [f.name for f in fields(Follower)]


class SqlFollowers:
    """Satisfies `liveroom.ports.followers.Followers`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def add(self, follower: Follower, contact: Contact | None) -> Follower:
        follower = replace(follower, receiver=self._receiver(follower, contact))
        row = {name: getattr(follower, name) for name in _COLUMNS}
        row |= {"way": follower.way.value, "sealed": self._seal.close(contact) if contact else None}
        async with self._database.write() as connection:
            silent = sa.and_(_F.confirmed_at.is_(None), _F.asked_at <= follower.asked_at - UNCONFIRMED)
            await connection.execute(sa.delete(followers).where(silent))
            await connection.execute(sa.insert(followers).values(row))
        return follower

    async def find(self, follower: str) -> Follower | None:
        async with self._database.read() as connection:
            return await _one(connection, follower)

    async def contact(self, follower: str) -> Contact | None:
        async with self._database.read() as connection:
            query = sa.select(_F.way, _F.sealed).where(_F.id == follower, _F.ended_at.is_(None))
            row = (await connection.execute(query)).mappings().first()
        return self._seal.open(row["way"], row["sealed"]) if row and row["sealed"] else None

    async def proved(self, device: str, contact: Contact) -> bool:
        ours = sa.exists().where(_F.device == device, _F.receiver == self._of(contact), *_active())
        # The digest by which the vault knows a contact again.
        known = self._seal.digest("contact", contact.channel, contact.address)
        of, to = schema.identity_devices.c, schema.identities.c
        theirs = sa.exists().where(of.device == device, of.identity == to.id, to.contact == known)
        async with self._database.read() as connection:
            return bool(await connection.scalar(sa.select(sa.or_(ours, theirs))))

    async def confirm(self, follower: str, now: datetime) -> Follower:
        async with self._database.write() as connection:
            found = await _one(connection, follower)
            if found is None or found.ended_at is not None:
                raise Refused("not_found")
            if found.confirmed_at is not None:
                return found
            here = (_F.question == found.question, _F.matter == found.matter, _F.receiver == found.receiver)
            before = await connection.scalar(sa.select(_F.id).where(*here, *_active()).with_for_update())
            if before is None:
                await connection.execute(sa.update(followers).where(_F.id == found.id).values(confirmed_at=now))
            else:
                wishes = {"language": found.language, "digest": found.digest, "site": found.site}
                await connection.execute(sa.update(followers).where(_F.id == before).values(wishes))
                await connection.execute(sa.delete(followers).where(_F.id == found.id))
            after = await _one(connection, before or found.id)
        if after is None:
            raise Refused("not_found")
        return after

    async def of(self, matter: str, questions: Collection[str]) -> list[Follower]:
        query = sa.select(followers).where(_concerning(matter, questions), *_active())
        async with self._database.read() as connection:
            return [_follower(row) for row in (await connection.execute(query)).mappings()]

    async def end(self, receiver: str, matter: str, questions: Collection[str], now: datetime) -> None:
        async with self._database.write() as connection:
            await _end(connection, sa.and_(_F.receiver == receiver, _concerning(matter, questions)), now)

    async def forget(self, question: str) -> None:
        theirs = sa.select(_F.id).where(_F.question == question)
        async with self._database.write() as connection:
            await connection.execute(sa.delete(notices).where(_N.follower.in_(theirs)))
            await connection.execute(sa.delete(followers).where(_F.question == question))
        await self._database.scrub()

    async def end_all(self, receiver: str, now: datetime) -> None:
        async with self._database.write() as connection:
            await _end(connection, _F.receiver == receiver, now)

    def _receiver(self, follower: Follower, contact: Contact | None) -> str:
        if contact is not None:
            return self._of(contact)
        told = follower.place if follower.way is Way.STATION else follower.id
        return self._seal.digest("receiver", follower.way, told)

    def _of(self, contact: Contact) -> str:
        return self._seal.digest("receiver", contact.channel, contact.address)


async def _end(connection: AsyncConnection, condition: sa.ColumnElement[bool], now: datetime) -> None:
    """They are told nothing more, and nobody can find out any more where they were told."""
    theirs = sa.select(_F.id).where(condition)
    waiting = _N.state.in_([NoticeState.WAITING.value, NoticeState.FAILED.value])
    dropped = sa.update(notices).where(_N.follower.in_(theirs), waiting)
    await connection.execute(dropped.values(state=NoticeState.DROPPED.value))
    await connection.execute(sa.delete(followers).where(condition, _F.confirmed_at.is_(None)))
    ended = sa.update(followers).where(condition, _F.ended_at.is_(None))
    await connection.execute(ended.values(ended_at=now, sealed=None))


async def _one(connection: AsyncConnection, follower: str) -> Follower | None:
    row = (await connection.execute(sa.select(followers).where(_F.id == follower))).mappings().first()
    return _follower(row) if row else None


def _active() -> tuple[sa.ColumnElement[bool], ...]:
    return _F.confirmed_at.is_not(None), _F.ended_at.is_(None)


def _concerning(matter: str, questions: Collection[str]) -> sa.ColumnElement[bool]:
    of_matter = sa.and_(_F.matter == matter, _F.matter != "")
    return sa.or_(of_matter, _F.question.in_(list(questions)))


def _follower(row: sa.RowMapping) -> Follower:
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    return Follower(**values | {"way": Way(row["way"])})
