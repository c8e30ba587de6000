"""Suggestions, their steps and the units in SQL. Knows rows, not the workflow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.errors import Refused, Stale
from liveroom.matters.suggestion import AnyMatterEvent, Matter, SourceQuestion, apply, is_public
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Line, Unit
from liveroom.rooms.chain import Link
from liveroom.rooms.roles import Actor
from liveroom.storage.database import Database
from liveroom.storage.jobs import schedule
from liveroom.storage.log import Log
from liveroom.storage.schema import Instant, metadata

units = sa.Table(
    "units",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
)

matters = sa.Table(
    "matters",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("number", sa.String(16), unique=True),
    sa.Column("state", sa.String(24), nullable=False, index=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("deputy", sa.String(32), nullable=False),
    sa.Column("deputy_name", sa.String(80), nullable=False),
    sa.Column("unit", sa.String(32), nullable=False),
    sa.Column("unit_name", sa.String(80), nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("contacted", sa.Boolean, nullable=False),
    sa.Column("reply_class", sa.String(1), nullable=False),
    sa.Column("reply_text", sa.Text, nullable=False),
    sa.Column("promise_due", sa.Date),
    sa.Column("evaluation", sa.String(24), nullable=False),
    sa.Column("sources", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

steps = sa.Table(
    "matter_steps",
    metadata,
    sa.Column("matter", sa.ForeignKey("matters.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, server_default=""),
)

ANNOUNCE = "announce"
"""The kind of job that tells followers of a public step."""

LOG = Log("matter", steps, "matter")
_COLUMNS = [f.name for f in fields(Matter)]
_encode = msgspec.json.Encoder()
_decode_sources = msgspec.json.Decoder(tuple[SourceQuestion, ...])
_decode_event = msgspec.json.Decoder(AnyMatterEvent)


class SqlMatters:
    """Suggestions in one database; satisfies `liveroom.ports.matters.Matters`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def units(self) -> list[Unit]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(units).order_by(units.c.name))
            return [Unit(**row) for row in rows.mappings()]

    async def add_unit(self, unit: Unit) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.insert(units).values(id=unit.id, name=unit.name))

    async def load(self, matter: str) -> Matter:
        found = await self._one(matters.c.id == matter)
        if found is None:
            raise Refused("not_found")
        return found

    async def by_number(self, number: str) -> Matter | None:
        return await self._one(matters.c.number == number)

    async def all(self, states: Collection[str] | None = None) -> list[Matter]:
        query = sa.select(matters).order_by(matters.c.created_at.desc(), matters.c.number.desc())
        if states is not None:
            query = query.where(matters.c.state.in_(list(states)))
        async with self._database.read() as connection:
            return [_matter(row) for row in (await connection.execute(query)).mappings()]

    async def save(self, matter: Matter, events: Sequence[AnyMatterEvent], by: Actor, now: datetime) -> Matter:
        after = apply(matter, events)
        try:
            async with self._database.write() as connection:
                changed = await connection.execute(
                    sa.update(matters)
                    .where(matters.c.id == matter.id, matters.c.seq == matter.seq)
                    .values(**_row(after))
                )
                if changed.rowcount != 1:
                    raise Stale(matter.id)
                await _append(connection, matter, events, by, now)
        except IntegrityError as error:
            raise Stale(matter.id) from error
        return after

    async def next_number(self, year: int) -> str:
        query = sa.select(sa.func.max(matters.c.number)).where(matters.c.number.like(f"{year}-%"))
        async with self._database.read() as connection:
            last = await connection.scalar(query)
        return f"{year}-{int(last[5:]) + 1 if last else 1:04}"

    async def history(self, matter: str) -> list[Line]:
        query = sa.select(steps).where(steps.c.matter == matter).order_by(steps.c.seq)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return [
                Line(row["seq"], row["at"], row["by"], row["by_name"], _decode_event.decode(row["event"]))
                for row in rows
            ]

    async def _one(self, condition: sa.ColumnElement[bool]) -> Matter | None:
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(matters).where(condition))).mappings().first()
            return _matter(row) if row else None


async def insert(
    connection: AsyncConnection, matter: Matter, events: Sequence[AnyMatterEvent], by: Actor, now: datetime
) -> None:
    """Keep a new suggestion inside a transaction that is open already."""
    await connection.execute(sa.insert(matters).values(**_row(apply(matter, events)), created_at=now))
    await _append(connection, matter, events, by, now)


async def _append(
    connection: AsyncConnection, matter: Matter, events: Sequence[AnyMatterEvent], by: Actor, now: datetime
) -> None:
    links = [
        Link(matter.seq + number, now, by.id, by.name, None, _encode.encode(event).decode())
        for number, event in enumerate(events, 1)
    ]
    await LOG.append(connection, matter.id, links)
    # In the same transaction: a step that was committed is announced, whatever is killed when.
    public = [seq for seq, event in enumerate(events, matter.seq + 1) if is_public(event)]
    await schedule(connection, [_announcement(matter.id, seq, now) for seq in public])


def _announcement(matter: str, seq: int, now: datetime) -> Job:
    return Job(ANNOUNCE, f"matter:{matter}:announce:{seq}", now, {"matter": matter, "seq": seq})


def _row(matter: Matter) -> dict[str, Any]:
    row = {name: getattr(matter, name) for name in _COLUMNS}
    return {**row, "number": matter.number or None, "sources": _encode.encode(matter.sources).decode()}


def _matter(row: sa.RowMapping) -> Matter:
    values = {name: row[name] for name in _COLUMNS}
    return Matter(**{**values, "number": row["number"] or "", "sources": _decode_sources.decode(row["sources"])})
