"""What somebody of the staff was told (提醒), on a page of its own and at the head of the work list. Knows no rule."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused
from liveroom.matters.parties import has_work
from liveroom.notices.followers import Way
from liveroom.ports.reminders import Reminded
from liveroom.rooms.roles import Actor
from liveroom.server import keys
from liveroom.server.identity import read_form, require_sign_in
from liveroom.server.pages import go, render
from liveroom.server.unread import count_again, unread

AT_THE_HEAD = 3
"""Unread ones above the work list; the others are a page away."""


async def page(request: web.Request) -> web.Response:
    """GET /reminders: newest first, read ones too; `after` for the next page."""
    actor, reminding = worker(request), request.app[keys.VERBS].reminding
    found = await reminding.of(actor, after=request.query.get("after", "")[:32])
    return render(
        request,
        "reminders.html",
        told=found,
        more=found[-1].id if len(found) == reminding.page else "",
        count=unread(request),
        sent=(await request.app[keys.VERBS].keeping_addresses.own(actor)).way is not Way.WORKLIST,
    )


async def read_all(request: web.Request) -> web.Response:
    """POST /reminders: all of them have been looked through."""
    actor = worker(request)
    await read_form(request)
    await request.app[keys.VERBS].reminding.read(actor)
    raise go("/reminders")


async def newest(request: web.Request, actor: Actor) -> list[Reminded]:
    """What stands above the work list."""
    if not unread(request):
        return []
    return await request.app[keys.VERBS].reminding.of(actor, unread=True, limit=AT_THE_HEAD)


async def opened(request: web.Request, matter: str, actor: Actor) -> None:
    """Whoever has a matter before them has read what they were told of it."""
    if unread(request):
        await request.app[keys.VERBS].reminding.read(actor, matter)
        await count_again(request)


def worker(request: web.Request) -> Actor:
    """Somebody who is reminded at all."""
    actor = require_sign_in(request)
    if not has_work(actor):
        raise Refused("forbidden")
    return actor
