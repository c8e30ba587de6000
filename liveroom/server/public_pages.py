"""Pages for islanders: home and the room, complete without JavaScript. Knows no socket."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import segno
from aiohttp import web

from liveroom import ids
from liveroom.errors import Refused, Unavailable, refusal
from liveroom.ports.rooms import Sitting
from liveroom.qa.question import ISLAND_LIMIT, NICKNAME_LIMIT, TEXT_LIMIT
from liveroom.qa.wire import Audience, mine, mine_view
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session
from liveroom.server import keys
from liveroom.server.identity import as_visitor, device, field, is_secure, read_fields, read_form
from liveroom.server.matter_cards import listed
from liveroom.server.pages import SIZES, THEMES, go, local_target, render, site
from liveroom.server.refusals import explain, status
from liveroom.server.turns import take_turn, vote
from liveroom.server.verify_pages import VERIFIED_COOKIE
from liveroom.server.words import LANGUAGES

LIMITS_OF_FIELDS = {"text": TEXT_LIMIT, "nickname": NICKNAME_LIMIT, "island": ISLAND_LIMIT}
PREFERENCE_LIFE = 400 * 24 * 3600
RECENT = 5


async def home(request: web.Request) -> web.Response:
    """GET /: is a room on air now?"""
    records, verbs = request.app[keys.RECORDS], request.app[keys.VERBS]
    rooms = await records.rooms()
    shown: list[dict[str, Any]] = []
    for room in rooms:
        session = await verbs.broadcasting.current(room.slug)
        shown.append(
            {"slug": room.slug, "name": room.name, "about": room.about, "session": await _view(request, session)}
        )
    names = {room.slug: room.name for room in rooms}
    current = {entry["session"]["id"] for entry in shown if entry["session"]}
    coming = [s for s in await verbs.broadcasting.coming() if s.id not in current]
    views = await verbs.attending.session_views(coming)
    upcoming = [
        {
            "room_slug": session.room,
            "room_name": names[session.room],
            "topic": session.topic,
            "starts_at": session.starts_at,
            "deputies": view.deputies,
        }
        for session, view in zip(coming, views, strict=True)
    ]
    return render(
        request,
        "home.html",
        rooms=shown,
        upcoming=upcoming,
        figures=await verbs.following_up.figures(),
        recent=[await listed(request, matter) for matter in await verbs.following_up.recently_replied(RECENT)],
    )


async def room_page(request: web.Request) -> web.Response:
    """GET /rooms/{slug}."""
    return await _room_page(request)


async def ask(request: web.Request) -> web.Response:
    """POST /rooms/{slug}/ask: the question form without JavaScript."""
    form = await read_form(request)
    typed = {name: field(form, name) for name in ("text", "nickname", "island")}
    # Forms of earlier pages have no such choice.
    choice = field(form, "as")
    key = field(form, "key")
    try:
        session = await _require_session(request)
        await take_turn(request, session.id)
        verbs = request.app[keys.VERBS]
        verified = choice == "verified"
        if verified and not await verbs.verifying.is_verified(device(request)):
            raise Refused("not_verified")
        asked_with = typed | ({"nickname": ""} if choice == "anonymous" else {})
        _, question = await verbs.asking.ask(session.id, as_visitor(request), key, **asked_with, verified=verified)
    except (Refused, Unavailable) as error:
        refused = refusal(error)
        words = explain(request, refused)
        # What was typed, and its key, stay in the form: sending it again keeps it once.
        problem = {"message": words, **typed, "as": choice}
        return await _room_page(request, problem=problem, key=key, number=status(refused))
    return await _room_page(request, asked=question.id)


async def second(request: web.Request) -> web.Response:
    """POST /rooms/{slug}/second."""
    form = await read_form(request)
    session = await _require_session(request)
    await vote(request, session.id, field(form, "question"))
    raise go(f"/rooms/{request.match_info['slug']}#questions")


async def withdraw(request: web.Request) -> web.Response:
    """POST /rooms/{slug}/withdraw."""
    form = await read_form(request)
    session = await _require_session(request)
    await request.app[keys.VERBS].asking.withdraw(session.id, field(form, "question"), as_visitor(request))
    raise go(f"/rooms/{request.match_info['slug']}#mine")


async def qr(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/qr.svg: the room's address, to print or to point a phone at."""
    room = await require_room(request)
    drawing = io.BytesIO()
    segno.make(f"{site(request)}/rooms/{room.slug}", error="m").save(
        drawing, kind="svg", scale=8, border=3, dark="#0b2a3c", light="#ffffff", xmldecl=False
    )
    return web.Response(
        body=drawing.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"}
    )


async def preferences(request: web.Request) -> web.Response:
    """POST /preferences: language, type size, appearance; they change nothing of anybody's, so no `csrf` is asked."""
    form = await read_fields(request)
    response = web.Response(status=303, headers={"Location": local_target(field(form, "next"))})
    for name, choices in (("lang", LANGUAGES), ("size", SIZES), ("theme", THEMES)):
        if field(form, name) in choices:
            response.set_cookie(
                name, field(form, name), max_age=PREFERENCE_LIFE, samesite="Lax", secure=is_secure(request)
            )
    return response


async def require_room(request: web.Request) -> Room:
    """The room of the address; 404 otherwise."""
    room = await request.app[keys.RECORDS].room(request.match_info["slug"])
    if room is None:
        raise web.HTTPNotFound
    return room


async def current_session_view(request: web.Request, slug: str) -> dict[str, Any] | None:
    """The room's session as the protocol shows it, None when nothing was ever planned."""
    return await _view(request, await request.app[keys.VERBS].broadcasting.current(slug))


async def _require_session(request: web.Request) -> Session:
    session = await request.app[keys.VERBS].broadcasting.current(request.match_info["slug"])
    if session is None:
        raise Refused("no_session")
    return session


async def _view(request: web.Request, session: Session | None) -> dict[str, Any] | None:
    if session is None:
        return None
    view = await request.app[keys.VERBS].attending.session_view(session)
    return msgspec.structs.asdict(view)


async def _room_page(
    request: web.Request,
    *,
    asked: str | None = None,
    problem: dict[str, str] | None = None,
    key: str = "",
    number: int = 200,
) -> web.Response:
    room = await require_room(request)
    verbs = request.app[keys.VERBS]
    session = await verbs.broadcasting.current(room.slug)
    questions: list[Any] = []
    own: list[Any] = []
    kept = None
    seconded: list[str] = []
    if session is not None:
        sitting: Sitting = await verbs.attending.sitting(session.id)
        votes = await verbs.attending.votes(session.id)
        unnamed = await verbs.attending.unnamed(sitting)
        shown = verbs.attending.questions(sitting, votes, Audience.PUBLIC, unnamed)
        questions = [msgspec.structs.asdict(q) for q in shown]
        own = [msgspec.structs.asdict(q) for q in mine(sitting.queue, device(request), votes)]
        seconded = await verbs.attending.seconded(session.id, device(request))
        if asked:
            kept = msgspec.structs.asdict(mine_view(sitting.queue, sitting.queue.questions[asked], votes))
    return render(
        request,
        "room.html",
        script="js/pages/room.js",
        page={
            "slug": room.slug,
            "socket": f"/rooms/{room.slug}/socket",
            "whep": f"/rooms/{room.slug}/whep",
            "session_id": session.id if session else None,
            "limits": LIMITS_OF_FIELDS,
        },
        status=number,
        room={"slug": room.slug, "name": room.name, "about": room.about},
        session=await _view(request, session),
        questions=questions,
        listed=sorted((q for q in questions if q["state"] != "on_air"), key=place),
        mine=own,
        now=request.app[keys.CLOCK](),
        seconded=seconded,
        asked=kept,
        problem=problem,
        verified=VERIFIED_COOKIE in request.cookies,
        key=key or ids.new_id(),
        limits=LIMITS_OF_FIELDS,
        islands=sorted({question["island"] for question in questions if question["island"]}),
    )


def place(question: dict[str, Any]) -> tuple[Any, ...]:
    """Where a question stands in the public list; the order of web/js/state/room.js, so that nothing jumps there."""
    match question["state"]:
        case "queued":
            return 0, question["place"], question["asked_at"]
        case "published":
            return 1, -question["votes"], question["asked_at"]
        case _:
            return 2, question["mark_start"] is None, -(question["mark_start"] or 0)
