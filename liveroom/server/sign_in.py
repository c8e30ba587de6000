"""Signing in and out: password, one-time link. Knows no page behind the door."""

from __future__ import annotations

import asyncio

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from liveroom.errors import Refused
from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, Role
from liveroom.server import keys
from liveroom.server.identity import field, hash_secret, network, read_form, sign_in, sign_out, who
from liveroom.server.pages import local_target, render, say
from liveroom.server.refusals import N_, explain, status

_hasher = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$dO+sOumkwvObDAz/1zaIFQ$cfLBQckFGDXvzIg4HKirfnsvywXXD1Bhh3AcoSRG1F4"
"""Of a password that nobody knows, as costly to compare as any other; made beforehand, since every start would wait."""


def hash_password(password: str) -> str:
    """What is kept of a password (argon2id)."""
    return _hasher.hash(password)


def check_password(account: Account | None, password: str) -> bool:
    """Whether it is the account's; takes the same time without an account, or for one that has no password."""
    kept = account.password if account and account.password else _NOBODY
    return _verify(kept, password) and kept is not _NOBODY


def home_of(actor: Actor) -> str:
    """Where a person's work begins."""
    if actor.roles & {Role.OFFICE, Role.ADMIN}:
        return "/office"
    return "/worklist" if actor.roles & {Role.DEPUTY, Role.UNIT_HEAD, Role.UNIT_OFFICER} else "/"


async def form(request: web.Request) -> web.Response:
    """GET /sign-in."""
    if who(request).signed_in:
        raise web.HTTPSeeOther(local_target(request.query.get("next", "") or home_of(who(request))))
    return render(request, "sign_in.html", problem=None, name="", next=request.query.get("next", ""))


async def submit(request: web.Request) -> web.Response:
    """POST /sign-in. Wrong name and wrong password cost the same time and get the same words."""
    fields = await read_form(request)
    name, target = field(fields, "name").strip(), field(fields, "next")
    try:
        await request.app[keys.LIMITS].share("sign_in", name, network(request))
        await request.app[keys.LIMITS].share("sign_in_network", network(request))
        account = await request.app[keys.PEOPLE].by_login(name)
        right = await asyncio.to_thread(check_password, account, field(fields, "password")[:1024])
        if account is None or not right:
            raise Refused("bad_credentials")
    except Refused as refused:
        words = explain(request, refused)
        return render(request, "sign_in.html", status=status(refused), problem=words, name=name, next=target)
    response = web.Response(status=303, headers={"Location": local_target(target or home_of(account.actor))})
    await sign_in(request, account, response)
    return response


async def link(request: web.Request) -> web.Response:
    """GET /sign-in/{token}: signs in once. Somebody already signed in as that person is just sent on."""
    secret = hash_secret(request.match_info["token"])
    people = request.app[keys.PEOPLE]
    known = await people.link_target(secret)
    if known is not None and known[0] == who(request).id:
        raise web.HTTPSeeOther(local_target(known[1]))
    used = await people.use_link(secret, request.app[keys.CLOCK]())
    if used is None:
        words = say(request, _USED)
        return render(request, "sign_in.html", status=410, problem=words, name="", next="")
    account, target = used
    response = web.Response(status=303, headers={"Location": local_target(target)})
    await sign_in(request, account, response)
    return response


async def leave(request: web.Request) -> web.Response:
    """POST /sign-out."""
    await read_form(request)
    response = web.Response(status=303, headers={"Location": "/"})
    await sign_out(request, response)
    return response


_USED = N_("这个登录链接已经用过或过期了。请用用户名和密码登录，或请办公室再发一个链接。")


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False
