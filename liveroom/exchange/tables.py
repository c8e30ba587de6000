"""A file as spreadsheets write it (CSV, .xlsx), as cells by column. Knows no kind of list and keeps nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from liveroom.exchange.workbooks import Unreadable, read_workbook
from liveroom.text import clean, clean_lines

FILE_LIMIT = 1024 * 1024
"""Bytes of a file."""
ROWS_LIMIT = 5_000
PROBLEMS_LIMIT = 500
"""Bad rows that are told; a file with more of them is the wrong file."""
SHOWN = 40
"""Characters of a bad cell that are told."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula; a quote before it says that it is text."""
_WORKBOOK = b"PK\x03\x04"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SEPARATORS = ",\t;，"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name; `heads` are what else may stand in the heading, the Chinese word first."""

    name: str
    heads: tuple[str, ...]
    required: bool = False
    limit: int = 80
    lines: bool = False
    """Whether a cell may have several lines."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken. `row` counts as spreadsheets do: the heading is row 1; 0 is the file itself."""

    row: int
    code: str
    column: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number and its cells, cleaned; a cell that is not there is empty."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds, and what of it cannot be read. `ignored` are headings that mean nothing to us."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()


def read_table(
    content: bytes, columns: Sequence[Column], size: int = FILE_LIMIT, rows_limit: int = ROWS_LIMIT
) -> Table:
    """The rows of a file. Rows that begin with `#` are remarks, empty ones are nothing.

    Problems of the file: `too_large`, `bad_workbook`, `workbook_large`, `not_text`, `no_heading`, `too_many_rows`; of
    the heading: `column_missing`, `column_twice`; of rows: `broken_quotes`, `too_many_cells`, `cell_empty`,
    `cell_long`.
    """
    if len(content) > size:
        return _unreadable("too_large")
    try:
        # Room for the heading and remarks; how many rows there are is said below.
        records = _cells(content, 2 * rows_limit + 2) if content.startswith(_WORKBOOK) else _lines(content)
    except Unreadable as error:
        return _unreadable(error.code)
    heading: list[str] | None = None
    names: list[Column | None] = []
    rows: list[Row] = []
    problems: list[Problem] = []
    while len(problems) < PROBLEMS_LIMIT:
        number, record = next(records, (0, None))
        if record is None:
            if number:
                # What follows may be read one cell off: nothing after it can be trusted.
                problems.append(Problem(number, "broken_quotes"))
            break
        if not any(cell.strip() for cell in record) or record[0].lstrip().startswith("#"):
            continue
        if heading is None:
            heading = [clean(cell) for cell in record]
            names = [_column(head, columns) for head in heading]
            problems += _heading_problems(number, names, columns)
            if problems:
                break
        elif len(rows) == rows_limit:
            return _unreadable("too_many_rows")
        else:
            row, bad = _row(number, record, names)
            rows.append(row)
            problems += bad
    if heading is None and not problems:
        return _unreadable("no_heading")
    ignored = tuple(head[:SHOWN] for head, column in zip(heading or [], names, strict=True) if column is None and head)
    return Table(tuple(rows), tuple(problems), ignored)


def _unreadable(code: str) -> Table:
    return Table(problems=(Problem(0, code),))


def _cells(content: bytes, most: int) -> Iterator[tuple[int, list[str] | None]]:
    """The records of a workbook with their numbers. Raises `Unreadable`."""
    return iter([(number, cells) for number, cells in read_workbook(content, most)])


def _lines(content: bytes) -> Iterator[tuple[int, list[str] | None]]:
    """The records of a CSV file with their numbers; nothing instead of one that cannot be read. Raises `Unreadable`."""
    text = _text(content)
    if text is None:
        raise Unreadable("not_text")

    def numbered() -> Iterator[tuple[int, list[str] | None]]:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
        number = 0
        while True:
            number += 1
            try:
                record = next(records, None)
            except csv.Error:
                yield number, None
                return
            if record is None:
                return
            yield number, record

    return numbered()


def _text(content: bytes) -> str | None:
    """UTF-8 and UTF-16 by their marks; without one UTF-8, or else GB18030, which Chinese spreadsheets write."""
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _separator(text: str) -> str:
    """What stands between the cells: whatever the first line that is no remark has most of."""
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip('"').startswith("#"))
    first = next(lines, "")
    return max(_SEPARATORS, key=first.count)


def _column(head: str, columns: Sequence[Column]) -> Column | None:
    written = _plain(head)
    return next((column for column in columns if written in map(_plain, (column.name, *column.heads))), None)


def _plain(head: str) -> str:
    return head.replace(" ", "").replace("_", "").casefold()


def _heading_problems(number: int, names: Sequence[Column | None], columns: Sequence[Column]) -> list[Problem]:
    missing = [Problem(number, "column_missing", c.name) for c in columns if c.required and c not in names]
    return missing + [Problem(number, "column_twice", c.name) for c in columns if names.count(c) > 1]


def _row(number: int, record: Sequence[str], names: Sequence[Column | None]) -> tuple[Row, list[Problem]]:
    cells: dict[str, str] = {}
    problems: list[Problem] = []
    if any(cell.strip() for cell in record[len(names) :]):
        problems.append(Problem(number, "too_many_cells", text=record[len(names)][:SHOWN]))
    padded = [*record, *("" for _ in names)]
    for column, written in zip(names, padded, strict=False):
        if column is None:
            continue
        cell = _cell(written, column)
        cells[column.name] = cell
        if column.required and not cell:
            problems.append(Problem(number, "cell_empty", column.name))
        elif len(cell) > column.limit:
            problems.append(Problem(number, "cell_long", column.name, cell[:SHOWN]))
    return Row(number, cells), problems


def _cell(written: str, column: Column) -> str:
    if written.startswith("'") and written[1:].startswith(FORMULA):
        written = written[1:]
    return clean_lines(written) if column.lines else clean(written)
