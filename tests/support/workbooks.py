"""Excel workbooks for tests: as a spreadsheet writes them, and by hand as nobody would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

import xlsxwriter

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org"


def workbook(rows: Sequence[Sequence[object]], *, from_1904: bool = False, second: bool = False) -> bytes:
    """A workbook whose days are dates with a Chinese format, as people see them in Excel."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"date_1904": from_1904, "in_memory": True})
    day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
    sheet = book.add_worksheet("建议")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif isinstance(value, int | float):
                sheet.write_number(number, place, value)
            elif value:
                sheet.write_string(number, place, str(value))
    if second:
        book.add_worksheet("别的").write_string(0, 0, "不读")
    book.close()
    return written.getvalue()


def by_hand(sheet: str, parts: Mapping[str, str] | None = None, *, data: str = "") -> bytes:
    """A workbook of one sheet, with these rows in XML; `parts` are further files of it, `data` replaces the sheet."""
    files = {
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{LINKS}/officeDocument/2006/relationships"><sheets>'
        '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{LINKS}/package/2006/relationships">'
        '<Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": data or f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>",
        **(parts or {}),
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in files.items():
            book.writestr(name, text)
    return written.getvalue()
