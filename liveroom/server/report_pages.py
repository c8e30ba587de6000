"""Reports as pages to print and as PDF: the notice of a quarter, and of one session. Knows no figure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from aiohttp import web

from liveroom.errors import Refused
from liveroom.matters.periods import read_period
from liveroom.server import keys
from liveroom.server.pages import render
from liveroom.server.public_pages import require_room
from liveroom.server.quarter_notice import of_quarter
from liveroom.server.reports import Report, of_session


async def notice(request: web.Request) -> web.Response:
    """GET /figures/{period}/notice."""
    return await _page(request, _quarter(request), f"/figures?period={request.match_info['period']}")


async def notice_pdf(request: web.Request) -> web.Response:
    """GET /figures/{period}/notice.pdf."""
    return await _file(await _quarter(request), f"notice-{request.match_info['period']}")


async def session_report(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/sessions/{session}/report."""
    room, session = request.match_info["slug"], request.match_info["session"]
    return await _page(request, _session(request), f"/rooms/{room}/sessions/{session}")


async def session_report_pdf(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/sessions/{session}/report.pdf."""
    return await _file(await _session(request), f"session-{request.match_info['slug']}")


async def _quarter(request: web.Request) -> Report:
    period = read_period(request.match_info["period"])
    if period is None:
        raise Refused("not_found")
    return await of_quarter(request, period)


async def _session(request: web.Request) -> Report:
    room = await require_room(request)
    attending = request.app[keys.VERBS].attending
    return await of_session(request, await attending.sitting_in(room.slug, request.match_info["session"]))


async def _page(request: web.Request, report: Awaitable[Report], back: str) -> web.Response:
    return render(request, "report.html", report=await report, back=back, file=f"{request.path}.pdf")


async def _file(report: Report, name: str) -> web.Response:
    # Loading what draws takes longer than all else of a start, which seldom needs it.
    from liveroom.server.paper import pdf

    body = await asyncio.to_thread(pdf, report)
    disposition = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return web.Response(body=body, content_type="application/pdf", headers=disposition)
