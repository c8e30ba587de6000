"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) over HTTP. Knows no media, and no account beyond its gate."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
import structlog
from aiohttp import web

from liveroom.errors import Refused, Unavailable
from liveroom.media.results import Accepted, Patched, Proposed
from liveroom.server.planes import Planes
from liveroom.signaling.resource import FRAGMENT, SDP
from liveroom.signaling.sdp import OFFER_LIMIT

log = structlog.get_logger()

EXPOSED = "Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, WWW-Authenticate"

BODY_SECONDS = 15.0
"""An offer of a browser has 7 kB; the slowest link that could carry sound brings it in less."""

STATUS = {
    "bad_sdp": 400,
    "bad_sdpfrag": 400,
    "unsupported_sdp": 422,
    "unsupported_patch": 422,
    "wrong_direction": 422,
    "no_common_codec": 422,
    "taken_over": 410,
    "tag_missing": 428,
    "tag_differs": 412,
    "full": 503,
    "holder_away": 503,
}
"""HTTP statuses of what the media plane refuses."""

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": EXPOSED,
}


class Gate(Protocol):
    """Who may do what, asked before any byte of the offer was read; answers with the name of the stream."""

    def count(self, request: web.Request) -> None:
        """Raises `Refused` when whoever it is has asked too often."""

    async def may_publish(self, request: web.Request, slug: str) -> str:
        """Raises `Refused`."""

    async def may_watch(self, request: web.Request, slug: str) -> str:
        """Raises `Refused`."""

    def network(self, request: web.Request) -> str:
        """Where the request comes from: what a flood has in common."""

    def status(self, refused: Refused) -> int:
        """The HTTP status of what the gate refused."""


class MediaAddresses:
    """Handlers of the two endpoints and of the sessions under them."""

    def __init__(self, planes: Planes, gate: Gate, ice_links: Callable[[], Sequence[str]] = list) -> None:
        """The gate is asked here, where the client came in, also when the media are at another process.

        `ice_links` gives a `Link` value for each STUN or TURN server, with a password that was just made."""
        self._planes = planes
        self._gate = gate
        self._ice_links = ice_links

    def routes(self) -> list[web.RouteDef]:
        return [
            route
            for kind in ("whip", "whep")
            for route in (
                web.post(f"/rooms/{{slug}}/{kind}", self._guard(self._post)),
                web.get(f"/rooms/{{slug}}/{kind}", self._guard(self._look)),
                web.options(f"/rooms/{{slug}}/{kind}", self._preflight),
                web.get(f"/rooms/{{slug}}/{kind}/{{peer}}", self._guard(self._look)),
                web.patch(f"/rooms/{{slug}}/{kind}/{{peer}}", self._guard(self._patch)),
                web.delete(f"/rooms/{{slug}}/{kind}/{{peer}}", self._guard(self._delete)),
                web.options(f"/rooms/{{slug}}/{kind}/{{peer}}", self._preflight),
            )
        ]

    async def _post(self, request: web.Request) -> web.Response:
        stream = await self._admit(request)
        if request.content_type != SDP:
            raise _problem(415, "wrong_type", Accept_Post=SDP)
        offer = await _read(request, OFFER_LIMIT)
        door = _door(request)
        accepted: Accepted | Proposed
        if _publishes(request):
            # Once more: while the offer was on its way the session may have been cut off.
            stream = await self._may(request)
            accepted = await self._planes.to_publish(stream).publish(door, stream, offer)
        else:
            plane = self._planes.to_watch(stream)
            accepted = await plane.subscribe(door, stream, offer, self._gate.network(request))
        location = f"{door}/{accepted.peer_id}"
        headers = {"Content-Type": SDP, "Location": location, "ETag": accepted.etag, "Accept-Patch": FRAGMENT}
        if isinstance(accepted, Proposed):
            headers["Accept-Patch"] = f"{SDP}, {FRAGMENT}"
            response = web.Response(status=406, body=accepted.offer.encode(), headers=headers)
        else:
            response = web.Response(status=201, body=accepted.answer.encode(), headers=headers)
        self._name_ice_servers(response)
        return response

    async def _look(self, request: web.Request) -> web.Response:
        """GET and HEAD have nothing to show; on a WHEP endpoint they say that SDP is spoken here."""
        if "peer" in request.match_info:
            peer = request.match_info["peer"]
            await self._planes.behind(peer).check(_door(request), peer)
        elif not _publishes(request):
            return web.Response(status=200, headers={"Accept-Post": SDP, "Content-Type": SDP})
        return web.Response(status=204, headers={"Accept-Post": SDP})

    async def _patch(self, request: web.Request) -> web.Response:
        await self._admit_to_session(request)
        peer = request.match_info["peer"]
        if request.content_type == SDP and not _publishes(request):
            await self._planes.behind(peer).answer(_door(request), peer, await _read(request, OFFER_LIMIT))
            return web.Response(status=204)
        if request.content_type != FRAGMENT:
            raise _problem(415, "wrong_type", Accept_Patch=FRAGMENT)
        fragment = await _read(request, OFFER_LIMIT)
        # One client in the field sends the tag under the name with which it came.
        tag = request.headers.get("If-Match", request.headers.get("ETag"))
        patched: Patched = await self._planes.behind(peer).patch(_door(request), peer, fragment, tag)
        if not patched.fragment:
            return web.Response(status=204)
        return web.Response(
            status=200, body=patched.fragment.encode(), headers={"Content-Type": FRAGMENT, "ETag": patched.etag}
        )

    async def _delete(self, request: web.Request) -> web.Response:
        """Entity tags are ignored; a session that is gone already is as good as ended."""
        await self._admit_to_session(request)
        peer = request.match_info["peer"]
        await self._planes.behind(peer).hang_up(_door(request), peer)
        return web.Response(status=200)

    async def _admit(self, request: web.Request) -> str:
        self._gate.count(request)
        return await self._may(request)

    async def _may(self, request: web.Request) -> str:
        slug = request.match_info["slug"]
        if _publishes(request):
            return await self._gate.may_publish(request, slug)
        return await self._gate.may_watch(request, slug)

    async def _admit_to_session(self, request: web.Request) -> None:
        """A viewer's session is protected by its unguessable address; a publisher's also by its right.

        Whoever ends their own publication after the room's session is over must still be let in.
        """
        try:
            await self._admit(request)
        except Refused as refused:
            if refused.code not in {"session_over", "session_cut", "no_session", "not_live"}:
                raise

    def _name_ice_servers(self, response: web.Response) -> None:
        for link in self._ice_links():
            response.headers.add("Link", link)

    async def _preflight(self, request: web.Request) -> web.Response:
        """OPTIONS asks for no credentials (Fetch standard, CORS preflight).

        Clients that need the ICE servers before they make their offer are told them (RFC 9725, section 4.6), when
        it is no preflight and they might have made the offer.
        """
        on_session = "peer" in request.match_info
        methods = "PATCH, DELETE, GET, HEAD, OPTIONS" if on_session else "POST, GET, HEAD, OPTIONS"
        response = web.Response(
            status=204,
            headers={
                **_CORS,
                "Access-Control-Allow-Methods": methods,
                "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, ETag",
                "Access-Control-Max-Age": "86400",
                "Accept-Post": SDP,
                "Accept-Patch": FRAGMENT if _publishes(request) else f"{SDP}, {FRAGMENT}",
            },
        )
        if not on_session and "Access-Control-Request-Method" not in request.headers:
            with contextlib.suppress(Refused):
                await self._admit(request)
                self._name_ice_servers(response)
        return response

    def _guard(self, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.Response:
            try:
                response: web.Response = await handler(request)
            except Refused as refused:
                status = STATUS.get(refused.code) or self._gate.status(refused)
                extra = {"Retry_After": str(int(refused.retry_after))} if refused.retry_after else {}
                if status == 409 and not extra:
                    extra = {"Retry_After": "5"}
                if status == 401:
                    extra["WWW_Authenticate"] = "Bearer"
                raise _problem(status, refused.code, str(refused.detail.get("problem", "")), **extra) from None
            except Unavailable:
                log.exception("unavailable", path=request.path)
                raise _problem(503, "unavailable", Retry_After="5") from None
            response.headers.update(_CORS)
            return response

        return guarded


def _publishes(request: web.Request) -> bool:
    return request.path.split("/")[3] == "whip"


def _door(request: web.Request) -> str:
    """The endpoint: what was opened at one is found under no other."""
    return f"/rooms/{request.match_info['slug']}/{'whip' if _publishes(request) else 'whep'}"


async def _read(request: web.Request, limit: int) -> str:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_chunked(4096):
                body += chunk
                if len(body) > limit:
                    raise _problem(413, "too_large")
    except TimeoutError:
        raise _problem(408, "too_slow") from None
    except ConnectionError:
        raise _problem(400, "broken_off") from None  # nobody is there to read it
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused("bad_sdp", problem="not UTF-8") from None


def _problem(status: int, code: str, detail: str = "", **headers: str) -> web.HTTPException:
    """An error as `application/problem+json` (RFC 9457)."""
    problem = {"type": "about:blank", "status": status, "title": code, "code": code, "detail": detail}
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        408: web.HTTPRequestTimeout,
        409: web.HTTPConflict,
        410: web.HTTPGone,
        412: web.HTTPPreconditionFailed,
        415: web.HTTPUnsupportedMediaType,
        422: web.HTTPUnprocessableEntity,
        428: web.HTTPPreconditionRequired,
        429: web.HTTPTooManyRequests,
        503: web.HTTPServiceUnavailable,
    }
    text = msgspec.json.encode(problem).decode()
    named = {name.replace("_", "-"): value for name, value in headers.items()} | _CORS
    if status == 413:
        return web.HTTPRequestEntityTooLarge(
            OFFER_LIMIT, OFFER_LIMIT + 1, text=text, content_type="application/problem+json", headers=named
        )
    return kinds.get(status, web.HTTPBadRequest)(text=text, content_type="application/problem+json", headers=named)
