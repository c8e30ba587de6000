"""Writes rows into a file, page by page: CSV and XLSX for people, JSON for programs. Knows no list and no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec

from liveroom.exchange.cells import MARK, lines

Value = str | int | bool | date | None


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its name for programs, and its words for people."""

    name: str
    words: str


class Writer(Protocol):
    """A file that grows by rows. Not for several threads at once, but for one after the other."""

    def write(self, rows: Sequence[Sequence[Value]]) -> None: ...

    def close(self) -> None:
        """The file is whole now."""


class CsvWriter:
    """RFC 4180, as Chinese spreadsheets open it."""

    def __init__(self, path: Path, heads: Sequence[Head]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(MARK + lines([[head.words for head in heads]]))

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        self._file.write(lines([["" if v is None else _said(v) for v in row] for row in rows]))

    def close(self) -> None:
        self._file.close()


class JsonWriter:
    """One array of objects."""

    def __init__(self, path: Path, heads: Sequence[Head]) -> None:
        self._names = [head.name for head in heads]
        self._file = path.open("wb")
        self._before = b"[\n"

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        for row in rows:
            self._file.write(self._before + msgspec.json.encode(dict(zip(self._names, row, strict=True))))
            self._before = b",\n"

    def close(self) -> None:
        self._file.write(b"\n]\n" if self._before == b",\n" else b"[]\n")
        self._file.close()


class XlsxWriter:
    """A workbook with one sheet. Rows go to the disk as they come; text is text, whatever it begins with."""

    def __init__(self, path: Path, heads: Sequence[Head]) -> None:
        import xlsxwriter  # seconds of starting that few ever need

        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "in_memory": False})
        self._sheet = self._book.add_worksheet()
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        self._row = 0
        for place, head in enumerate(heads):
            self._sheet.set_column(place, place, max(10, 2 * len(head.words) + 2))
            self._sheet.write_string(0, place, head.words, bold)

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        for row in rows:
            self._row += 1
            for place, value in enumerate(row):
                match value:
                    case None | "":
                        pass
                    case bool() | str():
                        self._sheet.write_string(self._row, place, str(_said(value)))
                    case int():
                        self._sheet.write_number(self._row, place, value)
                    case _:
                        self._sheet.write_datetime(self._row, place, value, self._date)

    def close(self) -> None:
        self._book.close()


def _said(value: Value) -> Value:
    return ("✓" if value else "") if isinstance(value, bool) else value


WRITERS: dict[str, tuple[type[CsvWriter] | type[JsonWriter] | type[XlsxWriter], str]] = {
    "csv": (CsvWriter, "text/csv; charset=utf-8"),
    "xlsx": (XlsxWriter, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (JsonWriter, "application/json"),
}
"""What writes a form, and its media type."""
