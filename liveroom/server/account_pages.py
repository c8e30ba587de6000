"""Where reminders go: one's own address and its code, and for the office who has none. Shows no address in whole."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused, Unavailable
from liveroom.notices.followers import Way
from liveroom.rooms.roles import Actor, Permission, require
from liveroom.server import keys
from liveroom.server.identity import field, network, read_form, require_sign_in
from liveroom.server.pages import go, render, site
from liveroom.server.refusals import explain, status
from liveroom.server.reminder_pages import worker


async def page(request: web.Request) -> web.Response:
    """GET /account: by which way this person is reminded."""
    return await _own_page(request, worker(request))


async def change(request: web.Request) -> web.Response:
    """POST /account: `action` is `contact` (an address, which gets a code), `code`, `again`, `language` or `forget`."""
    actor, form = worker(request), await read_form(request)
    keeping, limits = request.app[keys.VERBS].keeping_addresses, request.app[keys.LIMITS]
    try:
        match field(form, "action"):
            case "contact":
                await limits.share("follow", network(request))
                await keeping.choose(actor, field(form, "contact"), network(request))
            case "again":
                await limits.share("follow", network(request))
                await keeping.send_code(actor, network(request))
            case "code":
                await limits.share("code_try", network(request))
                await keeping.confirm(actor, field(form, "code"), site(request))
            case "language":
                await keeping.speak(actor, field(form, "language"))
            case "forget":
                await keeping.forget(actor)
            case _:
                raise Refused("bad_choice")
    except Refused as refused:
        return await _own_page(request, actor, refused, field(form, "contact"))
    except Unavailable:
        return await _own_page(request, actor, Refused("message_not_sent"), field(form, "contact"))
    raise go("/account")


async def people(request: web.Request) -> web.Response:
    """GET /office/people: who is reminded by which way, and who is not reached outside of the product."""
    return await _people_page(request)


async def write_down(request: web.Request) -> web.Response:
    """POST /office/people/{account}: the address `contact` of somebody else, empty for none. They prove it."""
    actor, form = require_sign_in(request), await read_form(request)
    account, written = request.match_info["account"], field(form, "contact")
    try:
        await request.app[keys.VERBS].keeping_addresses.write_down(account, written, actor)
    except Refused as refused:
        if refused.code != "bad_contact":
            raise
        return await _people_page(request, refused, account, written)
    raise go("/office/people")


async def _own_page(
    request: web.Request, actor: Actor, refused: Refused | None = None, typed: str = ""
) -> web.Response:
    keeping = request.app[keys.VERBS].keeping_addresses
    address = await keeping.own(actor)
    return render(
        request,
        "account.html",
        status=status(refused) if refused else 200,
        problem=explain(request, refused) if refused else "",
        hint=address.contact.hint if address.contact else "",
        step=_step(address.proved, hint=bool(address.contact)),
        coming=await keeping.waiting(actor),
        language=address.language,
        typed=typed,
        morning=request.app[keys.SETTINGS].remind_at,
    )


def _step(proved: bool, *, hint: bool) -> str:
    return "none" if not hint else "proved" if proved else "code"


async def _people_page(
    request: web.Request, refused: Refused | None = None, account: str = "", typed: str = ""
) -> web.Response:
    actor = require_sign_in(request)
    require(actor, Permission.IMPORT)
    everybody = await request.app[keys.VERBS].keeping_addresses.everybody(actor)
    return render(
        request,
        "people.html",
        status=status(refused) if refused else 200,
        people=everybody,
        without=sum(one.address.way is Way.WORKLIST for one in everybody),
        problem=explain(request, refused) if refused else "",
        account=account,
        typed=typed,
    )
