"""An Excel workbook (ECMA-376, .xlsx) as rows of text: the first sheet, values alone. Knows no column's meaning.

What comes is not trusted: nothing is unpacked beyond limits, no document type is read, formulas are never worked out.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from xml.parsers import expat

PART_LIMIT = 32 * 1024 * 1024
"""Bytes of one part, unpacked."""
COLUMNS_LIMIT = 200
CELL_LIMIT = 32_767
"""What a cell can hold, by the specification of Excel."""
STRINGS_LIMIT = 200_000
BLANK_LIMIT = 1_000_000
"""The last row that a sheet can have is 1 048 576."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_DATED = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Formats that are dates in every workbook, or in Chinese ones (18.8.30, numFmt)."""
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, IndexError, OverflowError, EOFError,
    NotImplementedError, RuntimeError, UnicodeError,
)  # fmt: skip


class Unreadable(Exception):
    """`bad_workbook`, `workbook_large` or `too_many_rows`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_workbook(content: bytes, rows: int) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet that hold anything, with their numbers; at most `rows`. Raises `Unreadable`.

    A date is written as 2024-03-05, a whole number without a point; of a formula its last result.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            place, base = _first_sheet(book)
            strings = _Strings()
            _parse(book, _beside(place, "sharedStrings.xml", book), strings)
            styles = _Styles()
            _parse(book, _beside(place, "styles.xml", book), styles)
            sheet = _Sheet(strings.found, styles.dated, base, rows)
            _parse(book, place, sheet)
            return sheet.rows()
    except Unreadable:
        raise
    except _BROKEN as error:
        raise Unreadable("bad_workbook") from error


class _Handler:
    """What is done with the elements of a part, by names without their namespaces."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class _Strings(_Handler):
    """Strings that cells share; how they are pronounced (`rPh`) is left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._said = self._spoken = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._spoken = True
        elif name == "t":
            self._said = not self._spoken

    def end(self, name: str) -> None:
        if name == "t":
            self._said = False
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            if len(self.found) == STRINGS_LIMIT:
                raise Unreadable("workbook_large")
            self.found.append("".join(self._parts))

    def text(self, text: str) -> None:
        if self._said:
            self._parts.append(text)


class _Styles(_Handler):
    """Which styles of cells show a date."""

    def __init__(self) -> None:
        self.dated: list[bool] = []
        self._formats: dict[int, bool] = {}
        self._within = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            shown = _QUOTED.sub("", attributes.get("formatCode", "")).lower()
            self._formats[int(attributes["numFmtId"])] = "y" in shown or ("m" in shown and "d" in shown)
        elif name == "cellXfs":
            self._within = True
        elif name == "xf" and self._within:
            number = int(attributes.get("numFmtId", "0"))
            self.dated.append(self._formats.get(number, number in _DATED))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._within = False


class _Sheet(_Handler):
    """The cells of a sheet, row by row."""

    def __init__(self, strings: Sequence[str], dated: Sequence[bool], base: datetime, most: int) -> None:
        self._strings = strings
        self._dated = dated
        self._base = base
        self._most = most
        self._found: dict[int, dict[int, str]] = {}
        self._row = self._column = 0
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._said = self._spoken = False

    def rows(self) -> list[tuple[int, list[str]]]:
        return [
            (number, [cells.get(column, "") for column in range(max(cells) + 1)])
            for number, cells in sorted(self._found.items())
        ]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = -1
        elif name == "c":
            self._begin(attributes)
        elif name == "rPh":
            self._spoken = True
        elif name in {"v", "t"}:
            self._said = not self._spoken

    def _begin(self, attributes: Mapping[str, str]) -> None:
        self._kind, self._style, self._parts = attributes.get("t", "n"), attributes.get("s", "0"), []
        written = attributes.get("r")
        if written is None:
            self._column += 1
            return
        found = _REFERENCE.fullmatch(written)
        if found is None:
            raise Unreadable("bad_workbook")
        self._row, self._column = int(found[2]), -1
        for letter in found[1]:
            self._column = (self._column + 1) * 26 + ord(letter) - ord("A")

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._said = False
        elif name == "rPh":
            self._spoken = False
        elif name == "c" and self._parts:
            self._keep(self._value("".join(self._parts)))

    def text(self, text: str) -> None:
        if self._said:
            self._parts.append(text)

    def _keep(self, value: str) -> None:
        if not value.strip():
            return
        if not 0 <= self._column < COLUMNS_LIMIT or not 0 < self._row <= BLANK_LIMIT or len(value) > CELL_LIMIT:
            raise Unreadable("workbook_large")
        if self._row not in self._found and len(self._found) == self._most:
            raise Unreadable("too_many_rows")
        self._found.setdefault(self._row, {})[self._column] = value

    def _value(self, written: str) -> str:
        if self._kind == "s":
            place = int(written)
            if place < 0:
                raise Unreadable("bad_workbook")
            return self._strings[place]
        if self._kind != "n":
            return written
        number = float(written)
        style = int(self._style)
        if 0 <= style < len(self._dated) and self._dated[style]:
            return _day(self._base, number)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else written


def _day(base: datetime, number: float) -> str:
    """A serial number as a day. In the reckoning from 1900 there is a 29 February 1900 that never was."""
    if base.year == 1899 and number < 61:
        number += 1
    return (base + timedelta(days=int(number))).date().isoformat()


def _first_sheet(book: zipfile.ZipFile) -> tuple[str, datetime]:
    """Where the first sheet stands, and the day from which dates are counted."""
    workbook, links = _Workbook(), _Links()
    place = "xl/workbook.xml"
    _parse(book, place, workbook)
    _parse(book, "xl/_rels/workbook.xml.rels", links)
    target = links.found[workbook.sheets[0]]
    base = datetime(1904, 1, 1) if workbook.from_1904 else datetime(1899, 12, 30)
    return posixpath.normpath(posixpath.join("xl", target)) if target[0] != "/" else target[1:], base


class _Workbook(_Handler):
    def __init__(self) -> None:
        self.sheets: list[str] = []
        self.from_1904 = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            self.sheets.append(next((value for key, value in attributes.items() if key.endswith("}id")), ""))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in {"1", "true"}


class _Links(_Handler):
    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            self.found[attributes["Id"]] = attributes["Target"]


def _beside(sheet: str, name: str, book: zipfile.ZipFile) -> str:
    """A part of the workbook that need not be there; empty when it is not."""
    place = posixpath.join(posixpath.dirname(posixpath.dirname(sheet)), name)
    return place if place in book.NameToInfo else ""


def _parse(book: zipfile.ZipFile, place: str, handler: _Handler) -> None:
    if not place:
        return
    with book.open(place) as part:
        text = part.read(PART_LIMIT + 1)
    if len(text) > PART_LIMIT:
        raise Unreadable("workbook_large")
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def no_doctype(*_said: object) -> None:
        # Entities are made there, and none is needed.
        raise Unreadable("bad_workbook")

    parser.StartDoctypeDeclHandler = no_doctype
    parser.StartElementHandler = lambda name, attributes: handler.start(name.rpartition("}")[2], attributes)
    parser.EndElementHandler = lambda name: handler.end(name.rpartition("}")[2])
    parser.CharacterDataHandler = handler.text
    parser.Parse(text, True)
