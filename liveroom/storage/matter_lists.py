"""Lists of matters: what is wanted as conditions, one page after the other. Knows no step.

Pages go on after a key (the place, or the day it falls due and the place), so the hundredth costs what the first does.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from liveroom.errors import Refused
from liveroom.matters import parties
from liveroom.ports.matters import Listed, Order, Page, Wanted
from liveroom.storage import matter_tables
from liveroom.storage.earlier import of_import
from liveroom.storage.matter_tables import NEVER, matters
from liveroom.storage.matter_words import places

_M = matters.c
_SHOWN = [_M[name] for name in Listed.__dataclass_fields__]
MOST = 200

FOR_EVERYBODY: tuple[sa.ColumnElement[bool], ...] = (
    _M.public.is_(sa.true()),
    _M.kind.in_(sorted(parties.FOR_EVERYBODY)),
)
"""What everybody reads: `Sight.FACE` of `matters/sight.py` in SQL. `_M.public` alone is `Sight.STANDING`, and what
somebody sees whole is what concerns one of their `parties.names_of` (`Wanted.theirs`)."""


def page(wanted: Wanted, order: Order, after: str, limit: int, dialect: str) -> sa.Select[Any]:
    """One row more than asked for, which says whether there is another page. `Refused("bad_page")`."""
    query = sa.select(*_SHOWN, _M.place, _M.falls_due).where(*conditions(wanted, dialect))
    if order is Order.NEWEST:
        query = query.order_by(_M.place.desc())
        if after:
            query = query.where(_M.place < _number(after))
    else:
        query = query.order_by(_M.falls_due, _M.place)
        if after:
            day, _, place = after.partition("_")
            query = query.where(sa.tuple_(_M.falls_due, _M.place) > sa.tuple_(_day(day), sa.literal(_number(place))))
    return query.limit(min(limit, MOST) + 1)


def rows(found: list[sa.RowMapping], order: Order, limit: int) -> Page:
    """The rows of such a query as a page."""
    shown = found[: min(limit, MOST)]
    after = ""
    if len(found) > len(shown):
        last = shown[-1]
        after = str(last["place"]) if order is Order.NEWEST else f"{last['falls_due'].isoformat()}_{last['place']}"
    return Page([Listed(**{column.name: row[column.name] for column in _SHOWN}) for row in shown], after)


def conditions(wanted: Wanted, dialect: str) -> list[sa.ColumnElement[bool]]:
    """Everything that a row must fulfil."""
    found: list[sa.ColumnElement[bool]] = []
    for values, column in (
        (wanted.kinds, _M.kind),
        (wanted.states, _M.state),
        (wanted.ends, _M.end),
        (wanted.letters, _M.letter),
    ):
        if values:
            found.append(column == values[0] if len(values) == 1 else column.in_(list(values)))
    for value, column in ((wanted.unit, _M.unit), (wanted.deputy, _M.deputy), (wanted.late, _M.late)):
        if value:
            found.append(column == value)
    p = matter_tables.parties.c
    for names in (wanted.parties, wanted.theirs):
        if names:
            found.append(_M.id.in_(sa.select(p.matter).where(p.party.in_(list(names)))))
    for flag, said in (
        (wanted.public, _M.public),
        (wanted.supervised, _M.supervised),
    ):
        if flag is not None:
            found.append(said.is_(flag) if dialect == "postgresql" else said == flag)
    for flag, counted in (
        (wanted.dissatisfied, _M.dissatisfied),
        (wanted.returned, _M.returns),
        (wanted.extended, _M.extended),
        (wanted.reopened, _M.reopenings),
    ):
        if flag is not None:
            found.append(counted > 0 if flag else counted == 0)
    if wanted.listed is not None:
        found.append(_M.late != "" if wanted.listed else _M.late == "")
    if wanted.final is not None:
        found.append(_M.end != "" if wanted.final else _M.end == "")
    if wanted.replied is not None:
        found.append(_M.letter != "" if wanted.replied else _M.letter == "")
    if wanted.due_before is not None:
        found += [_M.end == "", _M.falls_due < wanted.due_before]
    if wanted.due_from is not None:
        found += [_M.falls_due >= wanted.due_from, _M.falls_due < NEVER]
    if wanted.closed_from is not None:
        found.append(sa.or_(_M.end == "", _M.closed_on >= wanted.closed_from))
    if wanted.year is not None:
        found += [_M.created_at >= _new_year(wanted.year), _M.created_at < _new_year(wanted.year + 1)]
    if wanted.created_from is not None:
        found.append(_M.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        found.append(_M.created_at <= wanted.created_to)
    if wanted.brought_by:
        found.append(of_import(wanted.brought_by))
    if wanted.text:
        those = places(wanted.text, dialect)
        found.append(sa.false() if those is None else _M.place.in_(those))
    return found


def _new_year(year: int) -> datetime:
    return datetime(max(1, min(year, 9998)), 1, 1, tzinfo=UTC)


def _number(written: str) -> int:
    digits = written.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 11):
        raise Refused("bad_page")
    # What no place can be is none that a page gave.
    return max(-(2**31), min(int(written), 2**31 - 1))


def _day(written: str) -> sa.BindParameter[date]:
    try:
        return sa.literal(date.fromisoformat(written), sa.Date)
    except ValueError:
        raise Refused("bad_page") from None
