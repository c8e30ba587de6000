"""Who may publish and who may watch: tokens and sign-ins at the door of the media. Knows no media."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused
from liveroom.rooms.roles import Actor
from liveroom.server import keys
from liveroom.server.identity import check_origin, hash_secret, network, who
from liveroom.server.refusals import status

STATUS = {"unauthenticated": 401, "session_over": 409, "no_session": 409}


class RoomGate:
    """The rights of rooms and sessions; a stream is named after its session."""

    def count(self, request: web.Request) -> None:
        """What makes work, each method for itself: a flood of offers never hinders a DELETE (RFC 9725, section 5)."""
        if request.method in {"POST", "PATCH", "DELETE"}:
            publishes = request.path.split("/")[3] == "whip"
            kind, sender = ("publish", _sender(request)) if publishes else ("watch", (network(request),))
            request.app[keys.LIMITS].take(kind, request.method, *sender)

    def network(self, request: web.Request) -> str:
        return network(request)

    async def may_publish(self, request: web.Request, slug: str) -> str:
        """By bearer token, or by the sign-in of a page of ours."""
        actor = await _publisher(request)
        return (await request.app[keys.VERBS].broadcasting.to_broadcast(slug, actor)).id

    async def may_watch(self, request: web.Request, slug: str) -> str:
        session = await request.app[keys.VERBS].broadcasting.current(slug)
        if session is None:
            raise Refused("not_live", retry_after=10.0)
        return session.id

    def status(self, refused: Refused) -> int:
        return STATUS.get(refused.code) or status(refused)


def _sender(request: web.Request) -> tuple[str, str]:
    """Who is counted: the signed-in person, else the network, apart for those who show a token and those who do not.

    A neighbour behind the same address who floods without any right does not use up the deputy's turn.
    """
    if who(request).signed_in:
        return "person", who(request).id
    return ("token" if "Authorization" in request.headers else "nobody"), network(request)


async def _publisher(request: web.Request) -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        account = await request.app[keys.PEOPLE].token(hash_secret(token.strip()))
        if account is None:
            raise Refused("unauthenticated")
        return account.actor
    if not who(request).signed_in:
        raise Refused("unauthenticated")
    check_origin(request)
    return who(request)
