"""The page of one session: its questions and what became of them, to link to. Complete without JavaScript."""

from __future__ import annotations

import msgspec
from aiohttp import web

from liveroom.qa.wire import Audience
from liveroom.server import keys
from liveroom.server.clip_pages import clips
from liveroom.server.pages import render
from liveroom.server.public_pages import place, require_room


async def session_page(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/sessions/{session}: every question has its label as fragment."""
    room = await require_room(request)
    attending = request.app[keys.VERBS].attending
    sitting = await attending.sitting_in(room.slug, request.match_info["session"])
    votes = await attending.votes(sitting.session.id)
    shown = attending.questions(sitting, votes, Audience.PUBLIC, await attending.unnamed(sitting))
    questions = [msgspec.structs.asdict(q) for q in shown]
    return render(
        request,
        "session.html",
        room={"slug": room.slug, "name": room.name},
        session=msgspec.structs.asdict(await attending.session_view(sitting.session)),
        questions=sorted(questions, key=place),
        clips=await clips(request, [sitting.session.id]),
    )
