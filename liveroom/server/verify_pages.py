"""Verifying a contact in two steps, complete without JavaScript. Knows no driver, and shows no contact in whole."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused, Unavailable
from liveroom.server import keys
from liveroom.server.identity import DEVICE_LIFE, device, field, is_secure, network, read_form
from liveroom.server.pages import local_target, render
from liveroom.server.refusals import explain, status

VERIFIED_COOKIE = "liveroom_verified"
"""What the form says, without a look into the vault at every join; whoever makes it up is refused when asking."""


async def page(request: web.Request) -> web.Response:
    """GET /verify: where this device is: contact, code, verified."""
    return await _page(request, local_target(request.query.get("next", "/")))


async def send_code(request: web.Request) -> web.Response:
    """POST /verify/contact: send a code. The answer is the same for every contact."""
    form = await read_form(request)
    target, contact = local_target(field(form, "next")), field(form, "contact")
    try:
        await request.app[keys.VERBS].verifying.send_code(device(request), network(request), contact)
    except (Refused, Unavailable) as error:
        return await _page(request, target, problem=_not_sent(error), contact=contact, asking=True)
    return await _page(request, target)


async def confirm(request: web.Request) -> web.Response:
    """POST /verify/code: the code that came."""
    form = await read_form(request)
    target = local_target(field(form, "next"))
    try:
        await request.app[keys.LIMITS].share("code_try", network(request))
        await request.app[keys.VERBS].verifying.confirm(device(request), field(form, "code"))
    except Refused as refused:
        return await _page(request, target, problem=refused)
    return await _page(request, target)


async def forget(request: web.Request) -> web.Response:
    """POST /verify/forget: this device is nobody's any more."""
    form = await read_form(request)
    await request.app[keys.VERBS].verifying.forget(device(request))
    return await _page(request, local_target(field(form, "next")))


def _not_sent(error: Refused | Unavailable) -> Refused:
    return error if isinstance(error, Refused) else Refused("code_not_sent")


async def _page(
    request: web.Request,
    target: str,
    *,
    problem: Refused | None = None,
    contact: str = "",
    asking: bool = False,
) -> web.Response:
    verifying = request.app[keys.VERBS].verifying
    verified = await verifying.is_verified(device(request))
    hint = None if asking or request.query.get("again") else await verifying.waiting_for(device(request))
    words = explain(request, problem) if problem else ""
    response = render(
        request,
        "verify.html",
        status=status(problem) if problem else 200,
        next=target,
        step="code" if hint else "verified" if verified else "contact",
        hint=hint,
        problem=words,
        contact=contact,
    )
    if verified:
        life, secure = int(DEVICE_LIFE.total_seconds()), is_secure(request)
        response.set_cookie(VERIFIED_COOKIE, "1", max_age=life, httponly=True, samesite="Lax", secure=secure)
    else:
        response.del_cookie(VERIFIED_COOKIE)
    return response
