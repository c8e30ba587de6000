"""The fields that steps may ask for, and how they are read. Knows no step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from liveroom.errors import Refused
from liveroom.matters.calendar import add_months
from liveroom.matters.workflow import Field
from liveroom.text import clean, clean_lines, readable

TITLE_LIMIT = 80
BODY_LIMIT = 5000
REPLY_LIMIT = 5000
MANY = 20
"""How many units or deputies one field can name."""

DATE_MONTHS = 120
"""How far ahead a deadline may lie: beyond ten years it is a slip of the pen."""

EVALUATIONS = ("satisfied", "basically_satisfied", "dissatisfied")

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        field.name: field
        for field in (
            Field("title", "line", limit=TITLE_LIMIT),
            Field("body", "text", limit=BODY_LIMIT),
            Field("reason", "text", limit=300),
            Field("signature", "line", limit=40),
            Field("deputy", "deputy"),
            Field("others", "deputies"),
            Field("unit", "unit"),
            Field("co_units", "units"),
            Field("due", "date"),
            Field("until", "date"),
            Field("promise_due", "date"),
            Field("contact", "text", limit=500),
            Field("class", "letter"),
            Field("text", "text", limit=REPLY_LIMIT),
            Field("note", "text", limit=500),
            Field("comment", "text", limit=500),
            Field("attitude", "choice", choices=EVALUATIONS),
            Field("result", "choice", choices=EVALUATIONS),
            Field("instead", "choice", choices=("work_order", "referral", "text_answer")),
            Field("referred_to", "line", required=False, limit=80),
            Field("answer", "text", required=False, limit=300),
            Field("into", "matter", limit=20),
            Field("solved", "choice", choices=("yes", "no")),
            Field("reached", "choice", choices=("yes", "no")),
            Field("found", "choice", choices=("done", "not_done")),
            Field("outcome", "choice", choices=("fulfilled", "broken")),
            Field("checklist", "checklist"),
        )
    }
)
"""Every field by its name. A rule set names them, with “?” after those that may stay empty."""


_WITH: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"instead": MappingProxyType({"referral": "referred_to", "text_answer": "answer"})}
)
"""What a choice needs beside it: whoever refers it elsewhere says to whom, whoever answers says the answer."""


def along(field: Field) -> list[Field]:
    """The field with those that one of its choices needs; a rule set need not name them."""
    return [field, *(FIELDS[name] for name in _WITH.get(field.name, {}).values())]


def needed_with(field: str) -> list[tuple[str, str]]:
    """Each choice of a field that needs another one, with the name of that."""
    return list(_WITH.get(field, {}).items())


def fitting(kept: Mapping[str, str]) -> dict[str, str]:
    """The values, without what belongs to a choice that was not made; `empty` where what a choice needs is missing."""
    found = dict(kept)
    for field, needed in _WITH.items():
        for choice, name in needed.items() if field in kept else ():
            if kept[field] != choice:
                found.pop(name, None)
            elif not kept.get(name):
                raise Refused("empty", field=name)
    return found


def asked_for(written: str) -> Field | None:
    """The field that a rule set means; None when there is none of that name."""
    field = FIELDS.get(written.removesuffix("?"))
    return replace(field, required=False) if field and written.endswith("?") else field


def dates(today: date) -> tuple[date, date]:
    """The first and the last day that a deadline may have."""
    return today, add_months(today, DATE_MONTHS)


def read(
    field: Field,
    written: str,
    today: date,
    *,
    units: Mapping[str, str],
    deputies: Mapping[str, str],
    letters: Collection[str],
    points: Collection[str] = (),
) -> str:
    """The value of a field in the form in which it is kept, empty when it may be and is.

    A checklist is written `point=yes,point=no`. Raises `Refused`: `empty`, `too_long`, `bad_choice`, `bad_time`,
    `date_out_of_range`, `checklist_open`.
    """
    if field.kind == "checklist":
        return _answered(written, points)
    text = clean_lines(written) if field.kind == "text" else clean(written)
    if not readable(text):
        if field.required:
            raise Refused("empty", field=field.name)
        return ""
    if len(text) > field.limit:
        raise Refused("too_long", field=field.name, limit=field.limit)
    match field.kind:
        case "choice":
            return _one_of(field, text, field.choices)
        case "letter":
            return _one_of(field, text, letters)
        case "unit":
            return _one_of(field, text, units)
        case "deputy":
            return _one_of(field, text, deputies)
        case "units":
            return _some_of(field, text, units)
        case "deputies":
            return _some_of(field, text, deputies)
        case "date":
            return _date(field, text, today)
    return text


def day(written: str | None) -> date | None:
    """A date as it is written; None for what is none."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


def names(written: str) -> tuple[str, ...]:
    """The identifiers of a field with several, in their order, each once."""
    return tuple(dict.fromkeys(name for name in (part.strip() for part in written.split(",")) if name))


def answers(written: str) -> dict[str, str]:
    """What a checklist says, by its points."""
    pairs = (part.partition("=") for part in names(written))
    return {point.strip(): answer.strip() for point, _, answer in pairs}


def _one_of(field: Field, text: str, known: Collection[str]) -> str:
    if text not in known:
        raise Refused("bad_choice", field=field.name)
    return text


def _some_of(field: Field, text: str, known: Collection[str]) -> str:
    found = names(text)
    if len(found) > MANY:
        raise Refused("too_long", field=field.name, limit=MANY)
    return ",".join(_one_of(field, name, known) for name in found)


def _answered(written: str, points: Collection[str]) -> str:
    """Every point, in its order, with its answer."""
    given = answers(written)
    if any(given.get(point) not in ("yes", "no") for point in points):
        raise Refused("checklist_open", field="checklist")
    return ",".join(f"{point}={given[point]}" for point in points)


def _date(field: Field, text: str, today: date) -> str:
    found, (first, last) = day(text), dates(today)
    if found is None:
        raise Refused("bad_time", field=field.name)
    if not first <= found <= last:
        raise Refused("date_out_of_range", field=field.name, first=first.isoformat(), last=last.isoformat())
    return found.isoformat()
