"""How a call of the API comes in and its answer goes out: token, limit, types, tags, repetitions. Knows no address."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from aiohttp import ETag, web
from aiohttp.typedefs import Handler

from liveroom.errors import Refused, Unavailable
from liveroom.ports.tokens import Said
from liveroom.rooms.roles import Actor, visitor
from liveroom.server import keys
from liveroom.server.api.operation import Answer, Call, Operation
from liveroom.server.identity import hash_secret, network

BODY_LIMIT = 64 * 1024
KEY = re.compile(r"[\x21-\x7e]{1,128}")
NOBODY = visitor("")
_encode = msgspec.json.Encoder(order="deterministic").encode


def route(operation: Operation) -> web.RouteDef:
    """The address for an application."""
    return web.route(operation.method.value, operation.address, _handler(operation))


def _handler(operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        actor = await _caller(request)
        if any("\0" in part for part in (*request.match_info.values(), *request.query.keys(), *request.query.values())):
            raise Refused("bad_body", problem="a NUL character")  # which one kind of database takes and another not
        if not operation.lets_in(actor):
            raise Refused("forbidden" if actor.signed_in else "unauthenticated")
        raw = await _body(request) if operation.body else b""
        call = Call(
            request,
            actor,
            _read_query(request, operation.query) if operation.query else None,
            _read_body(raw, operation.body) if operation.body else None,
        )
        if operation.body is None:
            return _respond(request, await operation.handle(call))
        return await _once(request, operation, call, raw)

    handle.__doc__ = f"{operation.method} {operation.address}: {operation.summary}."
    return handle


async def _caller(request: web.Request) -> Actor:
    """Whom the call's token stands for; nobody in particular without one. A sign-in of a browser does not count here,
    so no page of another site can act for somebody.
    """
    limits = request.app[keys.LIMITS]
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        await limits.share("api", network(request))
        return NOBODY
    found = None
    if scheme.lower() == "bearer" and secret.strip():
        found = await request.app[keys.TOKENS].bearer(hash_secret(secret.strip()), request.app[keys.CLOCK]())
    await limits.share("api", f"token:{found.token.id}" if found else network(request))
    if found is None:
        raise Refused("unauthenticated")
    return found.actor


async def _body(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise Refused("wrong_type")
    if request.content_length is not None and request.content_length > BODY_LIMIT:
        raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, request.content_length)
    return await request.read()


def _read_body(raw: bytes, kind: type[msgspec.Struct]) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("bad_body", problem=str(error)[:200]) from None


def _read_query(request: web.Request, kind: type[msgspec.Struct]) -> Any:
    if len(set(request.query)) != len(request.query):
        raise Refused("bad_body", problem="a parameter was given twice")
    try:
        return msgspec.convert(dict(request.query), kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("bad_body", problem=str(error)[:200]) from None


async def _once(request: web.Request, operation: Operation, call: Call, raw: bytes) -> web.Response:
    """Do it; with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) only the first time."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _respond(request, await operation.handle(call))
    if not KEY.fullmatch(key):
        raise Refused("bad_key_header")
    repeats, who = request.app[keys.REPEATS], call.actor.id
    what = b"\n".join(
        (request.method.encode(), request.path.encode(), request.headers.get("If-Match", "").encode(), raw)
    )
    before = await repeats.begin(who, key, hashlib.sha256(what).hexdigest(), request.app[keys.CLOCK]())
    if before is not None:
        headers = {**before.headers, "Idempotency-Replayed": "true"}
        return web.Response(body=before.body.encode(), status=before.status, headers=headers)
    try:
        response = _respond(request, await operation.handle(call))
    except (Refused, Unavailable):
        # Nothing was kept: the same key may try again. After anything else nobody knows, and it stays under way.
        await repeats.forget(who, key)
        raise
    kept = {name: response.headers[name] for name in ("Content-Type", "ETag", "Location") if name in response.headers}
    assert isinstance(response.body, bytes)
    with contextlib.suppress(Unavailable):  # it is done, and said to be
        await repeats.end(who, key, Said(response.status, response.body.decode(), kept))
    return response


def _respond(request: web.Request, answer: Answer) -> web.Response:
    return respond(request, _encode(answer.value), answer.tag, answer.headers)


def respond(
    request: web.Request, body: bytes, tag: str = "", more: Mapping[str, str] = MappingProxyType({})
) -> web.Response:
    """A JSON answer with its entity tag; 304 to who has it already."""
    tag = tag or hashlib.sha256(body).hexdigest()[:24]
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": "no-cache",
        "Vary": "Authorization, Accept-Language",
        "Access-Control-Allow-Origin": "*",
        **more,
    }
    if request.method == "GET" and matches(request.if_none_match, tag):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="application/json", headers=headers)


def matches(tags: tuple[ETag, ...] | None, tag: str) -> bool:
    """Whether a header names this tag, or any (RFC 9110, section 13.1)."""
    return tags is not None and any(one.value in {tag, "*"} for one in tags)


def require_match(request: web.Request, tag: str) -> None:
    """Refuse `tag_differs` when the caller has seen another state (`If-Match`, RFC 9110, section 13.1.1)."""
    if "If-Match" in request.headers and not any(
        not one.is_weak and one.value in {tag, "*"} for one in request.if_match or ()
    ):
        raise Refused("tag_differs")
