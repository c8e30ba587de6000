"""What is kept how long, and what was let go: for the office and whoever reads the log. Knows no table of data."""

from __future__ import annotations

from aiohttp import web

from liveroom.server import keys
from liveroom.server.identity import require_sign_in
from liveroom.server.pages import render


async def page(request: web.Request) -> web.Response:
    """GET /office/retention."""
    purging = request.app[keys.VERBS].purging
    reports = await purging.reports(require_sign_in(request))
    return render(request, "retention.html", days=purging.days, reports=reports)
