"""Files that go out: what a spreadsheet makes of them, and that they grow on the disk and not in memory."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path

import pytest

from liveroom.server.writers import WRITERS, Head, Value

HEADS = [
    Head("number", "编号"),
    Head("title", "标题"),
    Head("due", "期限"),
    Head("round", "轮次"),
    Head("late", "逾期"),
]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
ROWS: list[list[Value]] = [["2026-0001", "码头，“灯”", date(2026, 6, 1), 2, True], ["=1+1", "a\nb", None, 1, False]]


def written(form: str, path: Path, rows: list[list[Value]]) -> bytes:
    writer = WRITERS[form][0](path, HEADS)
    for row in rows:
        writer.write([row])
    writer.close()
    return path.read_bytes()


def test_csv_opens_in_a_chinese_spreadsheet(tmp_path: Path) -> None:
    content = written("csv", tmp_path / "x", ROWS)
    assert content.startswith(b"\xef\xbb\xbf"), "without the mark it would be read as GB18030"
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["编号", "标题", "期限", "轮次", "逾期"], ["2026-0001", "码头，“灯”", "2026-06-01", "2", "✓"],
                    ["'=1+1", "a\nb", "", "1", ""]]  # fmt: skip


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_is_a_formula(tmp_path: Path, text: str) -> None:
    content = written("csv", tmp_path / "x", [[text, text, None, 1, False]]).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(content, newline="")))[1]
    assert row[:2] == [f"'{text}"] * 2
    assert written("xlsx", tmp_path / "y", [[text, text, None, 1, False]])
    with zipfile.ZipFile(tmp_path / "y") as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_a_workbook_holds_text_numbers_and_dates(tmp_path: Path) -> None:
    written("xlsx", tmp_path / "x", ROWS)
    with zipfile.ZipFile(tmp_path / "x") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<t[^>]*>([^<]*)</t>", sheet)[:5] == ["编号", "标题", "期限", "轮次", "逾期"]
    assert '<c r="D2"><v>2</v></c>' in sheet
    assert re.search(r'<c r="C2" s="\d"><v>46174</v></c>', sheet), "2026-06-01 as a day of its own count"


def test_json_is_for_programs(tmp_path: Path) -> None:
    assert json.loads(written("json", tmp_path / "x", ROWS)) == [
        {"number": "2026-0001", "title": "码头，“灯”", "due": "2026-06-01", "round": 2, "late": True},
        {"number": "=1+1", "title": "a\nb", "due": None, "round": 1, "late": False},
    ]
    assert json.loads(written("json", tmp_path / "y", [])) == []


@pytest.mark.parametrize("form", WRITERS)
def test_rows_do_not_pile_up_in_memory(tmp_path: Path, form: str) -> None:
    writer = WRITERS[form][0](tmp_path / "x", HEADS)
    page: list[list[Value]] = [[f"2026-{n:04}", "很长的标题" * 20, date(2026, 6, 1), 1, False] for n in range(200)]
    writer.write(page)
    tracemalloc.start()
    try:
        for _ in range(15):
            writer.write(page)
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    writer.close()
    assert grown < 500_000, f"{grown} bytes for 3,000 rows of 300 bytes"
