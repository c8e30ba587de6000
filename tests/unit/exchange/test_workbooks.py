"""Excel workbooks as rows: what a spreadsheet writes is read, what nobody would write is refused in time."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.exchange.tables import Column, read_table
from liveroom.exchange.workbooks import CELL_LIMIT, COLUMNS_LIMIT, PART_LIMIT, Unreadable, read_workbook
from tests.support.workbooks import MAIN, by_hand, workbook

WHOLE = workbook([["编号", "日期"], ["a", date(2019, 3, 5)]])
COLUMNS = (Column("number", ("编号",), True), Column("day", ("日期",)))


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def refused(content: bytes, rows: int = 100) -> str:
    with pytest.raises(Unreadable) as caught:
        read_workbook(content, rows)
    return caught.value.code


@pytest.mark.parametrize("from_1904", [False, True])
def test_what_a_spreadsheet_writes_is_read_as_people_see_it(from_1904: bool) -> None:
    rows = [["编号", "日期", "数"], [2019045, date(2019, 3, 5), 1.5], [], ["甲", date(2024, 2, 29), -3]]
    assert read_workbook(workbook(rows, from_1904=from_1904, second=True), 100) == [
        (1, ["编号", "日期", "数"]),
        (2, ["2019045", "2019-03-05", "1.5"]),
        (4, ["甲", "2024-02-29", "-3"]),
    ]


def test_a_workbook_is_a_table_like_any_other() -> None:
    read = read_table(workbook([["# 说明"], ["日期", "编号"], [date(2019, 3, 5), 45], [date(2019, 3, 6), ""]]), COLUMNS)
    assert (read.rows[0].number, dict(read.rows[0].cells)) == (3, {"day": "2019-03-05", "number": "45"})
    assert [(problem.row, problem.code, problem.column) for problem in read.problems] == [(4, "cell_empty", "number")]


def test_shared_strings_leave_out_how_they_are_pronounced_and_formulas_give_their_last_result() -> None:
    strings = f"<sst {MAIN}><si><r><t>东</t></r><r><t>屿</t></r><rPh><t>dong</t></rPh></si></sst>"
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><f>1+1</f><v>二</v></c><c t="b"><v>1</v></c></row>'
    assert read_workbook(by_hand(row, {"xl/sharedStrings.xml": strings}), 9) == [(1, ["东屿", "二", "1"])]


@pytest.mark.parametrize("number", [1, 59, 61])
def test_days_before_march_1900_are_those_that_excel_shows(number: int) -> None:
    styles = f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    row = f'<row><c r="A1" s="1"><v>{number}</v></c></row>'
    shown = {1: "1900-01-01", 59: "1900-02-28", 61: "1900-03-01"}
    assert read_workbook(by_hand(row, {"xl/styles.xml": styles}), 9) == [(1, [shown[number]])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04rest", "bad_workbook"),
        (by_hand("")[:-30], "bad_workbook"),
        (by_hand("<row"), "bad_workbook"),
        (by_hand('<row r="x"/>'), "bad_workbook"),
        (by_hand('<c r="A1" t="s"><v>7</v></c>'), "bad_workbook"),
        (by_hand('<c r="A1" t="s"><v>-1</v></c>'), "bad_workbook"),
        (by_hand('<c r="A1"><v>eins</v></c>'), "bad_workbook"),
        (by_hand('<c r="A1" s="1"><v>1e300</v></c>', {"xl/styles.xml": f'<styleSheet {MAIN}><cellXfs><xf/>'
                 '<xf numFmtId="14"/></cellXfs></styleSheet>'}), "bad_workbook"),
        (by_hand("", {"xl/workbook.xml": f"<workbook {MAIN}/>"}), "bad_workbook"),
        (by_hand("", data='<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'), "bad_workbook"),
        (by_hand("", data="<x>" + " " * PART_LIMIT + "</x>"), "workbook_large"),
        (by_hand(cell("ZZZ1", "x")), "workbook_large"),
        (by_hand(cell("A9999999", "x")), "workbook_large"),
        (by_hand(cell("A1", "字" * (CELL_LIMIT + 1))), "workbook_large"),
        (by_hand("".join(f'<row r="{n}">{cell(f"A{n}", "x")}</row>' for n in range(1, 102))), "too_many_rows"),
    ],
)  # fmt: skip
def test_hostile_workbooks_are_refused(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_an_empty_cell_far_away_is_nothing() -> None:
    assert read_workbook(by_hand(f'<row r="1">{cell("A1", "x")}<c r="ZZZ1"/>{cell("ZZY1", " ")}</row>'), 9) == [
        (1, ["x"])
    ]
    assert COLUMNS_LIMIT > 20


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"],
                                               exclude_characters="\ufffe\uffff"), max_size=12),
                         min_size=1, max_size=5), min_size=1, max_size=6))  # fmt: skip
def test_every_text_comes_back(rows: list[list[str]]) -> None:
    kept = [(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    read = read_workbook(workbook(rows), 100)
    assert [number for number, _ in read] == [number for number, _ in kept]
    for (_, found), (_, row) in zip(read, kept, strict=True):
        assert [cell for cell in found if cell.strip()] == [cell for cell in row if cell.strip()]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_broken_workbook_breaks_it(data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    read = read_table(bytes(content), COLUMNS)
    assert read.rows or read.problems
