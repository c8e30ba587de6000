"""What pages say of reaching those who asked: to the asker by code, to the unit on its matter. Knows no vault."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from liveroom.actions.follow_up import Followed
from liveroom.matters.matter import Matter
from liveroom.rooms.roles import Actor
from liveroom.server import keys
from liveroom.server.identity import device


async def reach_view(request: web.Request, found: Followed) -> dict[str, Any] | None:
    """For the asker; None where nobody would reach them, or only their own browser could prove a contact."""
    if found.matter is None or found.matter.end or found.question.erased:
        return None
    consent = await request.app[keys.VERBS].reaching.consent_of(found.question)
    if not consent.verified and device(request) != found.question.device:
        return None
    return {"verified": consent.verified, "given": consent.given, "looks": consent.looks}


async def askers_view(request: web.Request, matter: Matter, by: Actor, seen: dict[str, str]) -> list[dict[str, str]]:
    """The askers whom this person may reach, with the contacts that were looked at just now."""
    willing = await request.app[keys.VERBS].reaching.willing(matter, by)
    return [{"id": q.id, "label": q.label, "text": q.text, "contact": seen.get(q.id, "")} for q in willing]
