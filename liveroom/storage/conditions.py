"""Conditions of `liveroom.matters.conditions` in SQL. Knows no table: the columns of the fields are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement, FunctionElement

from liveroom.matters.conditions import Above, Among, Condition, Every, Known, Not, Past, Some, UpTo, Within


class DaysBetween(FunctionElement[int]):
    """How many days the second date is after the first."""

    name = "days_between"
    inherit_cache = True
    type = sa.Integer()


@compiles(DaysBetween)
def _days(element: DaysBetween, compiler: SQLCompiler, **told: Any) -> str:
    first, second = (compiler.process(day, **told) for day in element.clauses)
    return f"({second} - {first})"


@compiles(DaysBetween, "sqlite")
def _days_of_text(element: DaysBetween, compiler: SQLCompiler, **told: Any) -> str:
    first, second = (compiler.process(day, **told) for day in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


def in_sql(condition: Condition, columns: Mapping[str, ColumnElement[Any]], today: date) -> ColumnElement[bool]:
    """The condition on these columns; what may be NULL are days alone."""

    def sql(part: Condition) -> ColumnElement[bool]:
        return in_sql(part, columns, today)

    match condition:
        case Among(field, values):
            return columns[field].in_(values)
        case Above(field, number):
            return columns[field] > number
        case Known(field):
            return columns[field].is_not(None)
        case UpTo(field, other):
            return sa.and_(*_known(columns, field, other), columns[field] <= columns[other])
        case Past(field):
            return sa.and_(*_known(columns, field), columns[field] < today)
        case Within(first, other, days):
            return sa.and_(*_known(columns, first, other), DaysBetween(columns[first], columns[other]) <= days)
        case Every(parts):
            return sa.and_(sa.true(), *map(sql, parts))
        case Some(parts):
            return sa.or_(sa.false(), *map(sql, parts))
        case Not(part):
            return sa.not_(sql(part))


def _known(columns: Mapping[str, ColumnElement[Any]], *fields: str) -> list[ColumnElement[bool]]:
    """Before a comparison, so that it is false and not unknown: what is unknown stays so when it is negated."""
    return [columns[field].is_not(None) for field in fields]
