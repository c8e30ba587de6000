"""Pages where the office says which programs are told, and sees what became of it. Knows no signature."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused
from liveroom.ports.hooks import HookEvent
from liveroom.rooms.roles import Permission, require
from liveroom.server import keys
from liveroom.server.identity import field, read_form, require_sign_in
from liveroom.server.pages import go, render
from liveroom.server.refusals import explain, status


async def page(request: web.Request) -> web.Response:
    """GET /office/hooks."""
    return await _page(request)


async def add(request: web.Request) -> web.Response:
    """POST /office/hooks: `name`, `url`, `event`…; the answer shows the secret, this once."""
    actor = require_sign_in(request)
    fields = await read_form(request)
    name, url, events = field(fields, "name"), field(fields, "url"), fields.get("event", [])
    try:
        hook, secret = await request.app[keys.VERBS].telling_programs.add(name, url, events, actor)
    except Refused as refused:
        return await _page(request, refused, {"name": name, "url": url, "events": events})
    return await _page(request, made=hook.id, secret=secret)


async def change(request: web.Request) -> web.Response:
    """POST /office/hooks/{hook}/{deed}: `deed` is ping, stop, start or remove."""
    actor, hook = require_sign_in(request), request.match_info["hook"]
    require(actor, Permission.CONNECT)
    await read_form(request)
    telling = request.app[keys.VERBS].telling_programs
    match request.match_info["deed"]:
        case "ping":
            await telling.ping(hook, actor)
        case "stop" | "start" as deed:
            await telling.switch(hook, deed == "start", actor)
        case "remove":
            await telling.remove(hook, actor)
        case _:
            raise Refused("not_found")
    raise go("/office/hooks")


async def again(request: web.Request) -> web.Response:
    """POST /office/hooks/deliveries/{delivery}/again: try one that failed anew."""
    actor = require_sign_in(request)
    await read_form(request)
    await request.app[keys.VERBS].telling_programs.again(request.match_info["delivery"], actor)
    raise go("/office/hooks")


async def _page(
    request: web.Request,
    refused: Refused | None = None,
    typed: dict[str, object] | None = None,
    made: str = "",
    secret: str = "",
) -> web.Response:
    found = await request.app[keys.VERBS].telling_programs.all(require_sign_in(request))
    return render(
        request,
        "hooks.html",
        status=status(refused) if refused else 200,
        hooks=[{"hook": hook, "deliveries": deliveries} for hook, deliveries in found],
        kinds=[event.value for event in HookEvent],
        typed=typed or {"name": "", "url": "", "events": []},
        made=made,
        secret=secret,
        problem=explain(request, refused) if refused else "",
    )
