"""How a matter stands, small enough to stand on other sites: a frame of its own, and a picture. Knows no cookie."""

from __future__ import annotations

import unicodedata
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp import web

from liveroom.server import keys
from liveroom.server.atom import readable
from liveroom.server.case_views import case_view
from liveroom.server.identity import leave_unnamed
from liveroom.server.pages import macros, render, say, site
from liveroom.server.refusals import N_

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
"""The one page that other sites may frame: it has no script, no form and nothing of anybody."""

FRESH = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding, Accept-Language, Cookie"}
WIDTH, HEIGHT, ROW = 360, 200, 34
_LEFT, _LATE = N_("还有 {about}{days} 个工作日"), N_("已逾期 {about}{days} 个工作日")
_ABOUT, _SITE = N_("约 "), N_("代表直播间")
SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("svg", SVG)


async def card(request: web.Request) -> web.Response:
    """GET /suggestions/{number}/card."""
    leave_unnamed(request)
    view = await _view(request)
    theme = request.query.get("theme", "")
    response = render(request, "card.html", view=view, address=_address(request, view), card_theme=theme[:5])
    response.headers.update({**FRESH, "Content-Security-Policy": POLICY})
    return response


async def picture(request: web.Request) -> web.Response:
    """GET /suggestions/{number}/card.svg: the same without markup, where frames are not allowed."""
    view = await _view(request)
    left = ""
    if view["left"] is not None:
        about = say(request, _ABOUT) if view["guessed"] else ""
        left = say(request, _LATE if view["left"] < 0 else _LEFT, about=about, days=abs(view["left"]))
    lines = [
        (str(macros(request, "_parts.html").number_words(view["kind"], view["number"])), 14, "#414e58"),
        *((line, 19, "#14232e") for line in broken(view["title"], ROW, 3)),
        (" · ".join(part for part in (view["state_words"], left) if part), 16, _colour(view)),
        (" · ".join(part for part in (view["unit_name"], say(request, _SITE)) if part), 13, "#414e58"),
    ]
    return web.Response(body=drawn(lines), content_type="image/svg+xml", headers=FRESH)


def drawn(lines: list[tuple[str, int, str]]) -> bytes:
    """Lines of text with their size and colour, as SVG; whatever is in them stays text."""
    root = ET.Element(
        f"{{{SVG}}}svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "width": str(WIDTH), "height": str(HEIGHT), "role": "img"}
    )
    ET.SubElement(root, f"{{{SVG}}}title").text = readable(" ".join(text for text, _, _ in lines))
    frame = {"x": "1", "y": "1", "width": str(WIDTH - 2), "height": str(HEIGHT - 2), "rx": "12"}
    ET.SubElement(root, f"{{{SVG}}}rect", {**frame, "fill": "#fffdf8", "stroke": "#ddd3c0", "stroke-width": "2"})
    y = 8.0
    for text, size, colour in lines:
        y += size * 1.5
        place = {"x": "18", "y": f"{y:g}", "font-size": str(size), "fill": colour, "font-family": "sans-serif"}
        ET.SubElement(root, f"{{{SVG}}}text", place).text = readable(text)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def broken(text: str, width: int, most: int) -> list[str]:
    """A text in lines of so many half widths, at most so many of them; Chinese characters are two wide."""
    lines, line, used = [], "", 0
    for character in text:
        wide = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used + wide > width:
            lines.append(line)
            line, used = "", 0
        line, used = line + character, used + wide
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return lines


async def _view(request: web.Request) -> dict[str, Any]:
    number = request.match_info["number"]
    return await case_view(request, await request.app[keys.VERBS].following_up.by_number(number))


def _address(request: web.Request, view: dict[str, Any]) -> str:
    return f"{site(request)}/suggestions/{view['number']}"


def _colour(view: dict[str, Any]) -> str:
    if view["tone"] == "solved":
        return "#175a33"
    return "#a61b1b" if view["left"] is not None and view["left"] < 0 else "#0e4a6e"
