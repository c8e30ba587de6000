"""How the cells of a row are read: words, codes, contacts, days, several names in one cell. Knows no kind of list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from liveroom.contacts import Contact, read_contact
from liveroom.errors import Refused
from liveroom.text import readable

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:0{1,2}:00(?::00)?)?")
_BETWEEN = re.compile(r"[、;；,，\n]")


class Unfit(Exception):
    """A cell that cannot be taken."""

    def __init__(self, column: str, code: str) -> None:
        super().__init__(code)
        self.column = column
        self.code = code


def text(cells: Mapping[str, str], column: str) -> str:
    """The words of a cell, empty when there are none; `unreadable_cell` for signs alone."""
    written = cells.get(column, "")
    if written and not readable(written):
        raise Unfit(column, "unreadable_cell")
    return written


def matching(cells: Mapping[str, str], column: str, form: re.Pattern[str], code: str) -> str:
    """A cell of that form, or an empty one; else `code`."""
    written = cells.get(column, "")
    if written and not form.fullmatch(written):
        raise Unfit(column, code)
    return written


def reached_at(cells: Mapping[str, str], column: str) -> Contact | None:
    """A mail address or a mobile number, as people type their own; nothing of an empty cell. `bad_contact`."""
    try:
        return read_contact(cells[column]) if cells.get(column) else None
    except Refused as refused:
        raise Unfit(column, refused.code) from None


def parts(cells: Mapping[str, str], column: str, limit: int) -> tuple[str, ...]:
    """The names in a cell, each once, however they are separated; `too_many_parts`."""
    found = tuple(dict.fromkeys(p for p in map(str.strip, _BETWEEN.split(cells.get(column, ""))) if p))
    if len(found) > limit:
        raise Unfit(column, "too_many_parts")
    return found


def read_date(cells: Mapping[str, str], column: str) -> date:
    """A day as people and spreadsheets write it: 2027-01-01, 2027/1/1, 2027年1月1日, 2027-01-01 00:00:00."""
    found = _DATE.fullmatch(cells.get(column, "").replace(" ", ""))
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not 1949 <= day.year <= 2099:
        raise Unfit(column, "bad_date")
    return day
