"""Pages for those who broadcast, triage and conclude: studio, desk, outcomes, office. Knows no socket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from liveroom.clock import CHINA
from liveroom.errors import Refused
from liveroom.qa.question import NOTE_LIMIT, TEXT_LIMIT, RefusalReason
from liveroom.rooms.roles import Actor, Permission, Role, may, require
from liveroom.rooms.room import open_room
from liveroom.rooms.session import Cancel, CutOff, End, LiftCut, possible
from liveroom.server import keys
from liveroom.server.identity import field, read_form, require_sign_in, who
from liveroom.server.outcome_pages import due_view
from liveroom.server.pages import go, render
from liveroom.server.public_pages import current_session_view, require_room
from liveroom.server.refusals import explain, status


async def studio(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/studio."""
    require(require_sign_in(request), Permission.BROADCAST)
    room = await require_room(request)
    session = await current_session_view(request, room.slug)
    return render(
        request,
        "studio.html",
        script="js/pages/studio.js",
        page={
            "slug": room.slug,
            "socket": f"/rooms/{room.slug}/socket",
            "whip": f"/rooms/{room.slug}/whip",
            "room_url": f"/rooms/{room.slug}",
            "session_id": session["id"] if session else None,
        },
        room=room,
        session=session,
        recorded=request.app[keys.SETTINGS].record,
    )


async def prompter(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/prompter: now and next, for whoever leads through the session."""
    actor = require_sign_in(request)
    if not (may(actor, Permission.BROADCAST) or may(actor, Permission.ON_AIR)):
        raise Refused("forbidden")
    room = await require_room(request)
    return render(
        request,
        "prompter.html",
        script="js/pages/prompter.js",
        page={"slug": room.slug, "socket": f"/rooms/{room.slug}/socket"},
        room=room,
        session=await current_session_view(request, room.slug),
    )


async def desk(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/desk."""
    actor = require_sign_in(request)
    if not actor.sees_desk:
        raise Refused("forbidden")
    room = await require_room(request)
    session = await current_session_view(request, room.slug)
    return render(
        request,
        "desk.html",
        script="js/pages/desk.js",
        page={
            "slug": room.slug,
            "socket": f"/rooms/{room.slug}/socket",
            "whep": f"/rooms/{room.slug}/whep",
            "limits": {"text": TEXT_LIMIT, "note": NOTE_LIMIT},
            "reasons": [reason.value for reason in RefusalReason],
            "colleagues": await _colleagues(request, session),
            "account": actor.id,
            "session_id": session["id"] if session else None,
            "word_lists": dict(await request.app[keys.WORD_LISTS].names()),
        },
        room=room,
        session=session,
    )


async def _colleagues(request: web.Request, session: dict[str, Any] | None) -> list[dict[str, str]]:
    """Whom a question can be given to: who triages, and the deputies of the session."""
    accounts = [a for a in await request.app[keys.PEOPLE].accounts() if not a.removed]
    deputies = set(session["deputies"]) if session else set()
    return [
        {"id": account.id, "name": account.name}
        for account in accounts
        if may(account.actor, Permission.TRIAGE) or (Role.DEPUTY in account.roles and account.name in deputies)
    ]


async def office(request: web.Request) -> web.Response:
    """GET /office."""
    _planner(request)
    return await _office_page(request)


async def plan_session(request: web.Request) -> web.Response:
    """POST /office/sessions. The time is Chinese time, as the form shows it."""
    actor = _planner(request)
    fields = await read_form(request)
    try:
        try:
            starts_at = datetime.fromisoformat(field(fields, "starts_at")).replace(tzinfo=CHINA)
        except ValueError:
            raise Refused("bad_time") from None
        room = field(fields, "room")
        deputies = tuple(fields.get("deputy", []))
        known = {account.id for account in await request.app[keys.PEOPLE].accounts() if Role.DEPUTY in account.roles}
        if not set(deputies) <= known:
            raise Refused("deputy_missing")
        await request.app[keys.VERBS].broadcasting.plan(room, field(fields, "topic"), starts_at, deputies, actor)
        await request.app[keys.HALLS].refresh(room)
    except Refused as refused:
        return await _office_page(request, refused, "session", fields)
    raise go("/office")


async def change_session(request: web.Request) -> web.Response:
    """POST /office/sessions/{session}/{command}: `command` is cancel, cut, resume or end."""
    actor = _planner(request)
    fields = await read_form(request)
    session, reason = request.match_info["session"], field(fields, "reason")
    broadcasting, media = request.app[keys.VERBS].broadcasting, request.app[keys.MEDIA]
    try:
        match request.match_info["command"]:
            case "cancel":
                after = await broadcasting.cancel(session, reason, actor)
            case "cut":
                after = await broadcasting.cut(media, session, reason, actor)
            case "resume":
                after = await broadcasting.resume(session, actor)
            case "end":
                after = await broadcasting.end(media, session, actor)
            case _:
                raise web.HTTPNotFound
        await request.app[keys.HALLS].refresh(after.session.room)
    except Refused as refused:
        return await _office_page(request, refused, "change", fields)
    raise go("/office")


async def add_room(request: web.Request) -> web.Response:
    """POST /office/rooms."""
    _planner(request)
    fields = await read_form(request)
    try:
        room = open_room(field(fields, "slug"), field(fields, "name"), field(fields, "about"))
        await request.app[keys.RECORDS].add_room(room)
    except Refused as refused:
        return await _office_page(request, refused, "room", fields)
    raise go("/office")


def _planner(request: web.Request) -> Actor:
    """The office page, with whatever it has to say, is for those who plan."""
    actor = require_sign_in(request)
    require(actor, Permission.SCHEDULE)
    return actor


async def _office_page(
    request: web.Request, refused: Refused | None = None, form: str = "", fields: dict[str, list[str]] | None = None
) -> web.Response:
    records, people, actor = request.app[keys.RECORDS], request.app[keys.PEOPLE], who(request)
    rooms = await records.rooms()
    names = {room.slug: room.name for room in rooms}
    sessions = await records.sessions()
    tallies = await records.tallies([session.id for session in sessions])
    accounts = {account.id: account for account in await people.accounts()}
    shown = [
        {
            "id": session.id,
            "room_slug": session.room,
            "room_name": names[session.room],
            "topic": session.topic,
            "state": session.state.value,
            "starts_at": session.starts_at,
            "deputies": [accounts[deputy].name for deputy in session.deputies if deputy in accounts],
            "questions": tallies[session.id].questions if session.id in tallies else 0,
            "without_outcome": tallies[session.id].without_outcome if session.id in tallies else 0,
            "said": tallies[session.id].said if session.id in tallies and session.ended_at else 0,
            "due": await due_view(request, session),
            "cut_reason": session.cut_reason,
            "may_cancel": possible(session, Cancel, actor),
            "may_cut": possible(session, CutOff, actor),
            "may_resume": possible(session, LiftCut, actor),
            "may_end": possible(session, End, actor),
        }
        for session in reversed(sessions)
    ]
    problem = None
    if refused is not None:
        problem = {"message": explain(request, refused), "form": form}
    return render(
        request,
        "office.html",
        status=status(refused) if refused else 200,
        rooms=rooms,
        sessions=shown,
        deputies=[a for a in accounts.values() if Role.DEPUTY in a.roles],
        problem=problem,
        values={name: values[0] for name, values in (fields or {}).items()},
        chosen=(fields or {}).get("deputy", []),
    )
