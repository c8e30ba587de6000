"""How many matters each unit has, by where they stand and when they fall due: one query. Knows no stage."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from liveroom.ports.matters import UnitTally
from liveroom.storage.matter_tables import matters

_M = matters.c


def tallies(kinds: Collection[str], since: date, today: date, later: date) -> sa.Select[Any]:
    """What is open, and what was closed from `since` on; of dates it says only on which side of two days they lie."""
    falls = sa.case((_M.falls_due < today, "over"), (_M.falls_due < later, "soon"), else_="later").label("falls")
    replied = sa.case((_M.letter != "", 1), else_=0).label("replied")
    group = (_M.unit, _M.kind, _M.state, falls, replied)
    return (
        sa.select(*group, sa.func.max(_M.unit_name).label("name"), sa.func.count().label("count"))
        .where(_M.kind.in_(list(kinds)), _M.unit != "", sa.or_(_M.end == "", _M.closed_on >= since))
        .group_by(*group)
    )


def tally(row: sa.RowMapping) -> UnitTally:
    return UnitTally(
        unit=row["unit"],
        name=row["name"],
        kind=row["kind"],
        state=row["state"],
        falls=row["falls"],
        replied=bool(row["replied"]),
        count=row["count"],
    )
