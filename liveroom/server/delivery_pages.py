"""Pages of the office on what was told to followers: what failed, waits, was sent. Knows no contact."""

from __future__ import annotations

from aiohttp import web

from liveroom.errors import Refused
from liveroom.matters.sight import is_told_of
from liveroom.notices.followers import NoticeState, Way
from liveroom.rooms.roles import Permission, require
from liveroom.server import keys
from liveroom.server.following_pages import outcome_poster, poster_page
from liveroom.server.identity import field, read_form, require_sign_in
from liveroom.server.pages import go, render

SHOWN = (NoticeState.FAILED, NoticeState.WAITING, NoticeState.SENDING, NoticeState.SENT, NoticeState.DROPPED)


async def deliveries(request: web.Request) -> web.Response:
    """GET /office/deliveries: notices in one state, newest first, and work that was given up."""
    actor, telling = require_sign_in(request), request.app[keys.VERBS].telling
    counts = await telling.counts(actor)
    chosen = _state(request.query.get("state", "")) or (
        NoticeState.FAILED if counts[NoticeState.FAILED] else NoticeState.WAITING
    )
    found = await telling.deliveries(chosen, request.query.get("after", ""), actor)
    return render(
        request,
        "deliveries.html",
        states=[state.value for state in SHOWN],
        counts={state.value: count for state, count in counts.items()},
        chosen=chosen.value,
        deliveries=found,
        # One page is as long as the verb makes it; a shorter one is the last.
        more=found[-1].notice.id if len(found) == telling.page else "",
        given_up=await telling.given_up(actor),
    )


async def change(request: web.Request) -> web.Response:
    """POST /office/deliveries/{notice}: `action` is `again` for one that failed, `posted` for one that hangs now."""
    actor, form = require_sign_in(request), await read_form(request)
    require(actor, Permission.REVIEW)
    telling, notice = request.app[keys.VERBS].telling, request.match_info["notice"]
    match field(form, "action"):
        case "again":
            await telling.again(notice, actor)
        case "posted":
            await telling.posted(notice, actor)
        case _:
            raise Refused("bad_choice")
    raise go(f"/office/deliveries?state={_state(field(form, 'state')) or ''}")


async def change_job(request: web.Request) -> web.Response:
    """POST /office/jobs/{job}: `action` is `again` or `discard`, for work that was given up."""
    actor, form = require_sign_in(request), await read_form(request)
    require(actor, Permission.REVIEW)
    telling, number = request.app[keys.VERBS].telling, request.match_info["job"]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Refused("not_found")
    match field(form, "action"):
        case "again":
            await telling.revive(int(number), actor)
        case "discard":
            await telling.discard(int(number), actor)
        case _:
            raise Refused("bad_choice")
    raise go("/office/deliveries")


async def station_poster(request: web.Request) -> web.Response:
    """GET /office/deliveries/{notice}/poster: what is to be printed for a station."""
    found = await request.app[keys.VERBS].telling.find(request.match_info["notice"], require_sign_in(request))
    if found.notice.way is not Way.STATION:
        raise Refused("not_found")
    back = "/office/deliveries?state=waiting"
    if found.notice.question:
        told = await request.app[keys.VERBS].telling.says(found.notice)
        return await outcome_poster(request, told, found.place, back)
    matter = await request.app[keys.MATTERS].load(found.notice.matter)
    if not is_told_of(matter):
        raise Refused("not_found")
    return await poster_page(request, matter, found.place, back)


def _state(written: str) -> NoticeState | None:
    return NoticeState(written) if written in {state.value for state in NoticeState} else None
