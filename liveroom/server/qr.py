"""Addresses as pictures, for phones to read. Knows no page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr(address: str, scale: int = 4) -> Markup:
    """Markup of our own making, to stand in a page; `scale` is the pixels of a module."""
    return Markup(segno.make(address, error="m").svg_inline(scale=scale, border=2, dark="#000", light="#fff"))  # noqa: S704
