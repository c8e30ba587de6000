"""Matters, their steps and the units in SQL. Knows rows, not rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom import ids
from liveroom.clock import day
from liveroom.errors import Refused, Stale
from liveroom.matters.earlier import STEP as TAKEN_OVER
from liveroom.matters.enclosures import named
from liveroom.matters.forgetting import SAID_BY_ASKERS, Forgetting
from liveroom.matters.forgetting import forget as forgets
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.parties import parties
from liveroom.matters.replay import apply
from liveroom.matters.sight import everybody_reads
from liveroom.matters.telling import told_of
from liveroom.matters.timers import prefix
from liveroom.ports.jobs import Job
from liveroom.ports.matters import PAGE, Line, MatterChange, Order, Page, Unit, UnitTally, Wanted
from liveroom.rooms.chain import Link
from liveroom.rooms.roles import SYSTEM, Actor, Role
from liveroom.storage import earlier, matter_board, matter_lists, matter_words, openness
from liveroom.storage import matter_tables as tables
from liveroom.storage.attachments import carry
from liveroom.storage.database import Database
from liveroom.storage.jobs import cancel, end, schedule
from liveroom.storage.log import Log
from liveroom.storage.schema import accounts

CLOCK, ANNOUNCE, REMIND = "clock", "announce", "remind"
"""The kinds of jobs that a matter makes necessary."""

LOG = Log("matter", tables.steps, "matter", tables.matters)
_M = tables.matters.c
_encode = msgspec.json.Encoder()
_decode_event = msgspec.json.Decoder(MatterStep)


class SqlMatters:
    """Matters in one database; satisfies `liveroom.ports.matters.Matters`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def units(self) -> list[Unit]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(tables.units).order_by(tables.units.c.name))
            return [Unit(**row) for row in rows.mappings()]

    async def add_unit(self, unit: Unit) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.insert(tables.units).values(id=unit.id, name=unit.name))

    async def load(self, matter: str) -> Matter:
        found = await self._one(_M.id == matter)
        if found is None:
            raise Refused("not_found")
        return found

    async def by_number(self, number: str) -> Matter | None:
        return await self._one(_M.number == number)

    async def find(self, wanted: Wanted, order: Order = Order.NEWEST, after: str = "", limit: int = PAGE) -> Page:
        async with self._database.read() as connection:
            query = matter_lists.page(wanted, order, after, limit, connection.dialect.name)
            found = (await connection.execute(query)).mappings().all()
        return matter_lists.rows(list(found), order, limit)

    async def count(self, wanted: Wanted) -> int:
        async with self._database.read() as connection:
            conditions = matter_lists.conditions(wanted, connection.dialect.name)
            query = sa.select(sa.func.count()).select_from(tables.matters).where(*conditions)
            return int(await connection.scalar(query) or 0)

    async def tallies(self, kinds: Collection[str], since: date, today: date, later: date) -> list[UnitTally]:
        query = matter_board.tallies(kinds, since, today, later)
        async with self._database.read() as connection:
            return [matter_board.tally(row) for row in (await connection.execute(query)).mappings()]

    async def states(self, matters: Collection[str]) -> Mapping[str, str]:
        query = sa.select(_M.id, _M.state).where(_M.id.in_(list(matters)))
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def confidential_among(self, matters: Collection[str]) -> frozenset[str]:
        query = sa.select(_M.id).where(_M.id.in_(list(matters)), _M.confidential.is_(sa.true()))
        async with self._database.read() as connection:
            return frozenset((await connection.scalars(query)).all())

    async def concerning(self, matters: Collection[str], parties: Collection[str]) -> frozenset[str]:
        p = tables.parties.c
        query = sa.select(p.matter).where(p.matter.in_(list(matters)), p.party.in_(list(parties)))
        async with self._database.read() as connection:
            return frozenset(row[0] for row in await connection.execute(query))

    async def begin(self, change: MatterChange, by: Actor, now: datetime) -> Matter:
        try:
            async with self._database.write() as connection:
                return await insert(connection, change, by, now)
        except IntegrityError as error:
            raise Stale(change.before.id) from error

    async def save(
        self, changes: Sequence[MatterChange], by: Actor, now: datetime, job: Job | None = None
    ) -> list[Matter]:
        try:
            async with self._database.write() as connection:
                if job is not None:
                    await end(connection, job)
                return [await keep(connection, change, by, now) for change in changes]
        except IntegrityError as error:
            raise Stale(changes[0].before.id) from error

    async def next_number(self, prefix: str, year: int) -> str:
        begins = f"{prefix}{year}-"
        numbered = sa.select(_M.number).where(_M.number.like(f"{begins}%"))
        longest_last = numbered.order_by(sa.func.length(_M.number).desc(), _M.number.desc())
        async with self._database.read() as connection:
            last = await connection.scalar(longest_last.limit(1))
        return f"{begins}{int(last[len(begins) :]) + 1 if last else 1:04}"

    async def without_rules(self, limit: int = PAGE) -> list[Matter]:
        query = _whole().where(_M.rules == "", _M.end == "").limit(limit)
        async with self._database.read() as connection:
            return [tables.matter_of(str(text)) for text in (await connection.scalars(query)).all()]

    async def history(self, matter: str) -> list[Line]:
        query = sa.select(tables.steps).where(tables.steps.c.matter == matter).order_by(tables.steps.c.seq)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return [
                Line(row["seq"], row["at"], row["by"], row["by_name"], _decode_event.decode(row["event"]))
                for row in rows
            ]

    async def _one(self, condition: sa.ColumnElement[bool]) -> Matter | None:
        async with self._database.read() as connection:
            text = await connection.scalar(_whole().where(condition))
            return tables.matter_of(str(text)) if text else None


async def keep(connection: AsyncConnection, change: MatterChange, by: Actor, now: datetime) -> Matter:
    """A new matter, or steps of one that is there, inside a transaction that is open already."""
    return await (_save if change.before.seq else insert)(connection, change, by, now)


async def insert(connection: AsyncConnection, change: MatterChange, by: Actor, now: datetime) -> Matter:
    """Keep a new matter inside a transaction that is open already."""
    after = apply(change.before, change.events)
    newest = sa.select(sa.func.coalesce(sa.func.max(_M.place), 0) + 1).where(_M.place > 0).scalar_subquery()
    values = {**tables.row(after), "created_at": now, "place": newest}
    if after.earlier and after.began_on:
        place = await earlier.place_of(connection, after.began_on)
        values |= {"created_at": earlier.began_at(after.began_on), "place": place}
    kept = await connection.scalar(sa.insert(tables.matters).values(values).returning(_M.place))
    await connection.execute(sa.insert(tables.records).values(matter=after.id, record=tables.record(after)))
    await _accompany(connection, change, after, by, now, int(kept or 0))
    return after


async def forget(connection: AsyncConnection, matter: str, forgetting: Forgetting, now: datetime) -> None:
    """Erase an asker's words from a matter and its history, inside a transaction that is open already."""
    text: str | None = await connection.scalar(_whole().where(_M.id == matter))
    if text is None:
        return
    before = tables.matter_of(text)
    public = {before.title, before.body} if everybody_reads(before) else set[str]()
    left: list[Link] = []
    for line in await LOG.links(connection, matter):
        said = _decode_event.decode(line.event)
        kept, by = forgetting.of_step(said, line.by, public)
        if (kept, by) != (said, line.by):
            left.append(replace(line, by=by, event=_encode.encode(kept).decode()))
    if not left:
        return
    vouching = await LOG.erase(connection, matter, left)
    before = forgetting.of_matter(before)
    fact = forgets(before, forgetting, day(now).isoformat(), vouching)
    await _save(connection, MatterChange(before, [fact]), SYSTEM, now)


async def let_voices_go(connection: AsyncConnection, matter: str, now: datetime) -> int:
    """What those who asked and seconded added about the result, and who they were; how many that were."""
    lines = await LOG.links(connection, matter)
    theirs = [line.by for line in lines if _decode_event.decode(line.event).what in SAID_BY_ASKERS]
    staff = await connection.scalars(sa.select(accounts.c.id).where(accounts.c.id.in_(theirs)))
    names = {name: ids.new_id() for name in set(theirs) - {SYSTEM.id, *staff}}
    await forget(connection, matter, Forgetting(names=names), now)
    await connection.execute(sa.delete(tables.voices).where(tables.voices.c.matter == matter))
    return len(names)


async def _save(connection: AsyncConnection, change: MatterChange, by: Actor, now: datetime) -> Matter:
    before, after = change.before, apply(change.before, change.events)
    changed = (
        sa.update(tables.matters)
        .where(_M.id == before.id, _M.seq == before.seq)
        .values(tables.row(after))
        .returning(_M.place)
    )
    place = await connection.scalar(changed)
    if place is None:
        raise Stale(before.id)
    kept = sa.update(tables.records).where(tables.records.c.matter == after.id)
    await connection.execute(kept.values(record=tables.record(after)))
    await _accompany(connection, change, after, by, now, place)
    return after


async def _accompany(
    connection: AsyncConnection, change: MatterChange, after: Matter, by: Actor, now: datetime, place: int
) -> None:
    """Everything that goes with a change: its lines, whom it concerns, its words, its timers, its announcements."""
    before = change.before
    await LOG.append(connection, after.id, links(change, by, now))
    for seq, event in enumerate(change.events, before.seq + 1):
        await carry(connection, after.id, seq, named(event.values.get("files", "")))
    if Role.VISITOR in by.roles:
        heard = await connection.scalar(sa.select(tables.voices).where(tables.voices.c.matter == after.id))
        if heard is None:
            await connection.execute(sa.insert(tables.voices).values(matter=after.id))
    theirs, those = parties(after), parties(before) if before.seq else frozenset()
    if changed := those ^ theirs:
        # New ones, too: what an earlier release called somebody's turn may still stand there.
        p = tables.parties.c
        await connection.execute(sa.delete(tables.parties).where(p.matter == after.id, p.party.in_(changed)))
    if new := theirs - those:
        rows = [{"party": party, "matter": after.id} for party in sorted(new)]
        await connection.execute(sa.insert(tables.parties), rows)
    if not before.seq or tables.text(before) != tables.text(after):
        await matter_words.keep(connection, place, tables.text(after))
    await openness.keep(connection, before, after, change.events, now)
    for clock in change.alarms.void:
        await cancel(connection, prefix(after.id, clock))
    await schedule(
        connection, [*_alarms(change, after), *_announcements(change, after, now), *_reminders(change, after, by, now)]
    )


def _alarms(change: MatterChange, after: Matter) -> list[Job]:
    return [
        Job(
            CLOCK,
            timer.key(after.id),
            timer.at,
            {"matter": after.id, "clock": timer.clock, "what": timer.what, "ends": timer.ends.isoformat()},
        )
        for timer in change.alarms.timers
    ]


def _announcements(change: MatterChange, after: Matter, now: datetime) -> list[Job]:
    """One for each step that people may hear of; what they hear, and who, is the notices' affair."""
    return [
        Job(ANNOUNCE, f"matter:{after.id}:announce:{seq}", now, {"matter": after.id, "seq": seq})
        for seq, told in enumerate(told_of(change.events, change.before.turn), change.before.seq + 1)
        # Nobody follows yet what a list of earlier years brings, and it is no news.
        if told is not None and told.what != TAKEN_OVER
    ]


def _reminders(change: MatterChange, after: Matter, by: Actor, now: datetime) -> list[Job]:
    """One for each step that concerns somebody of the staff; which people those are is seen when it is done."""
    return [
        Job(
            REMIND,
            f"matter:{after.id}:remind:{seq}",
            now,
            {
                "matter": after.id,
                "seq": seq,
                "by": by.id if by.signed_in else "",
                "told": [[reminder.why.value, reminder.whom] for reminder in told],
            },
        )
        for seq, told in enumerate(change.reminders, change.before.seq + 1)
        if told
    ]


def links(change: MatterChange, by: Actor, now: datetime) -> list[Link]:
    """The lines of a change, not yet sealed."""
    return [
        Link(change.before.seq + number, now, by.id, by.name, None, _encode.encode(event).decode())
        for number, event in enumerate(change.events, 1)
    ]


def _whole() -> sa.Select[tuple[str]]:
    return sa.select(tables.records.c.record).join(tables.matters, _M.id == tables.records.c.matter)
