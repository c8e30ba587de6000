"""Following by code: what became of a question, an appeal, and whether it is solved. Knows no workflow rule."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from aiohttp import web

from liveroom.actions.follow import Target
from liveroom.actions.follow_up import Followed
from liveroom.errors import Refused, Unavailable, refusal
from liveroom.ids import read_tracking_code, show_tracking_code
from liveroom.qa.wire import mine_view
from liveroom.rooms.roles import visitor
from liveroom.server import keys
from liveroom.server.case_views import case_view
from liveroom.server.clip_pages import clips
from liveroom.server.following_pages import begin, follow_form
from liveroom.server.identity import field, network, read_form
from liveroom.server.pages import go, render, say, site
from liveroom.server.qr import qr
from liveroom.server.reach_views import reach_view
from liveroom.server.refusals import N_, explain, status
from liveroom.server.suggestion_pages import voice_view

_WRONG = N_("没有找到这个编号。请核对回执上的 13 个字符；字母和数字里没有 0、O、1、I。")


async def track_form(request: web.Request) -> web.Response:
    """GET /track: type a code."""
    typed = request.query.get("code", "")
    if not typed.strip():
        return render(request, "track_form.html", problem=None, typed="")
    code = read_tracking_code(typed)
    if code is not None:
        raise go(f"/track/{show_tracking_code(code)}")
    words = say(request, _WRONG)
    return render(request, "track_form.html", status=404, problem=words, typed=typed[:40])


async def track(request: web.Request) -> web.Response:
    """GET /track/{code}. Misses are counted by network, so that codes cannot be tried out."""
    found = await followed(request)
    return not_found(request) if found is None else await _page(request, found)


async def appeal(request: web.Request) -> web.Response:
    """POST /track/{code}/appeal: whoever has the code speaks for the asker, who may have no browser here."""
    found = await followed(request)
    if found is None:
        return not_found(request)
    text = field(await read_form(request), "text")
    question = found.question
    try:
        session = found.sitting.session.id
        await request.app[keys.VERBS].asking.appeal(session, question.id, text, visitor(question.device))
    except (Refused, Unavailable) as error:
        return await _page(request, found, appeal_error=error, typed=text)
    raise go(f"/track/{request.match_info['code']}")


async def check(request: web.Request) -> web.Response:
    """POST /track/{code}/check: whether it is solved; of a work order, how it was handled."""
    found = await followed(request)
    if found is None:
        return not_found(request)
    form = await read_form(request)
    values = {name: field(form, name) for name in ("solved", "result", "comment")}
    if found.matter is None:
        raise Refused("wrong_state", state="")
    try:
        await request.app[keys.VERBS].confirming.say(found.matter.id, found.question.device, values)
    except (Refused, Unavailable) as error:
        return await _page(request, found, check_error=error, typed=values["comment"])
    raise go(f"/track/{request.match_info['code']}#check")


async def reach(request: web.Request) -> web.Response:
    """POST /track/{code}/reach: the unit may see how to reach the asker, or may not any more."""
    found = await followed(request)
    if found is None:
        return not_found(request)
    reaching, wished = request.app[keys.VERBS].reaching, field(await read_form(request), "reach")
    match wished:
        case "yes":
            await reaching.allow(found.question)
        case "no":
            await reaching.stop(found.question)
        case _:
            raise Refused("bad_choice")
    raise go(f"/track/{request.match_info['code']}#reach")


async def follow(request: web.Request) -> web.Response:
    """POST /track/{code}/follow: be told of every step of what comes of the question."""
    found = await followed(request)
    if found is None:
        return not_found(request)
    refused, typed = await begin(request, Target(question=found.question.id))
    form = await follow_form(request, _follow_address(found), refused, **typed)
    return await _page(request, found, follow=form, number=status(refused))


def _follow_address(found: Followed) -> str:
    return f"/track/{show_tracking_code(found.question.code)}/follow"


async def followed(request: web.Request) -> Followed | None:
    """What the code of the address leads to; None, and one more miss of this network, when it leads nowhere."""
    return await _behind(request, request.match_info["code"])


async def asked_with(request: web.Request, typed: str) -> str:
    """The question that speaks for that of a code; empty for no code and for none of ours, which counts as a miss."""
    found = await _behind(request, typed) if typed else None
    return found.sitting.queue.root(found.question).id if found else ""


async def _behind(request: web.Request, typed: str) -> Followed | None:
    limits = request.app[keys.LIMITS]
    await limits.require("track_miss", network(request))
    code = read_tracking_code(typed)
    if code is not None:
        with contextlib.suppress(Refused):
            return await request.app[keys.VERBS].following_up.follow(code)
    await limits.share("track_miss", network(request))
    return None


def not_found(request: web.Request) -> web.Response:
    """The form for codes, with what was typed."""
    words = say(request, _WRONG)
    return render(request, "track_form.html", status=404, problem=words, typed=request.match_info["code"][:40])


async def _page(
    request: web.Request,
    found: Followed,
    *,
    appeal_error: Refused | Unavailable | None = None,
    check_error: Refused | Unavailable | None = None,
    typed: str = "",
    follow: dict[str, Any] | None = None,
    number: int = 200,
) -> web.Response:
    sitting, question, matter = found.sitting, found.question, found.matter
    root = sitting.queue.root(question)
    error = appeal_error or check_error
    code = show_tracking_code(question.code)
    address = f"{site(request)}/track/{code}"
    return render(
        request,
        "track.html",
        status=status(refusal(error)) if error else number,
        follow=follow or await follow_form(request, _follow_address(found)),
        code=code,
        address=address,
        qr=qr(address),
        question=msgspec.structs.asdict(mine_view(sitting.queue, question, found.votes)),
        may_appeal=question.may_appeal(request.app[keys.CLOCK]()),
        problem=explain(request, refusal(appeal_error)) if appeal_error else "",
        typed=typed if appeal_error else "",
        erased=question.erased,
        clip=(await clips(request, [sitting.session.id])).get(root.id),
        # What becomes of a merged question is what becomes of the one that speaks for it.
        outcome=root.outcome or question.outcome,
        outcome_note=root.outcome_note,
        session=sitting.session,
        view=await case_view(request, matter, [root.id]) if matter else None,
        check=await voice_view(request, matter, question.device, check_error, typed) if matter else None,
        history=found.history,
        reach=await reach_view(request, found),
    )
