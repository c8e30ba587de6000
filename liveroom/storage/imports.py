"""Lists that come from files, in SQL: what is there, and all changes of a file at once. Knows no file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom import ids
from liveroom.errors import Stale
from liveroom.exchange.past import OldSuggestion
from liveroom.exchange.plans import Change, Known, Plan
from liveroom.exchange.sheets import Deputy, Entry, Holiday, StationEntry, UnitEntry
from liveroom.ports.imports import Import, Making
from liveroom.ports.reminders import OwnAddress
from liveroom.rooms.roles import Actor, Role
from liveroom.rooms.station import Station
from liveroom.storage import addresses, earlier, matters
from liveroom.storage.database import Database
from liveroom.storage.matter_tables import units
from liveroom.storage.schema import Instant, accounts, metadata
from liveroom.storage.vault import Seal
from liveroom.storage.workdays import PUBLISHED_YEARS

stations = sa.Table(
    "stations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("island", sa.String(80), nullable=False, server_default=""),
    sa.Column("address", sa.String(200), nullable=False, server_default=""),
    sa.Column("jurisdictions", sa.JSON, nullable=False, server_default="[]"),
)

holidays = sa.Table(
    "holidays",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("worked", sa.Boolean, nullable=False),
    sa.Column("name", sa.String(40), nullable=False, server_default=""),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("removed", sa.Integer, nullable=False),
    sa.Column("file", sa.String(120), nullable=False, server_default=""),
)


class SqlImports:
    """Lists in one database; satisfies `liveroom.ports.imports.Imports`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def known(self, kind: str) -> Known:
        async with self._database.read() as connection:
            return await _known(connection, kind, self._seal)

    async def carry_out(
        self,
        kind: str,
        decide: Callable[[Known], Plan],
        digest: str,
        by: Actor,
        now: datetime,
        *,
        file: str = "",
        make: Making | None = None,
    ) -> Plan:
        try:
            async with self._database.write() as connection:
                plan = decide(await _known(connection, kind, self._seal))
                if plan.ready and plan.due:
                    line = _line(plan, digest, by, now, file)
                    await connection.execute(sa.insert(imports).values(line))
                    for change in plan.due:
                        if isinstance(change.entry, OldSuggestion):
                            await _bring(connection, change, change.entry, str(line["id"]), make, by, now)
                        elif isinstance(change.entry, Deputy):
                            await self._keep_deputy(connection, change.entry)
                        else:
                            await _do(connection, change)
        except IntegrityError as error:
            raise Stale(kind) from error
        return plan

    async def latest(self, count: int) -> list[Import]:
        i = imports.c
        query = sa.select(i.id, i.kind, i.at, i.by_name, i.digest, i.added, i.changed, i.removed, i.file)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(i.at.desc()).limit(count))).mappings()
            return [Import(**row) for row in rows]

    async def stations(self) -> list[Station]:
        async with self._database.read() as connection:
            return await _stations(connection)

    async def holidays(self) -> Mapping[date, bool]:
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(holidays.c.day, holidays.c.worked))
            return {row.day: row.worked for row in rows}

    async def _keep_deputy(self, connection: AsyncConnection, entry: Deputy) -> None:
        """Their account, and where reminders go once they have proved it."""
        found = await connection.scalar(sa.select(accounts.c.id).where(accounts.c.login == entry.login))
        account = found or ids.new_id()
        if found:
            await connection.execute(sa.update(accounts).where(accounts.c.id == found).values(name=entry.name))
        else:
            made = {"id": account, "login": entry.login, "name": entry.name, "roles": [Role.DEPUTY.value]}
            await connection.execute(sa.insert(accounts).values(made))
        kept = await addresses.read_one(connection, self._seal, account)
        if entry.contact != kept.contact and not kept.proved:
            await addresses.write(connection, self._database, self._seal, kept.at(entry.contact))


def _line(plan: Plan, digest: str, by: Actor, now: datetime, file: str) -> dict[str, object]:
    return {
        "id": ids.new_id(),
        "kind": plan.kind,
        "at": now,
        "by": by.id,
        "by_name": by.name,
        "digest": digest,
        "added": plan.count("add"),
        "changed": plan.count("change"),
        "removed": plan.count("remove"),
        "file": file,
    }


async def _known(connection: AsyncConnection, kind: str, seal: Seal) -> Known:
    match kind:
        case "deputies":
            return await _known_deputies(connection, seal)
        case "units":
            rows = await connection.execute(sa.select(units.c.id, units.c.name))
            return Known({row.id: UnitEntry(row.id, row.name) for row in rows})
        case "stations":
            return Known({station.id: StationEntry(station) for station in await _stations(connection)})
        case "holidays":
            days = await connection.execute(sa.select(holidays))
            found = [Holiday(row.day, row.worked, row.name) for row in days]
            return Known({one.key: one for one in found}, {str(year): "year_known" for year in PUBLISHED_YEARS})
        case "suggestions":
            numbers = await earlier.numbers(connection)
            taken = {number: "number_taken" for number, digest in numbers if digest is None}
            return Known(taken=taken, digests={number: digest for number, digest in numbers if digest is not None})
    raise ValueError(kind)


async def _known_deputies(connection: AsyncConnection, seal: Seal) -> Known:
    """Deputies by their logins. A login of anybody else is taken: a file makes nobody a deputy who has other work."""
    entries: dict[str, Entry] = {}
    taken: dict[str, str] = {}
    reached = await addresses.read(connection, seal)
    for row in await connection.execute(sa.select(accounts.c.id, accounts.c.login, accounts.c.name, accounts.c.roles)):
        if Role.DEPUTY in row.roles:
            at = reached.get(row.id, OwnAddress(row.id))
            entries[row.login] = Deputy(row.login, row.name, at.contact, at.proved)
        else:
            taken[row.login] = "login_taken"
    return Known(entries, taken)


async def _stations(connection: AsyncConnection) -> list[Station]:
    rows = await connection.execute(sa.select(stations).order_by(stations.c.id))
    return [Station(row.id, row.name, row.island, row.address, tuple(row.jurisdictions)) for row in rows]


async def _bring(
    connection: AsyncConnection,
    change: Change,
    entry: OldSuggestion,
    named: str,
    make: Making | None,
    by: Actor,
    now: datetime,
) -> None:
    if make is None:
        raise ValueError("nobody says what becomes of old suggestions")
    matter = await matters.insert(connection, make(change, named), by, now)
    await earlier.note(connection, matter, change.row, entry.digest)


async def _do(connection: AsyncConnection, change: Change) -> None:
    new = change.what == "add"
    match change.entry:
        case UnitEntry(code, name):
            await connection.execute(
                sa.insert(units).values(id=code or ids.new_id(), name=name)
                if new
                else sa.update(units).where(units.c.id == code).values(name=name)
            )
        case StationEntry(station):
            row = {
                "name": station.name,
                "island": station.island,
                "address": station.address,
                "jurisdictions": list(station.jurisdictions),
            }
            await connection.execute(
                sa.insert(stations).values(id=station.id, **row)
                if new
                else sa.update(stations).where(stations.c.id == station.id).values(row)
            )
        case Holiday(day, worked, name):
            await connection.execute(sa.delete(holidays).where(holidays.c.day == day))
            if change.what != "remove":
                await connection.execute(sa.insert(holidays).values(day=day, worked=worked, name=name))
