"""How rows are written for spreadsheets: with a byte order mark, and nothing that would be taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from liveroom.exchange.tables import FORMULA

MARK = "\ufeff"
"""Without it a Chinese spreadsheet reads the file as GB18030."""


def cell(value: object) -> str:
    """A value as a cell. A quote goes before what a spreadsheet would calculate (CWE-1236)."""
    written = "" if value is None else str(value)
    return f"'{written}" if written.startswith(FORMULA) else written


def lines(rows: Iterable[Sequence[object]]) -> str:
    """The lines of a CSV file (RFC 4180), without the mark."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()
