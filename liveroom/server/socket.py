"""The session socket: reads wishes, has them done, answers. Knows no rule and no view."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from liveroom.errors import Refused, Unavailable
from liveroom.server import keys
from liveroom.server.channel import GOODBYE, RESYNC, Channel
from liveroom.server.frames import message
from liveroom.server.hall import Hall
from liveroom.server.identity import check_origin, device, is_new, person, who
from liveroom.server.refusals import explain
from liveroom.server.wishes import grant, parse

MESSAGE_LIMIT = 16 * 1024
BAD_IN_A_ROW = 10
SIGN_IN_EVERY = 20.0
"""Seconds after which the sign-in behind an open socket is looked at again."""


async def session_socket(request: web.Request) -> web.WebSocketResponse:
    """GET /rooms/{slug}/socket."""
    check_origin(request)
    halls = request.app[keys.HALLS]
    hall = await halls.enter(request.match_info["slug"])
    # The default compression costs 91 KiB a connection against 14; pings are the hall's, one timer for all.
    socket = web.WebSocketResponse(
        compress=False, max_msg_size=MESSAGE_LIMIT, autoping=False, autoclose=False, timeout=GOODBYE
    )
    await socket.prepare(request)
    if request.transport is None:
        return socket
    channel = Channel(request.transport, who(request), device(request), new=is_new(request))
    watching = asyncio.create_task(_watch_sign_in(request, channel)) if channel.actor.signed_in else None
    try:
        await _listen(request, hall, channel, socket)
    finally:
        halls.leave(hall, channel)
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        if channel.closing is None:
            await socket.close(code=WSCloseCode.OK, drain=False)
        else:
            # The goodbyes were said: a second one would be sent by the websocket, not by a transport that closes.
            channel.wire.close()
        _forget_frames(socket.exception())
    return socket


def _forget_frames(error: BaseException | None) -> None:
    """The last error that a socket keeps leads, by its frames, back to all of the connection: a ring that would stay.

    Without it everything is freed at once, and ten thousand who leave are no work for the garbage collector.
    """
    while error is not None:
        error.__traceback__ = None
        error = error.__context__


async def _watch_sign_in(request: web.Request, channel: Channel) -> None:
    """Whoever signed out, was removed or has other roles now is sent away, and comes back as who they are."""
    while True:
        await asyncio.sleep(SIGN_IN_EVERY)
        with contextlib.suppress(Unavailable):
            if await person(request) != channel.actor:
                channel.close(RESYNC)


async def _listen(request: web.Request, hall: Hall, channel: Channel, socket: web.WebSocketResponse) -> None:
    """Wish by wish: the next one is read when the answer to the last is written.

    An answer is written before the news of what it did, and a client that reads no answers is not listened to.
    """
    bad = 0
    async for received in socket:
        channel.hear()
        if channel.closing is not None:
            continue  # until the client has closed, too
        if received.type is WSMsgType.PING:
            await socket.pong(received.data)
            continue
        if received.type is WSMsgType.PONG:
            continue
        answer, is_bad = await _answer(request, hall, channel, received)
        bad = bad + 1 if is_bad else 0
        if answer and channel.closing is None:
            with contextlib.suppress(ConnectionError):
                await socket.send_frame(answer, WSMsgType.TEXT)
        if bad >= BAD_IN_A_ROW:
            channel.close(WSCloseCode.POLICY_VIOLATION)


async def _answer(request: web.Request, hall: Hall, channel: Channel, received: WSMessage) -> tuple[bytes | None, bool]:
    """What a message is answered with, and whether it was none of this protocol."""
    number: int | None = None
    try:
        if received.type is not WSMsgType.TEXT:
            raise Refused("bad_message")
        number, wish = parse(received.data)
        return await grant(request, hall, channel, number, wish), False
    except Refused as refused:
        detail = {name: value for name, value in refused.detail.items() if name != "id"}
        return _refusal(request, refused.detail.get("id", number), refused, detail), refused.code == "bad_message"
    except Unavailable:
        return _refusal(request, number, Refused("unavailable", retry_after=5.0), {}), False


def _refusal(request: web.Request, number: object, refused: Refused, detail: dict[str, object]) -> bytes:
    return message(
        "refused",
        id=number,
        code=refused.code,
        detail=detail,
        retry_after=refused.retry_after,
        message=explain(request, refused),
    )
