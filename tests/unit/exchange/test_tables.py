"""Files of rows: encodings, separators, limits, and what cannot be read."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.exchange.cells import MARK, lines
from liveroom.exchange.tables import FILE_LIMIT, ROWS_LIMIT, Column, Problem, Table, read_table
from liveroom.text import clean

COLUMNS = (Column("login", ("用户名",), True, 8), Column("name", ("姓名", "名称"), True), Column("about", ("说明",)))


def table(content: bytes) -> Table:
    return read_table(content, COLUMNS)


def codes(content: bytes) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.code, problem.column) for problem in table(content).problems]


TEXT = "用户名,姓名\r\nlin,林海，代表\r\nchen,陈\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_that_spreadsheets_write_is_read(encoding: str) -> None:
    read = table(TEXT.encode(encoding))
    assert read.problems == ()
    assert [(row.number, dict(row.cells)) for row in read.rows] == [
        (2, {"login": "lin", "name": "林海，代表"}),
        (3, {"login": "chen", "name": "陈"}),
    ]


@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
def test_every_separator_is_seen_in_the_heading(separator: str) -> None:
    read = table(f"姓名{separator}用户名\n林{separator}lin\n".encode())
    assert [dict(row.cells) for row in read.rows] == [{"name": "林", "login": "lin"}]


def test_rows_are_counted_as_spreadsheets_do() -> None:
    content = '# 说明,随便\n用户名,姓名,说明\n\nlin,林,"两\n行"\n  ,\nchen,\n'
    assert codes(content.encode()) == [(6, "cell_empty", "name")], (
        "remarks and empty rows count, lines of a cell do not"
    )


def test_what_an_export_wrote_is_read_as_it_was() -> None:
    rows = [("login", "name", "about"), ("lin", "=1+1", '"引号", 逗号'), ("chen", "-5", "@x")]
    written = MARK + lines(rows)
    assert "'=1+1" in written
    assert "'-5" in written
    assert [tuple(row.cells.values()) for row in table(written.encode()).rows] == rows[1:]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", [(0, "no_heading", "")]),
        (b"\xef\xbb\xbf \r\n", [(0, "no_heading", "")]),
        (b"PK\x03\x04rest", [(0, "bad_workbook", "")]),
        (b"\xff", [(0, "not_text", "")]),
        (b"login,name\nx\0,y\n", [(0, "not_text", "")]),
        (b"x" * (FILE_LIMIT + 1), [(0, "too_large", "")]),
        (b"login,name\n" + b"a,b\n" * (ROWS_LIMIT + 1), [(0, "too_many_rows", "")]),
        ("姓名\n林\n".encode(), [(1, "column_missing", "login")]),
        ("用户名,姓名,名称\nl,林,林\n".encode(), [(1, "column_twice", "name")]),
        (b'login,name\na,"b" c\nd,e\n', [(2, "broken_quotes", "")]),
        (b'login,name\na,"b\nd,e\n', [(2, "broken_quotes", "")]),
        (b"login,name\na,b,c\n", [(2, "too_many_cells", "")]),
        (b"login,name\nlonger-than-eight,b\n", [(2, "cell_long", "login")]),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, found: list[tuple[int, str, str]]) -> None:
    assert codes(content) == found


def test_a_file_at_the_limit_is_read() -> None:
    read = table(b"login,name\n" + b"a,b\n" * ROWS_LIMIT)
    assert (len(read.rows), read.problems) == (ROWS_LIMIT, ())


def test_columns_that_mean_nothing_are_told_and_left_out() -> None:
    read = table("用户名,备用,姓 名\nlin,x,林\n".encode())
    assert read.ignored == ("备用",)
    assert dict(read.rows[0].cells) == {"login": "lin", "name": "林"}


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_file_breaks_it(content: bytes) -> None:
    read = table(content)
    assert read.rows or read.problems or read == Table(ignored=read.ignored)
    assert all(isinstance(problem, Problem) for problem in read.problems)


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
def test_no_cell_is_a_formula(cells: list[list[str]]) -> None:
    written = list(csv.reader(io.StringIO(lines(cells), newline="")))
    assert not [cell for row in written for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    for row, before in zip(written, cells, strict=True):
        assert [clean(cell.removeprefix("'")) for cell in row] == [clean(cell.removeprefix("'")) for cell in before]
