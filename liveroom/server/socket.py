"""The session socket: reads wishes, has them done, answers. Knows no rule and no view."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from liveroom.errors import Refused, Unavailable
from liveroom.server import keys
from liveroom.server.hall import GOODBYE, RESYNC, Channel, Hall, message
from liveroom.server.identity import check_origin, device, person, who
from liveroom.server.pages import language
from liveroom.server.refusals import explain
from liveroom.server.wishes import grant, parse

MESSAGE_LIMIT = 16 * 1024
BAD_IN_A_ROW = 10
HEARTBEAT = 30.0
SIGN_IN_EVERY = 20.0
"""Seconds after which the sign-in behind an open socket is looked at again."""


async def session_socket(request: web.Request) -> web.WebSocketResponse:
    """GET /rooms/{slug}/socket."""
    check_origin(request)
    hall = await request.app[keys.HALLS].enter(request.match_info["slug"])
    # The default compression costs 91 KiB a connection against 14.
    socket = web.WebSocketResponse(compress=False, max_msg_size=MESSAGE_LIMIT, heartbeat=HEARTBEAT, timeout=GOODBYE)
    await socket.prepare(request)
    channel = Channel(socket, who(request), device(request), abort=_aborter(request))
    tasks = [asyncio.create_task(channel.send_waiting())]
    if channel.actor.signed_in:
        tasks.append(asyncio.create_task(_watch_sign_in(request, channel)))
    try:
        await _listen(request, hall, channel)
    finally:
        request.app[keys.HALLS].leave(hall, channel)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await socket.close(code=channel.closing or WSCloseCode.OK, drain=False)
    return socket


async def _watch_sign_in(request: web.Request, channel: Channel) -> None:
    """Whoever signed out, was removed or has other roles now is sent away, and comes back as who they are."""
    while True:
        await asyncio.sleep(SIGN_IN_EVERY)
        with contextlib.suppress(Unavailable):
            if await person(request) != channel.actor:
                channel.close(RESYNC)


def _aborter(request: web.Request) -> Callable[[], None]:
    transport = request.transport

    def abort() -> None:
        if transport is not None:
            transport.abort()

    return abort


async def _listen(request: web.Request, hall: Hall, channel: Channel) -> None:
    bad = 0
    async for received in channel.socket:
        number: int | None = None
        try:
            if received.type is not WSMsgType.TEXT:
                raise Refused("bad_message")
            number, wish = parse(received.data)
            answer = await grant(request, hall, channel, number, wish)
            bad = 0
            if answer:
                channel.push(answer)
        except Refused as refused:
            number = refused.detail.pop("id", number)  # type: ignore[assignment]
            bad = _refuse(request, channel, number, refused, bad if refused.code == "bad_message" else -1)
        except Unavailable:
            _refuse(request, channel, number, Refused("unavailable", retry_after=5.0), 0)
        if bad >= BAD_IN_A_ROW:
            channel.close(1008)
            return


def _refuse(request: web.Request, channel: Channel, number: int | None, refused: Refused, bad: int) -> int:
    channel.push(
        message(
            "refused",
            id=number,
            code=refused.code,
            detail=refused.detail,
            retry_after=refused.retry_after,
            message=explain(request.app[keys.WORDS], language(request), refused),
        )
    )
    return bad + 1
