"""What is published of all matters together, in SQL: figures, promises, what is new, frozen quarters. Knows no formula.

Beside the row of a matter stands another one (`matter_openness`), written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.errors import Refused, Unavailable
from liveroom.matters.conditions import fields
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.periods import Period
from liveroom.matters.promises import Standing, standing
from liveroom.matters.statistics import DAYS, Case, Opened
from liveroom.ports.matters import PAGE, Listed, Wanted
from liveroom.ports.openness import CASES_A_PAGE, Behind, Frozen, Promise, PromisePage, Scope, Told
from liveroom.rooms.roles import Actor
from liveroom.storage import matter_lists
from liveroom.storage.conditions import DaysBetween, in_sql
from liveroom.storage.database import Database
from liveroom.storage.earlier import began_at, is_earlier
from liveroom.storage.matter_tables import matters
from liveroom.storage.quarter_log import LOG, frozen_quarters
from liveroom.storage.schema import Instant, metadata

openness = sa.Table(
    "matter_openness",
    metadata,
    sa.Column("matter", sa.ForeignKey("matters.id"), primary_key=True),
    sa.Column("session", sa.String(32), nullable=False),
    # When everybody could read something new of it last.
    sa.Column("told_at", Instant, nullable=False, index=True),
    # open, kept, broken or explained; empty where nothing was promised.
    sa.Column("promise", sa.String(10), nullable=False),
    sa.Column("promised", sa.Date),
    # The same before any extension.
    sa.Column("said_promise", sa.Date),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("said_solved", sa.Integer, nullable=False),
    sa.Column("said_unsolved", sa.Integer, nullable=False),
    sa.Index("ix_matter_openness_promise_promised_matter", "promise", "promised", "matter"),
)

_M, _O = matters.c, openness.c
_LISTED = [_M[name] for name in Listed.__dataclass_fields__]
_CASE: dict[str, sa.ColumnElement[Any]] = {
    **{column.name: column for column in (*matters.c, *openness.c) if column.name in Case.__dataclass_fields__},
    "number": sa.func.coalesce(_M.number, ""),
    "earlier": is_earlier(),
}
"""The fields of `Case`."""

_GROUPS = {"unit": _M.unit, "deputy": _M.deputy, "session": _O.session}

_TOOK = DaysBetween(_M.assigned_on, _M.first_reply_on)

_BOTH = matters.join(openness, _M.id == _O.matter)
_OPEN = "open"
TRIES = 5
"""For a quarter: another one that is frozen at the same moment may take its number in the log."""


class SqlOpenness:
    """Satisfies `liveroom.ports.openness.Openness`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cases(self, kind: str, period: Period) -> list[Case]:
        # One look for each date that can bring a matter into the period: each has its index.
        some = sa.union(*(sa.select(_M.id).where(_inside(period, day)) for day in DAYS)).subquery()
        of_any = _BOTH.join(some, some.c.id == _M.id)
        columns = [_CASE[name].label(name) for name in Case.__dataclass_fields__]
        query = sa.select(*columns).select_from(of_any).where(_M.kind == kind)
        async with self._database.read() as connection:
            return [Case(*row) for row in await connection.execute(query)]

    async def behind(self, scope: Scope, wanted: Opened, today: date, page: int) -> Behind:
        source = _source(fields(wanted.holds) | set(scope.groups))
        found = sa.select(_M.id, _CASE["number"].label("number"), _M.public, _TOOK.label("took")).select_from(source)
        found = found.where(*_counted(scope, wanted.day), in_sql(wanted.holds, _CASE, today))
        # Looked through once, to be counted and to be turned page by page.
        everything = found.cte("found")
        hidden = sa.func.count().filter(sa.not_(everything.c.public))
        sizes = sa.select(sa.func.count().label("total"), hidden.label("hidden")).select_from(everything).subquery()
        some = sa.select(everything).where(everything.c.public).order_by(*_in_order(everything, wanted))
        shown = some.offset((page - 1) * CASES_A_PAGE).limit(CASES_A_PAGE).subquery()
        joined = sizes.outerjoin(shown, sa.true()).outerjoin(matters, _M.id == shown.c.id)
        query = sa.select(*sizes.c, *_LISTED).select_from(joined).order_by(*_in_order(shown, wanted))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return Behind([_listed(row) for row in rows if row["id"]], rows[0]["total"], rows[0]["hidden"])

    async def days_to_reply(self, scope: Scope) -> list[int]:
        counted = [*_counted(scope, "first_reply_on"), _M.assigned_on.is_not(None)]
        query = sa.select(_TOOK, sa.func.count()).select_from(_source(scope.groups)).where(*counted)
        query = query.group_by(_TOOK).order_by(_TOOK)
        async with self._database.read() as connection:
            return [days for days, many in await connection.execute(query) for _ in range(many)]

    async def promises(self, standing: Standing | None, today: date, after: str = "") -> PromisePage:
        where = [*matter_lists.FOR_EVERYBODY, *_stands(standing, today)]
        query = sa.select(*_LISTED, _O.promised, _O.said_promise).select_from(_BOTH).where(*where)
        if after:
            query = query.where(sa.tuple_(_O.promised, _O.matter) > sa.tuple_(*_key(after)))
        query = query.order_by(_O.promised, _O.matter).limit(PAGE + 1)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        shown = found[:PAGE]
        more = f"{shown[-1]['promised'].isoformat()}_{shown[-1]['id']}" if len(found) > PAGE else ""
        return PromisePage([Promise(_listed(row), row["promised"], row["said_promise"]) for row in shown], more)

    async def standings(self, today: date) -> dict[Standing, int]:
        past = sa.func.count().filter(_O.promised < today)
        query = (
            sa.select(_O.promise, sa.func.count(), past)
            .select_from(_BOTH)
            .where(_O.promise != "", *matter_lists.FOR_EVERYBODY)
            .group_by(_O.promise)
        )
        counted = dict.fromkeys(Standing, 0)
        async with self._database.read() as connection:
            for promise, number, late in await connection.execute(query):
                if promise == _OPEN:
                    counted |= {Standing.PROMISED: number - late, Standing.DUE: late}
                else:
                    counted[Standing(promise)] = number
        return counted

    async def told(self, wanted: Wanted, limit: int) -> list[Told]:
        async with self._database.read() as connection:
            conditions = matter_lists.conditions(wanted, connection.dialect.name)
            query = sa.select(*_LISTED, _O.told_at).select_from(_BOTH).where(*matter_lists.FOR_EVERYBODY, *conditions)
            rows = (await connection.execute(query.order_by(_O.told_at.desc()).limit(limit))).mappings()
            return [Told(_listed(row), row["told_at"]) for row in rows]

    async def freeze(self, frozen: Frozen, by: Actor) -> None:
        row = {
            "quarter": frozen.quarter,
            "statement": frozen.statement,
            "key": frozen.key,
            "signature": frozen.signature,
            "at": frozen.at,
            "by": by.id,
            "by_name": by.name,
        }
        for _ in range(TRIES):
            try:
                async with self._database.write() as connection:
                    sealed = await LOG.sealed(connection, row)
                    await connection.execute(sa.insert(frozen_quarters).values(sealed))
                return
            except IntegrityError as error:
                if await self.frozen(frozen.quarter) is not None:
                    raise Refused("already_frozen") from error
        raise Unavailable("other quarters are being frozen")

    async def frozen(self, quarter: str) -> Frozen | None:
        q = frozen_quarters.c
        query = sa.select(q.quarter, q.statement, q.key, q.signature, q.at, q.by_name).where(q.quarter == quarter)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
            return Frozen(*row) if row else None

    async def frozen_quarters(self) -> list[str]:
        query = sa.select(frozen_quarters.c.quarter).order_by(frozen_quarters.c.quarter.desc())
        async with self._database.read() as connection:
            return list((await connection.scalars(query)).all())


async def keep(
    connection: AsyncConnection, before: Matter, after: Matter, events: Sequence[MatterStep], now: datetime
) -> None:
    """Bring what is published of a matter up to date, inside the transaction that changes it."""
    row = values(after)
    if not before.seq:
        # What a list of earlier years brings is no news.
        told_at = began_at(after.began_on) if after.earlier and after.began_on else now
        await connection.execute(sa.insert(openness).values(**row, matter=after.id, told_at=told_at))
        return
    if any(not event.internal for event in events):
        row["told_at"] = now
    await connection.execute(sa.update(openness).where(_O.matter == after.id).values(**row))


def values(matter: Matter) -> dict[str, Any]:
    """What of a matter is published, as columns."""
    stands = standing(matter.promised, matter.state, matter.end, matter.promised) if matter.promised else None
    return {
        "session": matter.sources[0].session if matter.sources else "",
        "promise": "" if stands is None else _OPEN if stands is Standing.PROMISED else stands.value,
        "promised": matter.promised,
        "said_promise": matter.said_promise,
        "asked": matter.asked,
        "said_solved": sum(check.solved for check in matter.checks),
        "said_unsolved": sum(not check.solved for check in matter.checks),
    }


def _inside(period: Period, day: str) -> sa.ColumnElement[bool]:
    return _M[day].between(period.first, period.last)


def _in_order(found: sa.FromClause, wanted: Opened) -> list[sa.ColumnElement[Any]]:
    return [*([found.c.took.desc()] if wanted.slowest_first else []), found.c.number, found.c.id]


def _source(named: Iterable[str]) -> sa.FromClause:
    """Where these fields are found: the rows beside those of the matters are read when they are spoken of."""
    return _BOTH if any(name in _O for name in named) else matters


def _counted(scope: Scope, day: str) -> list[sa.ColumnElement[bool]]:
    """What can count by one day."""
    of_groups = [_GROUPS[group] == value for group, value in scope.groups.items()]
    return [_M.kind == scope.kind, _inside(scope.period, day), *of_groups]


def _stands(standing: Standing | None, today: date) -> list[sa.ColumnElement[bool]]:
    match standing:
        case None:
            return [_O.promise == _OPEN]
        case Standing.PROMISED:
            return [_O.promise == _OPEN, _O.promised >= today]
        case Standing.DUE:
            return [_O.promise == _OPEN, _O.promised < today]
    return [_O.promise == standing.value]


def _key(written: str) -> tuple[sa.BindParameter[date], sa.BindParameter[str]]:
    day, _, matter = written.partition("_")
    try:
        return sa.literal(date.fromisoformat(day), sa.Date), sa.literal(matter, sa.String)
    except ValueError:
        raise Refused("bad_page") from None


def _listed(row: sa.RowMapping) -> Listed:
    return Listed(**{column.name: row[column.name] for column in _LISTED})
