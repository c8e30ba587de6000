"""A report as PDF, A4, with the Chinese face that every reader has (STSong-Light), so that no font is carried along.

Knows no figure.
"""

from __future__ import annotations

import io
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid
from reportlab.platypus.doctemplate import BaseDocTemplate

from liveroom.server.reports import Report, Table

FACE = "STSong-Light"
MARGIN = 18 * mm
_INK, _SOFT, _LINE, _HEAD = (HexColor(colour) for colour in ("#14232e", "#414e58", "#999999", "#e4eef3"))


def pdf(report: Report) -> bytes:
    """The report as a file. Takes a moment for many rows: call it beside the loop."""
    _face()
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
    )
    story: list[Flowable] = [Paragraph(_text(report.title), _style(18, 26))]
    story += [Paragraph(_text(line), _style(10.5, 16, soft=True)) for line in report.below if line]
    for table in report.tables:
        story += [Spacer(1, 6 * mm), Paragraph(_text(table.heading), _style(13, 20)), Spacer(1, 2 * mm)]
        story.append(_grid(table) if table.rows else Paragraph(_text(table.empty), _style(10.5, 16, soft=True)))
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
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
        ]
    )
    return grid


def _foot(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(FACE, 9)
    canvas.setFillColor(_SOFT)
    canvas.drawCentredString(A4[0] / 2, MARGIN / 2, str(document.page))


@cache
def _style(size: float, leading: float, *, soft: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size} {soft}", fontName=FACE, fontSize=size, leading=leading, textColor=_SOFT if soft else _INK,
        wordWrap="CJK",
    )  # fmt: skip


@cache
def _face() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FACE))


def _text(text: str) -> str:
    """Text as text: what reads like markup is shown."""
    return escape(text)
