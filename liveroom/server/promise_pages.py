"""The promise ledger (承诺台账) in public: what was promised for when, and what came of it. Knows no rule."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from liveroom.matters.promises import Standing, standing
from liveroom.server import keys
from liveroom.server.case_views import row_view
from liveroom.server.pages import render


async def promises(request: web.Request) -> web.Response:
    """GET /promises: by day; `standing` is one of the ledger's, nothing means open."""
    open_book = request.app[keys.VERBS].open_book
    asked = request.query.get("standing", "")
    chosen = Standing(asked) if asked in {stands.value for stands in Standing} else None
    found = await open_book.promises(chosen, request.query.get("after", ""))
    today = open_book.today()
    rows = [
        {
            "promised": promise.promised,
            "said": promise.said,
            "standing": (standing(promise.promised, promise.matter.state, promise.matter.end, today) or "").lower(),
            "view": await row_view(request, promise.matter),
        }
        for promise in found.rows
    ]
    same = {"standing": chosen.value} if chosen else {}
    return render(
        request,
        "promises.html",
        rows=rows,
        chosen=chosen.value if chosen else "",
        counted={stands.value: number for stands, number in (await open_book.standings()).items()},
        more=f"/promises?{urlencode({**same, 'after': found.after})}" if found.after else "",
        first=f"/promises?{urlencode(same)}" if "after" in request.query else "",
    )
