"""Who is at the door: a device by a signed cookie, a person by a sign-in. Knows no permissions."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import SplitResult, parse_qs, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from liveroom import ids
from liveroom.errors import Refused, Unavailable
from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, visitor
from liveroom.server import keys

DEVICE_COOKIE = "liveroom_device"
DEVICE_LIFE = timedelta(days=400)
FRESH = timedelta(minutes=10)
"""How long a device is one that nobody knows yet: a script makes itself as many of them as it likes."""

SIGN_IN_LIFE = timedelta(hours=12)
"""How long a sign-in lasts that nobody uses."""

SIGN_IN_LONGEST = timedelta(days=3)
"""How long one lasts at most, however much it is used."""

RENEW_EVERY = timedelta(hours=1)
"""Using a sign-in is noted no more often than this."""

LOADTEST_HEADER = "X-Liveroom-Loadtest"
FORM_LIMIT = 64 * 1024
FOR_ANYBODY = ("/healthz", "/readyz", "/metrics", "/static/")
"""Addresses that answer alike whoever asks, also while the records cannot be read."""

_DEVICE = web.RequestKey("device", str)
_SEEN_SINCE: web.RequestKey[float | None] = web.RequestKey("seen_since")
_ACTOR = web.RequestKey("actor", Actor)
_UNNAMED = web.RequestKey("unnamed", bool)


def device(request: web.Request) -> str:
    """The identifier of the browser that asks."""
    return request[_DEVICE]


def is_new(request: web.Request) -> bool:
    """Whether the browser came without a name of ours: it has done nothing before."""
    return request[_SEEN_SINCE] is None


def is_fresh(request: web.Request) -> bool:
    """Whether the device was named less than `FRESH` ago; what was named before names carried a time is none."""
    since = request[_SEEN_SINCE]
    return since is None or request.app[keys.CLOCK]().timestamp() - since < FRESH.total_seconds()


def leave_unnamed(request: web.Request) -> None:
    """Give the browser no cookie: the page stands on other sites, whose visitors are none of our business."""
    request[_UNNAMED] = True


def who(request: web.Request) -> Actor:
    """The signed-in person, or the visitor that the device stands for."""
    return request[_ACTOR]


def as_visitor(request: web.Request) -> Actor:
    """The device as a visitor, whoever is signed in: questions and votes belong to devices."""
    return visitor(device(request))


def require_sign_in(request: web.Request) -> Actor:
    """The signed-in person; `Refused("unauthenticated")` sends others to the sign-in page."""
    actor = who(request)
    if not actor.signed_in:
        raise Refused("unauthenticated")
    return actor


@web.middleware
async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put device and person into the request; give a new browser its device cookie, and an old one its own again.

    Raises `Unavailable` when the records do not say who somebody is; then the request is a visitor's, so that this
    can be told on a page.
    """
    secret = request.app[keys.SECRET]
    cookie, now = request.cookies.get(DEVICE_COOKIE, ""), request.app[keys.CLOCK]().timestamp()
    known, since = _read_device(cookie, secret)
    request[_DEVICE], request[_SEEN_SINCE] = known or ids.new_id(), since
    request[_ACTOR] = visitor(device(request))
    if not request.path.startswith(FOR_ANYBODY):
        request[_ACTOR] = await person(request)
    response = await handler(request)
    # Who comes back after a long time keeps the name: whoever asked is heard for as long as that takes.
    fresh = since is not None and now - since < DEVICE_LIFE.total_seconds() / 2
    named = fresh or request.get(_UNNAMED, False)
    if not named and not response.prepared and response.content_type == "text/html":
        value = f"{device(request)}.{int(now):x}"
        response.set_cookie(
            DEVICE_COOKIE,
            cookie if known else f"{value}.{_sign(secret, 'device', value)}",
            max_age=int(DEVICE_LIFE.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=is_secure(request),
        )
    return response


def csrf_token(request: web.Request) -> str:
    """The word that a form of ours carries and a foreign site cannot know."""
    return _sign(request.app[keys.SECRET], "form", device(request))


async def read_form(request: web.Request, limit: int = FORM_LIMIT) -> dict[str, list[str]]:
    """The fields of a form of ours, of so many bytes at most.

    Refuses `bad_form` without the right `csrf`, and what `read_fields` refuses.
    """
    fields = await read_fields(request, limit)
    if not hmac.compare_digest(field(fields, "csrf").encode(), csrf_token(request).encode()):
        raise Refused("bad_form")
    return fields


async def read_fields(request: web.Request, limit: int = FORM_LIMIT) -> dict[str, list[str]]:
    """The fields of any form, as browsers send those of our pages. Refuses `bad_message` for everything else.

    The one way in for forms: `application/x-www-form-urlencoded`, which is UTF-8 whatever its `charset` says.
    """
    if request.content_length is not None and request.content_length > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length)
    if request.can_read_body and request.content_type != "application/x-www-form-urlencoded":
        raise Refused("bad_message")
    try:
        return parse_qs((await request.read()).decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refused("bad_message") from None


def field(fields: dict[str, list[str]], name: str) -> str:
    """The first value of a field, empty when it is missing."""
    return fields.get(name, [""])[0]


def check_origin(request: web.Request) -> None:
    """Refuse `foreign_origin`: a browser sends our cookies along whoever made the page."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    allowed = {request.host}
    public = split_url(request.app[keys.SETTINGS].public_url)
    if public is not None and public.netloc:
        allowed.add(public.netloc)
    asked_by = split_url(origin)
    if asked_by is None or asked_by.netloc not in allowed:
        raise Refused("foreign_origin")


def split_url(url: str) -> SplitResult | None:
    """The parts of an address that somebody sent; None when it is none (a bracket without its pair)."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def is_secure(request: web.Request) -> bool:
    if request.app[keys.SETTINGS].behind_proxy:
        return request.headers.get("X-Forwarded-Proto", request.scheme) == "https"
    return request.scheme == "https"


def network(request: web.Request) -> str:
    """The address that the request came from; the last one named by our own proxy when there is one.

    A load test of the operator's is as many networks as it has devices: one machine plays ten thousand people.
    """
    key = request.app[keys.SETTINGS].loadtest_key
    if key and hmac.compare_digest(request.headers.get(LOADTEST_HEADER, "").encode(), key.encode()):
        return f"load test {device(request)}"
    if request.app[keys.SETTINGS].behind_proxy:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
    return request.remote or ""


async def sign_in(request: web.Request, account: Account, response: web.Response) -> None:
    """Open a sign-in and give the browser its key; the records keep only a hash of it."""
    token = ids.new_token()
    now = request.app[keys.CLOCK]()
    until, last = now + SIGN_IN_LIFE, now + SIGN_IN_LONGEST
    await request.app[keys.PEOPLE].open_sign_in(hash_secret(token), account.id, until, last)
    response.set_cookie(
        _sign_in_cookie(request),
        token,
        # The records say when it ends: an open socket renews a sign-in and could not give the browser a new cookie.
        max_age=int(SIGN_IN_LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
    )


async def sign_out(request: web.Request, response: web.Response) -> None:
    token = request.cookies.get(_sign_in_cookie(request), "")
    if token:
        await request.app[keys.PEOPLE].close_sign_in(hash_secret(token))
    response.del_cookie(_sign_in_cookie(request), secure=is_secure(request), httponly=True, samesite="Lax")


def hash_secret(secret: str) -> str:
    """What is kept of a secret that we drew ourselves: it has 256 bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def person(request: web.Request) -> Actor:
    """Who the sign-in of the request stands for now, which is renewed by being asked for.

    A socket asks again and again: it is open for longer than a sign-in or a role may last.
    """
    token = request.cookies.get(_sign_in_cookie(request), "")
    if token:
        people, secret, now = request.app[keys.PEOPLE], hash_secret(token), request.app[keys.CLOCK]()
        found = await people.sign_in(secret, now)
        if found is not None:
            until = min(now + SIGN_IN_LIFE, found.last)
            if until - found.until >= RENEW_EVERY:
                with contextlib.suppress(Unavailable):
                    await people.renew_sign_in(secret, until)
            return found.account.actor
    return visitor(device(request))


def _sign_in_cookie(request: web.Request) -> str:
    # The prefix makes browsers refuse the cookie from a subdomain or over plain HTTP (RFC 6265bis).
    return "__Host-liveroom" if is_secure(request) else "liveroom"


def _sign(secret: bytes, purpose: str, value: str) -> str:
    return hmac.new(secret, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


def _read_device(cookie: str, secret: bytes) -> tuple[str | None, float | None]:
    """The device of a cookie and when it was given, in seconds since 1970: 0 for those from before they said so."""
    value, _, signature = cookie.rpartition(".")
    name, _, since = value.partition(".")
    if (
        not name
        or len(value) > 48
        or not hmac.compare_digest(signature.encode(), _sign(secret, "device", value).encode())
    ):
        return None, None
    return name, float(int(since, 16)) if since else 0.0
