"""Attachments of matters: sent, taken back, served. Knows no workflow rule and no format of a file."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused, Unavailable, refusal
from liveroom.matters.enclosures import FILE_BYTES, check_size
from liveroom.server import keys
from liveroom.server.identity import read_form, require_sign_in, who
from liveroom.server.item_pages import item_page
from liveroom.server.pages import go
from liveroom.server.track_pages import asked_with
from liveroom.server.uploads import read_upload

ROUND = 16 * 1024
"""Bytes of a form around its file, at most."""

POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""A file is shown and does nothing, should a browser ever take it for a page."""


async def add(request: web.Request) -> web.Response:
    """POST /worklist/{matter}/files: one file, for the next step of whoever sends it."""
    actor = require_sign_in(request)
    matter = request.match_info["matter"]
    attaching = request.app[keys.VERBS].attaching
    # Before anything is read: only whoever may take such a step sends files.
    await attaching.may_add(matter, actor)
    request.app[keys.LIMITS].take("attach", actor.id)
    caption = ""
    try:
        if request.content_length is not None:
            # What goes around the file is small; an answer now saves its sender the sending.
            check_size(max(1, request.content_length - ROUND))
        upload = await read_upload(request, FILE_BYTES)
        caption = upload.fields.get("caption", "")
        await attaching.add(matter, upload.content, caption, actor)
    except (Refused, Unavailable) as error:
        refused = refusal(error)
        if refused.code == "bad_form":
            raise
        return await item_page(request, refused, "files", {"caption": caption})
    raise go(f"/worklist/{matter}#files")


async def take_back(request: web.Request) -> web.Response:
    """POST /worklist/{matter}/files/{attachment}/remove: one that no step has taken along."""
    actor = require_sign_in(request)
    await read_form(request)
    matter = request.match_info["matter"]
    await request.app[keys.VERBS].attaching.take_back(matter, request.match_info["attachment"], actor)
    raise go(f"/worklist/{matter}#files")


async def content(request: web.Request) -> web.Response:
    """GET /files/{attachment}: everybody's when a public step carries it, else for those whose work it is.

    With `?code=` also for whoever asked, as on the page of that code.
    """
    attaching = request.app[keys.VERBS].attaching
    codes = [question] if (question := await asked_with(request, request.query.get("code", ""))) else []
    attachment, body, public = await attaching.open(request.match_info["attachment"], who(request), codes)
    shown = "inline" if attachment.kind.is_picture else "attachment"
    headers = {
        "Content-Disposition": f'{shown}; filename="{attachment.name}"',
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": f'"{attachment.digest[:32]}"',
        # Asked for again each time: who may read it changes, and what was erased is gone.
        "Cache-Control": "no-cache" if public else "private, no-store",
    }
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=attachment.kind.mime, headers=headers)
