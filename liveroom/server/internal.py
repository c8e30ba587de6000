"""The door between processes: sealed calls to this process's media, and its figures. Knows no visitor.

It has a listener of its own, on the address that the directory names; nothing of it is reached through the port of the
pages. Who may watch or publish was asked where the client came in, at the gate; here only the records are asked whether
the session may be broadcast at all, since that may have changed on the way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from liveroom.errors import Refused, Unavailable
from liveroom.media.results import Accepted, Patched, Proposed
from liveroom.server.calls import BODY_LIMIT, FACTS, PATH, Call, Outcome, is_sealed
from liveroom.server.planes import Plane

Check = Callable[[str], Awaitable[None]]
"""Raises `Refused` when a session may not be broadcast now."""


def internal_app(key: bytes, plane: Plane | None, may_flow: Check, metrics: Callable[[], bytes]) -> web.Application:
    """The application behind the internal address; `plane` is None where no media are."""

    @web.middleware
    async def only_neighbours(request: web.Request, handler: Handler) -> web.StreamResponse:
        seal = request.headers.get("Authorization", "")
        if not is_sealed(key, request.path, await request.read(), seal):
            raise web.HTTPForbidden
        return await handler(request)

    async def media(request: web.Request) -> web.Response:
        try:
            call = msgspec.json.decode(await request.read(), type=Call)
        except msgspec.MsgspecError:
            raise web.HTTPBadRequest from None
        try:
            outcome = await _do(plane, may_flow, call)
        except Refused as refused:
            outcome = _refused(refused)
        except Unavailable:
            outcome = _refused(Refused("holder_away", retry_after=5.0))
        return web.Response(body=msgspec.json.encode(outcome), content_type="application/json")

    async def figures(_request: web.Request) -> web.Response:
        return web.Response(body=metrics(), content_type="text/plain")

    app = web.Application(middlewares=[only_neighbours], client_max_size=BODY_LIMIT)
    app.add_routes([web.post(PATH, media), web.get(FACTS, figures)])
    return app


async def _do(plane: Plane | None, may_flow: Check, call: Call) -> Outcome:
    if plane is None:
        raise Refused("holder_away", retry_after=2.0)
    match call.does:
        case "publish":
            await may_flow(call.stream)
            return _outcome(await plane.publish(call.door, call.stream, call.body))
        case "subscribe":
            return _outcome(await plane.subscribe(call.door, call.stream, call.body, call.network))
        case "answer":
            await plane.answer(call.door, call.peer, call.body)
        case "patch":
            return _outcome(await plane.patch(call.door, call.peer, call.body, call.tag))
        case "check":
            await plane.check(call.door, call.peer)
        case "hang_up":
            await plane.hang_up(call.door, call.peer)
    return Outcome("nothing")


def _outcome(found: Accepted | Proposed | Patched) -> Outcome:
    match found:
        case Accepted(peer_id=peer, answer=answer, etag=tag):
            return Outcome("accepted", peer, answer, tag)
        case Proposed(peer_id=peer, offer=offer, etag=tag):
            return Outcome("proposed", peer, offer, tag)
        case Patched(fragment=fragment, etag=tag):
            return Outcome("patched", "", fragment, tag)


def _refused(refused: Refused) -> Outcome:
    problem = str(refused.detail.get("problem", ""))
    return Outcome("refused", code=refused.code, retry_after=refused.retry_after, problem=problem)
