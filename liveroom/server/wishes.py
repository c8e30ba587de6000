"""Every wish that a page may send over the session socket, and who does it. Knows no socket and no rule."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from liveroom import clock
from liveroom.actions.moderate import MANY, Moved
from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa.wire import Audience, mine_view
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Permission, may
from liveroom.server import keys
from liveroom.server.channel import Channel
from liveroom.server.frames import message
from liveroom.server.hall import Hall
from liveroom.server.identity import as_visitor, network
from liveroom.server.refusals import explain
from liveroom.server.turns import take_turn, vote


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
    session: str = ""
    verified: bool = False


class SimilarWish(msgspec.Struct, tag_field="type", tag="similar", forbid_unknown_fields=True, frozen=True):
    text: str = ""
    question: str = ""


class SecondWish(msgspec.Struct, tag_field="type", tag="second", forbid_unknown_fields=True, frozen=True):
    question: str


class ClaimWish(msgspec.Struct, tag_field="type", tag="claim", forbid_unknown_fields=True, frozen=True):
    question: str
    take_over: bool = False


class ReleaseClaimWish(msgspec.Struct, tag_field="type", tag="unclaim", forbid_unknown_fields=True, frozen=True):
    question: str


class UndoWish(msgspec.Struct, tag_field="type", tag="undo", forbid_unknown_fields=True, frozen=True):
    first: Annotated[int, msgspec.Meta(ge=1)]
    last: Annotated[int, msgspec.Meta(ge=1)]


class BulkWish(msgspec.Struct, tag_field="type", tag="bulk", forbid_unknown_fields=True, frozen=True):
    """The same move for many questions; `move` is a moderator's message without `id` and `question`."""

    questions: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MANY)]
    move: dict[str, Any]


Move = (
    c.Release
    | c.Publish
    | c.Refuse
    | c.Edit
    | c.Tag
    | c.Assign
    | c.Merge
    | c.Unmerge
    | c.Defer
    | c.AcceptAppeal
    | c.RejectAppeal
    | c.Enqueue
    | c.Dequeue
    | c.Order
    | c.PutOnAir
    | c.TakeOffAir
    | c.MarkAnswered
)
"""What moderators, hosts and deputies do with a question."""

Wish = (
    Hello
    | Ping
    | AskWish
    | SimilarWish
    | SecondWish
    | ClaimWish
    | ReleaseClaimWish
    | UndoWish
    | BulkWish
    | Move
    | c.Withdraw
    | c.Appeal
    | rooms.RaiseShield
    | rooms.LowerShield
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


async def grant(request: web.Request, hall: Hall, channel: Channel, number: int | None, wish: Wish) -> bytes | None:
    """Do what is wished; the answer, where there is one. Raises `Refused` and `Unavailable`."""
    verbs = request.app[keys.VERBS]
    match wish:
        case Hello(view=view, epoch=epoch, seq=seq):
            await hall.greet(channel, view, _audience(channel, view), epoch, seq)
            return None
        case Ping():
            return message("pong", id=number, at=clock.milliseconds())
    if hall.session is None:
        raise Refused("no_session")
    session, visitor, media = hall.session, as_visitor(request), request.app[keys.MEDIA]
    match wish:
        case AskWish(key=key, text=text, nickname=nickname, island=island):
            session = await _addressed(request, hall, wish) or session
            await take_turn(request, session)
            if wish.verified and not await verbs.verifying.is_verified(channel.device):
                raise Refused("not_verified")
            sitting, question = await verbs.asking.ask(
                session, visitor, key, text, nickname, island, verified=wish.verified
            )
            return message("asked", id=number, question=mine_view(sitting.queue, question, {}))
        case SimilarWish(text=text, question=question_id):
            limits = request.app[keys.LIMITS]
            limits.take("similar", channel.device)
            limits.take("similar_network", network(request))
            recalling = verbs.recalling
            if question_id:
                found = await recalling.like_question(session, question_id, channel.actor)
            else:
                found = await recalling.like(session, text)
            return message("similar", id=number, found=found)
        case SecondWish(question=question_id):
            await vote(request, session, question_id)
        case c.Withdraw(question=question_id):
            await verbs.asking.withdraw(session, question_id, visitor)
        case c.Appeal(question=question_id, text=text):
            await verbs.asking.appeal(session, question_id, text, visitor)
        case ClaimWish(question=question_id, take_over=take_over):
            claim = await verbs.claiming.claim(session, question_id, channel.actor, take_over=take_over)
            return message("claimed", id=number, claim=claim)
        case ReleaseClaimWish(question=question_id):
            await verbs.claiming.release(session, question_id, channel.actor)
        case UndoWish(first=first, last=last):
            return _moved(request, number, await verbs.moderating.undo(session, first, last, channel.actor))
        case BulkWish():
            return _moved(request, number, await verbs.moderating.do_all(session, _moves(wish), channel.actor))
        case rooms.RaiseShield() | rooms.LowerShield():
            await verbs.broadcasting.shield(session, wish, channel.actor)
        case rooms.CutOff(reason=reason):
            await verbs.broadcasting.cut(media, session, reason, channel.actor)
        case rooms.LiftCut():
            await verbs.broadcasting.resume(session, channel.actor)
        case rooms.End():
            await verbs.broadcasting.end(media, session, channel.actor)
        case c.QuestionCommand():
            return _moved(request, number, await verbs.moderating.do(session, wish, channel.actor))
    return message("done", id=number)


async def _addressed(request: web.Request, hall: Hall, wish: AskWish) -> str:
    """The session that a question was typed for, which may be over by the time it is sent: there its key is known.

    Raises `Refused("not_found")` for a session of another room.
    """
    if wish.session and wish.session != hall.session:
        await request.app[keys.VERBS].attending.sitting_in(hall.slug, wish.session)
    return wish.session


def _moves(wish: BulkWish) -> list[c.QuestionCommand]:
    """A command for each question. Raises `Refused("bad_message")`."""
    try:
        return [
            msgspec.convert({**wish.move, "question": question}, Move) for question in dict.fromkeys(wish.questions)
        ]
    except msgspec.ValidationError as error:
        raise Refused("bad_message", problem=str(error)[:200]) from error


def _moved(request: web.Request, number: int | None, moved: Moved) -> bytes:
    """What was committed, and how to take it back."""
    fields: dict[str, Any] = {}
    if moved.last >= moved.first:
        fields |= {"first": moved.first, "last": moved.last}
    if moved.skipped:
        fields["skipped"] = [
            {"label": skipped.label, "code": skipped.refused.code, "message": explain(request, skipped.refused)}
            for skipped in moved.skipped
        ]
    return message("done", id=number, **fields)


def _audience(channel: Channel, view: str) -> Audience:
    """The desk is for those who may see unpublished questions; everybody else gets the public's view."""
    if view == "desk" and not channel.actor.sees_desk:
        raise Refused("forbidden")
    speaks = may(channel.actor, Permission.BROADCAST) or may(channel.actor, Permission.ON_AIR)
    if view == "studio" and not speaks:
        raise Refused("forbidden")
    return Audience.DESK if view == "desk" else Audience.PUBLIC
