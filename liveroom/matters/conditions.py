"""Conditions on the fields of a matter, as data: tried on a value here, and on rows by the storage. Knows no field.

A condition is true or false, never unknown: what speaks of a day that is not known is false.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import attrgetter
from typing import Any

Predicate = Callable[[Any, date], bool]
"""Of a value that has the fields, and today."""


@dataclass(frozen=True, slots=True)
class Among:
    """The field has one of these values."""

    field: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Above:
    """The field is greater."""

    field: str
    number: int


@dataclass(frozen=True, slots=True)
class Known:
    """There is a day."""

    field: str


@dataclass(frozen=True, slots=True)
class UpTo:
    """The field is not greater than the other one; both are known."""

    field: str
    other: str


@dataclass(frozen=True, slots=True)
class Past:
    """The day was before today."""

    field: str


@dataclass(frozen=True, slots=True)
class Within:
    """From the first day to the other one it took no more than so many days; both are known."""

    first: str
    other: str
    days: int


@dataclass(frozen=True, slots=True, init=False)
class Every:
    """All of these; of none it is true."""

    parts: tuple[Condition, ...]

    def __init__(self, *parts: Condition) -> None:
        object.__setattr__(self, "parts", parts)


@dataclass(frozen=True, slots=True, init=False)
class Some:
    """One of these at least."""

    parts: tuple[Condition, ...]

    def __init__(self, *parts: Condition) -> None:
        object.__setattr__(self, "parts", parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Among | Above | Known | UpTo | Past | Within | Every | Some | Not


def predicate(condition: Condition) -> Predicate:
    """The condition as a function."""
    match condition:
        case Among(field, values):
            get, allowed = attrgetter(field), frozenset(values)
            return lambda value, _today: get(value) in allowed
        case Above(field, number):
            get = attrgetter(field)
            return lambda value, _today: get(value) > number
        case Known(field):
            get = attrgetter(field)
            return lambda value, _today: get(value) is not None
        case UpTo(field, other):
            both = attrgetter(field, other)
            return lambda value, _today: None not in (pair := both(value)) and pair[0] <= pair[1]
        case Past(field):
            get = attrgetter(field)
            return lambda value, today: (day := get(value)) is not None and day < today
        case Within(field, other, days):
            both = attrgetter(field, other)
            return lambda value, _today: None not in (pair := both(value)) and (pair[1] - pair[0]).days <= days
        case Every(parts):
            return reduce(_both, map(predicate, parts), lambda _value, _today: True)
        case Some(parts):
            return reduce(_either, map(predicate, parts), lambda _value, _today: False)
        case Not(part):
            inner = predicate(part)
            return lambda value, today: not inner(value, today)


def fields(condition: Condition) -> frozenset[str]:
    """What a condition speaks of."""
    match condition:
        case UpTo(field, other) | Within(field, other, _):
            return frozenset({field, other})
        case Every(parts) | Some(parts):
            return frozenset().union(*map(fields, parts))
        case Not(part):
            return fields(part)
    return frozenset({condition.field})


def _both(first: Predicate, second: Predicate) -> Predicate:
    return lambda value, today: first(value, today) and second(value, today)


def _either(first: Predicate, second: Predicate) -> Predicate:
    return lambda value, today: first(value, today) or second(value, today)
