"""How many reminders somebody of the staff has not opened: asked once for each page, and shown beside “待办”.

Knows no page.
"""

from __future__ import annotations

import contextlib

from aiohttp import web
from aiohttp.typedefs import Handler

from liveroom.errors import Unavailable
from liveroom.matters.parties import has_work
from liveroom.server import keys
from liveroom.server.identity import who

_UNREAD = web.RequestKey("unread", int)


@web.middleware
async def count_unread(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count before the page is made, of pages alone: sockets, pictures and calls of programs show none."""
    if has_work(who(request)) and "text/html" in request.headers.get("Accept", ""):
        await count_again(request)
    return await handler(request)


async def count_again(request: web.Request) -> None:
    """After some of them were opened. A page that cannot know it is there all the same."""
    with contextlib.suppress(Unavailable):
        request[_UNREAD] = await request.app[keys.VERBS].reminding.unread(who(request))


def unread(request: web.Request) -> int:
    count: int = request.get(_UNREAD, 0)
    return count
