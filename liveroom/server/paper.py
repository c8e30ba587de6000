"""A report as PDF, A4, with its faces inside: it reads the same on every machine, and in twenty years. Knows no figure.

Two faces share a line: one has Chinese, the other Latin letters and digits.
"""

from __future__ import annotations

import io
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid
from reportlab.platypus.doctemplate import BaseDocTemplate

from liveroom.server.reports import Report, Table

CHINESE, LATIN = "Chinese", "Latin"
FILES = {CHINESE: str(Path(__file__).parent / "faces" / "DroidSansFallbackFull.ttf"), LATIN: "Vera.ttf"}
"""Where they are; reportlab finds its own by name."""

UNKNOWN = "\N{GETA MARK}"
"""What stands for a character that neither face has, as printers do it."""

MARGIN = 18 * mm
_INK, _SOFT, _LINE, _HEAD, _BAD = (
    HexColor(colour) for colour in ("#14232e", "#414e58", "#999999", "#e4eef3", "#a4161a")
)


def pdf(report: Report) -> bytes:
    """The report as a file. Takes a moment for many rows: call it beside the loop."""
    _faces()
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=report.title,
        invariant=1,
        initialFontName=LATIN,
    )
    story: list[Flowable] = [Paragraph(_text(report.title), _style(18, 26))]
    if report.alarm:
        story.append(Paragraph(_text(report.alarm), _style(13, 20, bad=True)))
    story += [Paragraph(_text(line), _style(10.5, 16, soft=True)) for line in report.below if line]
    for table in report.tables:
        story += [Spacer(1, 6 * mm), Paragraph(_text(table.heading), _style(13, 20)), Spacer(1, 2 * mm)]
        story.append(_grid(table) if table.rows else Paragraph(_text(table.empty), _style(10.5, 16, soft=True)))
        if table.note:
            story.append(Paragraph(_text(table.note), _style(9.5, 14, soft=True)))
    story.append(Spacer(1, 6 * mm))
    story += [Paragraph(_text(line), _style(8.5, 12, soft=True)) for line in report.end]
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return written.getvalue()


def _grid(table: Table) -> Grid:
    width = A4[0] - 2 * MARGIN
    cell = _style(9.5, 14)
    rows = [[Paragraph(_text(word), cell) for word in row] for row in (table.head, *table.rows)]
    grid = Grid(rows, colWidths=[width * part / sum(table.widths) for part in table.widths], repeatRows=1)
    grid.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), LATIN),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
        ]
    )
    return grid


def _foot(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(LATIN, 9)
    canvas.setFillColor(_SOFT)
    canvas.drawCentredString(A4[0] / 2, MARGIN / 2, str(document.page))


@cache
def _style(size: float, leading: float, *, soft: bool = False, bad: bool = False) -> ParagraphStyle:
    colour = _BAD if bad else _SOFT if soft else _INK
    return ParagraphStyle(
        f"{size} {soft} {bad}", fontName=CHINESE, fontSize=size, leading=leading, textColor=colour, wordWrap="CJK"
    )


@cache
def _faces() -> dict[str, frozenset[int]]:
    """The faces, known to what draws, and the characters that each has."""
    fonts = {name: TTFont(name, file) for name, file in FILES.items()}
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return {name: frozenset(font.face.charToGlyph) for name, font in fonts.items()}


def _text(text: str) -> str:
    """Text as text, each part in the face that has it: what reads like markup is shown."""
    return "".join(_run(face, "".join(chars)) for face, chars in groupby(map(_known, text), _face_of))


def _known(char: str) -> str:
    return char if any(ord(char) in has for has in _faces().values()) else UNKNOWN


def _face_of(char: str) -> str:
    return CHINESE if ord(char) in _faces()[CHINESE] else LATIN


def _run(face: str, text: str) -> str:
    return escape(text) if face == CHINESE else f'<font name="{LATIN}">{escape(text)}</font>'
