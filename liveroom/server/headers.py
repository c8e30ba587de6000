"""Headers that every answer carries. Knows no page."""

from __future__ import annotations

import re

from aiohttp import web

from liveroom.server.identity import is_secure

_HOST = re.compile(r"[A-Za-z0-9.\-:\[\]]+")


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler for `on_response_prepare`: what a browser may do with our pages.

    An open socket is no page, and would keep its headers as long as it is open: a kilobyte each.
    """
    if isinstance(response, web.WebSocketResponse):
        return
    # Older Safari does not count a websocket to the same host as 'self'.
    socket = f"{'wss' if is_secure(request) else 'ws'}://{request.host}" if _HOST.fullmatch(request.host) else ""
    policy = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        f"connect-src 'self' {socket}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Addresses of tracking pages carry a code: no other site is told them.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(self), microphone=(self), geolocation=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if is_secure(request):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers.pop("Server", None)
