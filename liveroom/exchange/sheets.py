"""What the lists that can be imported hold: their columns, and how a row is read. Knows no records to compare with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from liveroom.contacts import MAIL_LONGEST, Contact
from liveroom.exchange import past
from liveroom.exchange.past import OldSuggestion
from liveroom.exchange.rows import Unfit, matching, parts, reached_at, read_date, text
from liveroom.exchange.tables import FILE_LIMIT, ROWS_LIMIT, SHOWN, Column, Problem, Table, read_table
from liveroom.rooms.station import Station

_LOGIN = re.compile(r"[^\s:]+")
_CODE = re.compile(r"[A-Za-z0-9_-]+")
_WORKED = {"班": True, "上班": True, "补班": True, "调休上班": True, "work": True, "休": False, "休息": False,
           "放假": False, "假": False, "rest": False}  # fmt: skip
JURISDICTIONS = 50


@dataclass(frozen=True, slots=True)
class Deputy:
    """A deputy's account: its login, the name that others see, and where reminders go. No password comes from a file.

    A contact that is `proved` is its person's own, and no file changes it.
    """

    login: str
    name: str
    contact: Contact | None = None
    proved: bool = False

    @property
    def key(self) -> str:
        return self.login

    def cells(self) -> tuple[str, ...]:
        return self.login, self.name, self.contact.hint if self.contact else ""


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A handling unit; without a code of the office's own it is known by its name."""

    code: str
    name: str

    @property
    def key(self) -> str:
        # No code holds this character, so no name is taken for one.
        return self.code or f"={self.name}"

    def cells(self) -> tuple[str, ...]:
        return self.code, self.name


@dataclass(frozen=True, slots=True)
class StationEntry:
    """A liaison station."""

    station: Station

    @property
    def key(self) -> str:
        return self.station.id

    def cells(self) -> tuple[str, ...]:
        s = self.station
        return s.id, s.name, s.island, s.address, "、".join(s.jurisdictions)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day of the year's notice: off, or a weekend day that is worked instead."""

    day: date
    worked: bool
    name: str = ""

    @property
    def key(self) -> str:
        return self.day.isoformat()

    def cells(self) -> tuple[str, ...]:
        return self.key, "班" if self.worked else "休", self.name


Entry = Deputy | UnitEntry | StationEntry | Holiday | OldSuggestion


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of list. `example` is a row as it may be written; `whole` looks at all rows together.

    `size` is in bytes; `rows` without the heading; `shown` are the columns that say enough to look at, none for all.
    """

    kind: str
    columns: tuple[Column, ...]
    example: tuple[str, ...]
    read: Callable[[Mapping[str, str]], Entry]
    whole: Callable[[Sequence[tuple[int, Entry]]], list[Problem]] = lambda _entries: []
    size: int = FILE_LIMIT
    rows: int = ROWS_LIMIT
    shown: tuple[str, ...] = ()

    def table(self, content: bytes) -> Table:
        """What a file holds, within the limits of this kind of list."""
        return read_table(content, self.columns, self.size, self.rows)


def entries(sheet: Sheet, table: Table) -> tuple[list[tuple[int, Entry]], list[Problem]]:
    """The entries of a table with their rows, and every problem there is, in the order of the rows.

    Problems that a sheet adds: `bad_login`, `bad_contact`, `bad_code`, `bad_date`, `bad_kind_of_day`,
    `unreadable_cell`, `too_many_parts`, `twice`, `not_a_weekend`, `year_incomplete`, `bad_number`, `dates_crossed`,
    `bad_evaluation`.
    """
    found: list[tuple[int, Entry]] = []
    problems = list(table.problems)
    bad = {problem.row for problem in problems}
    seen: set[str] = set()
    for row in table.rows:
        if row.number in bad:
            continue
        try:
            entry = sheet.read(row.cells)
        except Unfit as unfit:
            problems.append(Problem(row.number, unfit.code, unfit.column, row.cells.get(unfit.column, "")[:SHOWN]))
            continue
        if entry.key in seen:
            problems.append(Problem(row.number, "twice", text=" ".join(entry.cells()[:2]).strip()[:SHOWN]))
            continue
        seen.add(entry.key)
        found.append((row.number, entry))
    if not problems:
        problems += sheet.whole(found)
    return found, sorted(problems, key=lambda problem: problem.row)


def _deputy(cells: Mapping[str, str]) -> Entry:
    login = matching(cells, "login", _LOGIN, "bad_login")
    return Deputy(login, text(cells, "name"), reached_at(cells, "contact"))


def _unit(cells: Mapping[str, str]) -> Entry:
    return UnitEntry(matching(cells, "code", _CODE, "bad_code"), text(cells, "name"))


def _station(cells: Mapping[str, str]) -> Entry:
    jurisdictions = parts(cells, "jurisdictions", JURISDICTIONS)
    code = matching(cells, "code", _CODE, "bad_code")
    return StationEntry(
        Station(code, text(cells, "name"), text(cells, "island"), text(cells, "address"), jurisdictions)
    )


def _holiday(cells: Mapping[str, str]) -> Entry:
    day, kind = read_date(cells, "date"), cells["kind"].casefold()
    if kind not in _WORKED:
        raise Unfit("kind", "bad_kind_of_day")
    if _WORKED[kind] and day.weekday() < 5:
        raise Unfit("date", "not_a_weekend")
    return Holiday(day, _WORKED[kind], cells.get("name", ""))


def _whole_years(found: Sequence[tuple[int, Entry]]) -> list[Problem]:
    """A year counts as known once it is imported, so a file with half of one would make wrong deadlines.

    Every notice has New Year, Labour Day and the National Day, and eleven days off (thirteen since 2025).
    """
    off: dict[int, list[tuple[int, int]]] = {}
    first: dict[int, int] = {}
    for row, entry in found:
        if isinstance(entry, Holiday):
            first.setdefault(entry.day.year, row)
            off.setdefault(entry.day.year, [])
            if not entry.worked:
                off[entry.day.year].append((entry.day.month, entry.day.day))
    return [
        Problem(first[year], "year_incomplete", "date", str(year))
        for year, days in sorted(off.items())
        if len(days) < 11 or not {(1, 1), (5, 1), (10, 1)} <= set(days)
    ]


_NAME = ("姓名", "名称", "名字")
_CONTACT = ("邮箱或手机号", "邮箱或手机", "邮箱", "电子邮箱", "电子邮件", "手机号", "手机", "手机号码", "联系方式",
            "mail", "email", "mobile")  # fmt: skip
DEPUTIES = Sheet(
    "deputies",
    (
        Column("login", ("用户名", "登录名", "账号"), True, 40),
        Column("name", _NAME, True, 40),
        Column("contact", _CONTACT, limit=MAIL_LONGEST),
    ),
    ("lin", "林代表", "lin@example.org"),
    _deputy,
)
UNITS = Sheet(
    "units",
    (Column("code", ("编号", "代码"), limit=32), Column("name", ("名称", "单位", "单位名称"), True, 40)),
    ("water", "水务局"),
    _unit,
)
STATIONS = Sheet(
    "stations",
    (
        Column("code", ("编号", "代码"), True, 32),
        Column("name", ("名称", "站名"), True, 40),
        Column("island", ("乡镇", "岛屿", "街道", "island/township")),
        Column("address", ("地址",), limit=200),
        Column("jurisdictions", ("辖区", "联系范围"), limit=1000, lines=True),
    ),
    ("S01", "东屿代表联络站", "东屿镇", "码头路 3 号", "东屿村、北礁村"),
    _station,
)
HOLIDAYS = Sheet(
    "holidays",
    (
        Column("date", ("日期",), True, 20),
        Column("kind", ("休班", "类型", "休/班"), True, 10),
        Column("name", ("说明", "节日", "名称"), limit=40),
    ),
    ("2027-01-01", "休", "元旦"),
    _holiday,
    _whole_years,
)
SUGGESTIONS = Sheet(
    "suggestions", past.COLUMNS, past.EXAMPLE, past.read_old, size=past.SIZE, rows=past.ROWS, shown=past.SHOWN
)
SHEETS = {sheet.kind: sheet for sheet in (DEPUTIES, UNITS, STATIONS, HOLIDAYS, SUGGESTIONS)}


def template(sheet: Sheet) -> list[tuple[str, ...]]:
    """The rows of an empty file to fill in: a remark with an example, and the heading."""
    first, *rest = sheet.example
    return [(f"# {first}", *rest), tuple(column.heads[0] for column in sheet.columns)]
