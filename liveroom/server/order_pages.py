"""What somebody reports on the telephone or at the counter, written down as a work order, with files. Knows no rule."""

from __future__ import annotations

from aiohttp import web

from liveroom import ids
from liveroom.errors import Refused, Unavailable
from liveroom.matters.enclosures import FILE_BYTES, FILED_MOST
from liveroom.matters.fields import BODY_LIMIT, TITLE_LIMIT
from liveroom.matters.matter import Matter
from liveroom.rooms.roles import Actor, Permission, require
from liveroom.server import keys
from liveroom.server.identity import require_sign_in
from liveroom.server.pages import render
from liveroom.server.refusals import explain, status
from liveroom.server.uploads import check_csrf, read_filing

FIELDS = ("title", "body")
WORDS_BYTES = 4 * BODY_LIMIT


async def form(request: web.Request) -> web.Response:
    """GET /work-orders/new."""
    _filer(request)
    return _page(request, {})


async def file(request: web.Request) -> web.Response:
    """POST /work-orders/new: the order is kept; files that cannot be are told with their reasons."""
    actor = _filer(request)
    request.app[keys.LIMITS].take("attach", actor.id)

    async def check(fields: dict[str, str]) -> None:
        await check_csrf(request, fields)

    sent = await read_filing(request, check, most=FILED_MOST, limit=FILE_BYTES, words=WORDS_BYTES)
    verbs, values = request.app[keys.VERBS], {name: sent.fields.get(name, "") for name in FIELDS}
    try:
        order = await verbs.following_up.begin(Matter(ids.new_id(), kind="work_order"), "receive", values, actor)
    except (Refused, Unavailable) as error:
        refused = error if isinstance(error, Refused) else Refused("unavailable")
        return _page(request, values, refused=refused, lost=len(sent.files))
    unkept = await verbs.attaching.enclose(order, sent.files, actor)
    return _page(
        request,
        {},
        filed=order,
        files=len(sent.files) - len(unkept),
        unkept=[(place, explain(request, why)) for place, why in unkept],
    )


def _filer(request: web.Request) -> Actor:
    actor = require_sign_in(request)
    require(actor, Permission.ENTER)
    return actor


def _page(
    request: web.Request,
    typed: dict[str, str],
    *,
    refused: Refused | None = None,
    lost: int = 0,
    filed: Matter | None = None,
    files: int = 0,
    unkept: list[tuple[int, str]] | None = None,
) -> web.Response:
    return render(
        request,
        "work_order.html",
        status=status(refused) if refused else 200,
        typed=typed,
        problem=explain(request, refused) if refused else "",
        lost=lost,
        filed=filed,
        files=files,
        unkept=unkept or [],
        limits={"title": TITLE_LIMIT, "body": BODY_LIMIT, "files": FILED_MOST, "mb": FILE_BYTES // (1024 * 1024)},
    )
