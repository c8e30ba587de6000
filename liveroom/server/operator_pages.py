"""Questions of people without a browser: the operator's form and the slip that they take home. Knows no rule."""

from __future__ import annotations

from aiohttp import web

from liveroom import ids
from liveroom.errors import Refused, Unavailable, refusal
from liveroom.ids import read_tracking_code, show_tracking_code
from liveroom.qa.question import Source
from liveroom.rooms.roles import Actor, Permission, require
from liveroom.server import keys
from liveroom.server.identity import field, read_form, require_sign_in
from liveroom.server.pages import go, render, site
from liveroom.server.public_pages import LIMITS_OF_FIELDS, current_session_view, require_room
from liveroom.server.qr import qr
from liveroom.server.refusals import explain, status

FIELDS = ("source", "text", "nickname", "island", "consent")
SOURCES = (Source.PHONE, Source.ONSITE, Source.PROXY, Source.STATION)


async def form(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/operator."""
    _operator(request)
    return await _form_page(request, dict.fromkeys(FIELDS, ""), ids.new_id())


async def enter(request: web.Request) -> web.Response:
    """POST /rooms/{slug}/operator; leads to the slip."""
    actor = _operator(request)
    fields = await read_form(request)
    typed = {name: field(fields, name) for name in FIELDS}
    key = field(fields, "key")
    try:
        if typed["source"] not in SOURCES:
            raise Refused("bad_choice", field="source")
        if typed["consent"] != "yes":
            raise Refused("consent_missing")
        session = await request.app[keys.VERBS].broadcasting.current(request.match_info["slug"])
        if session is None:
            raise Refused("no_session")
        _, question = await request.app[keys.VERBS].asking.enter(
            session.id, actor, key, Source(typed["source"]), typed["text"], typed["nickname"], typed["island"]
        )
    except (Refused, Unavailable) as error:
        refused = refusal(error)
        words = explain(request, refused)
        # What was typed, and its key, stay in the form: sending it again keeps it once.
        return await _form_page(request, typed, key, problem=words, number=status(refused))
    raise go(f"/rooms/{request.match_info['slug']}/slips/{show_tracking_code(question.code)}")


async def slip(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/slips/{code}: to print, for whoever asked."""
    _operator(request)
    room = await require_room(request)
    code = read_tracking_code(request.match_info["code"])
    if code is None:
        raise Refused("not_found")
    followed = await request.app[keys.VERBS].following_up.follow(code)
    address = f"{site(request)}/track/{show_tracking_code(code)}"
    return render(
        request,
        "slip.html",
        room=room,
        session=followed.sitting.session,
        question=followed.question,
        code=show_tracking_code(code),
        address=address,
        qr=qr(address, 5),
    )


def _operator(request: web.Request) -> Actor:
    actor = require_sign_in(request)
    require(actor, Permission.ENTER)
    return actor


async def _form_page(
    request: web.Request, typed: dict[str, str], key: str, *, problem: str = "", number: int = 200
) -> web.Response:
    room = await require_room(request)
    return render(
        request,
        "operator.html",
        status=number,
        room=room,
        session=await current_session_view(request, room.slug),
        sources=[source.value for source in SOURCES],
        typed=typed,
        key=key or ids.new_id(),
        problem=problem,
        limits=LIMITS_OF_FIELDS,
    )
