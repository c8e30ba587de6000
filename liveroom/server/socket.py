"""The session socket: reads wishes, has them done, answers. Knows no rule and no view."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from liveroom.errors import Refused, Unavailable
from liveroom.qa import commands as c
from liveroom.qa.wire import Audience, mine_view
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Role
from liveroom.server import keys
from liveroom.server.hall import GOODBYE, RESYNC, Channel, Hall, message
from liveroom.server.identity import as_visitor, check_origin, device, network, person, who
from liveroom.server.pages import language
from liveroom.server.refusals import explain

MESSAGE_LIMIT = 16 * 1024
BAD_IN_A_ROW = 10
HEARTBEAT = 30.0
SIGN_IN_EVERY = 20.0
"""Seconds after which the sign-in behind an open socket is looked at again."""


class Hello(msgspec.Struct, tag_field="type", tag="hello", forbid_unknown_fields=True, frozen=True):
    view: Literal["room", "desk", "studio"]
    epoch: str | None = None
    seq: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Ping(msgspec.Struct, tag_field="type", tag="ping", forbid_unknown_fields=True, frozen=True):
    pass


class AskWish(msgspec.Struct, tag_field="type", tag="ask", forbid_unknown_fields=True, frozen=True):
    key: str
    text: str
    nickname: str = ""
    island: str = ""


class SecondWish(msgspec.Struct, tag_field="type", tag="second", forbid_unknown_fields=True, frozen=True):
    question: str


Wish = (
    Hello
    | Ping
    | AskWish
    | SecondWish
    | c.Withdraw
    | c.Publish
    | c.Refuse
    | c.Edit
    | c.Enqueue
    | c.Dequeue
    | c.Order
    | c.PutOnAir
    | c.TakeOffAir
    | c.MarkAnswered
    | rooms.CutOff
    | rooms.LiftCut
    | rooms.End
)
"""Every message that a client may send, apart from its `id`."""


def parse(text: str) -> tuple[int | None, Wish]:
    """The wish in a message and its `id`. Raises `Refused("bad_message")` with the `id` where one could be read."""
    number: int | None = None
    try:
        raw = msgspec.json.decode(text, type=dict[str, Any])
        written = raw.pop("id", None)
        if isinstance(written, int) and not isinstance(written, bool) and 0 <= written < 2**53:
            number = written
        wish: Wish = msgspec.convert(raw, Wish)
    except msgspec.MsgspecError as error:
        raise Refused("bad_message", id=number, problem=str(error)[:200]) from error
    if number is None and not isinstance(wish, Hello):
        raise Refused("bad_message", id=None, problem="`id` must be a whole number")
    return number, wish


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
            answer = await _grant(request, hall, channel, number, wish)
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


async def _grant(request: web.Request, hall: Hall, channel: Channel, number: int | None, wish: Wish) -> str | None:
    """Do what is wished; the answer, where there is one. Raises `Refused` and `Unavailable`."""
    verbs, limits = request.app[keys.VERBS], request.app[keys.LIMITS]
    match wish:
        case Hello(view=view, epoch=epoch, seq=seq):
            _choose_view(channel, view)
            await hall.greet(channel, epoch, seq)
            return None
        case Ping():
            return message("pong", id=number)
    if hall.session is None:
        raise Refused("no_session")
    session, visitor, media = hall.session, as_visitor(request), request.app[keys.MEDIA]
    match wish:
        case AskWish(key=key, text=text, nickname=nickname, island=island):
            limits.take("ask", channel.device)
            limits.take("ask_network", network(request))
            sitting, question = await verbs.asking.ask(session, visitor, key, text, nickname, island)
            return message("asked", id=number, question=mine_view(sitting.queue, question, {}))
        case SecondWish(question=question_id):
            limits.take("second", channel.device)
            limits.take("second_network", network(request))
            await verbs.asking.second(session, question_id, visitor)
        case c.Withdraw(question=question_id):
            await verbs.asking.withdraw(session, question_id, visitor)
        case rooms.CutOff(reason=reason):
            await verbs.broadcasting.cut(media, session, reason, channel.actor)
        case rooms.LiftCut():
            await verbs.broadcasting.resume(session, channel.actor)
        case rooms.End():
            await verbs.broadcasting.end(media, session, channel.actor)
        case c.QuestionCommand():
            await verbs.moderating.do(session, wish, channel.actor)
    return message("done", id=number)


def _choose_view(channel: Channel, view: str) -> None:
    """The desk is for those who may see unpublished questions; everybody else gets the public's view."""
    if view == "desk" and not channel.actor.sees_desk:
        raise Refused("forbidden")
    if view == "studio" and not channel.actor.roles & {Role.DEPUTY, Role.HOST, Role.PRODUCER}:
        raise Refused("forbidden")
    channel.view = view
    channel.audience = Audience.DESK if view == "desk" else Audience.PUBLIC
