"""Pages where the office imports lists: choose a file, see what would change, then do it. Knows no list."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from liveroom.errors import Refused
from liveroom.exchange.cells import MARK, lines
from liveroom.exchange.plans import Plan
from liveroom.exchange.sheets import SHEETS, template
from liveroom.rooms.roles import Permission, require
from liveroom.server import keys
from liveroom.server.identity import field, read_form, require_sign_in
from liveroom.server.pages import go, render
from liveroom.server.refusals import explain, status
from liveroom.server.uploads import read_upload

LIMIT = max(sheet.size for sheet in SHEETS.values())
AGAIN_LIMIT = 2 * LIMIT
"""Bytes of the form that carries a file back: four characters for three bytes."""
SHOWN = 200
"""Rows and problems that a page shows; the rest is counted."""


async def page(request: web.Request) -> web.Response:
    """GET /office/import."""
    return await _page(request)


async def look(request: web.Request) -> web.Response:
    """POST /office/import: `kind` and `file`; says what importing the file would change. Nothing is kept."""
    actor = require_sign_in(request)
    require(actor, Permission.IMPORT)
    upload = await read_upload(request, LIMIT)
    kind = upload.fields.get("kind", "")
    if kind not in SHEETS:
        return await _page(request, refused=Refused("bad_choice"))
    if not upload.content:
        return await _page(request, refused=Refused("file_missing"), kind=kind)
    plan = await request.app[keys.VERBS].importing.look(kind, upload.content, actor)
    return await _page(request, plan=plan, content=upload.content, kind=kind, file=upload.name)


async def carry_out(request: web.Request) -> web.Response:
    """POST /office/import/apply: `kind`, `file` (its name) and `content`, the file that the page before has shown, as
    base64url.
    """
    actor = require_sign_in(request)
    require(actor, Permission.IMPORT)
    fields = await read_form(request.clone(client_max_size=AGAIN_LIMIT), AGAIN_LIMIT)
    kind, file, written = field(fields, "kind"), field(fields, "file"), field(fields, "content")
    try:
        content = base64.urlsafe_b64decode(written.encode("ascii"))
    except (ValueError, binascii.Error):
        raise Refused("bad_message") from None
    plan = await request.app[keys.VERBS].importing.carry_out(kind, content, actor, file)
    if not plan.ready:
        return await _page(request, plan=plan, content=content, kind=kind, file=file)
    raise go(f"/office/import?done={kind}&changes={len(plan.due)}")


async def empty_file(request: web.Request) -> web.Response:
    """GET /office/import/{kind}/template: a file with the heading and an example, to fill in."""
    require(require_sign_in(request), Permission.IMPORT)
    sheet = SHEETS.get(request.match_info["kind"])
    if sheet is None:
        raise Refused("not_found")
    return web.Response(
        text=MARK + lines(template(sheet)),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{sheet.kind}.csv"', "Cache-Control": "no-store"},
    )


async def _page(
    request: web.Request,
    *,
    plan: Plan | None = None,
    content: bytes = b"",
    kind: str = "",
    file: str = "",
    refused: Refused | None = None,
) -> web.Response:
    actor = require_sign_in(request)
    latest = await request.app[keys.VERBS].importing.latest(actor)
    done, changes = request.query.get("done", ""), request.query.get("changes", "")
    done = done if done in SHEETS and changes.isdecimal() else ""
    bad = refused is not None or (plan is not None and not plan.ready)
    return render(
        request,
        "import.html",
        status=status(refused) if refused else 422 if bad else 200,
        sheets=list(SHEETS.values()),
        kind=kind or done or next(iter(SHEETS)),
        plan=plan,
        sheet=SHEETS[kind] if plan else None,
        columns=[c for c in SHEETS[kind].columns if not SHEETS[kind].shown or c.name in SHEETS[kind].shown]
        if plan
        else [],
        content=base64.urlsafe_b64encode(content).decode() if plan and plan.ready else "",
        file=file,
        shown=SHOWN,
        latest=latest,
        done=done,
        changes=int(changes) if changes.isdecimal() and len(changes) < 8 else 0,
        problem=explain(request, refused) if refused else "",
    )
