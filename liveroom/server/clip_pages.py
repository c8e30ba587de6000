"""Answers to play back: where their clips are, and the clips. Knows no container and no rule of who may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from liveroom.server import keys
from liveroom.server.identity import network


async def clip(request: web.Request) -> web.StreamResponse:
    """GET /rooms/{slug}/sessions/{session}/clips/{label}: the answer to a question, picture and sound."""
    return await _answer(request, picture=True)


async def sound(request: web.Request) -> web.StreamResponse:
    """GET /rooms/{slug}/sessions/{session}/clips/{label}/sound: the same for links that carry no picture."""
    return await _answer(request, picture=False)


async def clips(request: web.Request, sessions: Iterable[str]) -> Mapping[str, dict[str, Any]]:
    """What can be played back of these sessions, by question: `address` and `seconds`."""
    answers = await request.app[keys.VERBS].playing_back.answers_of(sessions)
    return {
        question: {
            "address": f"/rooms/{answer.room}/sessions/{answer.session}/clips/{answer.label}",
            "label": answer.label,
            "seconds": answer.seconds,
        }
        for question, answer in answers.items()
    }


async def _answer(request: web.Request, *, picture: bool) -> web.StreamResponse:
    # Players ask for parts, and a village may share one address.
    request.app[keys.LIMITS].take("clip", network(request))
    slug, session, label = (request.match_info[name] for name in ("slug", "session", "label"))
    found = await request.app[keys.VERBS].playing_back.clip(slug, session, label, picture=picture)
    headers = {
        "Content-Type": found.content_type,
        "Content-Disposition": f'inline; filename="{label}{found.file.suffix}"',
        # Asked for again each time: what is retracted or erased takes its clip with it.
        "Cache-Control": "no-cache",
    }
    return web.FileResponse(found.file, headers=headers)
