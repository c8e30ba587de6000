"""A report as PDF, A4, with its face inside: it reads the same on every machine, and in twenty years. Knows no figure.

The face is fetched (`scripts/paper.py`); without it a report names one that readers bring along, and holds none.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid
from reportlab.platypus.doctemplate import BaseDocTemplate

from liveroom.server.reports import Report, Table

FILE = Path(__file__).parent / "NotoSansSC-Regular.ttf"
READERS_OWN = "STSong-Light"
"""A face that every reader of PDFs has or replaces (Adobe's Asian font packs)."""

UNKNOWN = "\N{GETA MARK}"
"""What stands for a character that the face does not have, as printers do it."""

MARGIN = 18 * mm
_INK, _SOFT, _LINE, _HEAD, _BAD = (
    HexColor(colour) for colour in ("#14232e", "#414e58", "#999999", "#e4eef3", "#a4161a")
)


def pdf(report: Report) -> bytes:
    """The report as a file. Takes a moment for many rows: call it beside the loop."""
    face = _face()
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
        initialFontName=face,
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
            ("FONTNAME", (0, 0), (-1, -1), _face()),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
        ]
    )
    return grid


def _foot(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(_face(), 9)
    canvas.setFillColor(_SOFT)
    canvas.drawCentredString(A4[0] / 2, MARGIN / 2, str(document.page))


@cache
def _style(size: float, leading: float, *, soft: bool = False, bad: bool = False) -> ParagraphStyle:
    colour = _BAD if bad else _SOFT if soft else _INK
    return ParagraphStyle(
        f"{size} {soft} {bad}", fontName=_face(), fontSize=size, leading=leading, textColor=colour, wordWrap="CJK"
    )


@cache
def _face() -> str:
    """The name of the face, known to what draws."""
    font = TTFont("Noto", str(FILE)) if FILE.exists() else UnicodeCIDFont(READERS_OWN)
    pdfmetrics.registerFont(font)
    return str(font.fontName)


def _text(text: str) -> str:
    """Text as text: what reads like markup is shown, and what the face does not have by a mark."""
    known = getattr(pdfmetrics.getFont(_face()).face, "charToGlyph", None)
    return escape("".join(c if known is None or ord(c) in known else UNKNOWN for c in text))
