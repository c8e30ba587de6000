"""Pages of what is followed up: suggestions in public, tracking by code, work lists. Knows no workflow rule."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from aiohttp import web

from liveroom.actions.follow import Target
from liveroom.actions.follow_up import Followed
from liveroom.errors import Refused, Unavailable
from liveroom.ids import read_tracking_code, show_tracking_code
from liveroom.matters.enclosures import Attachment
from liveroom.matters.matter import Matter
from liveroom.qa.wire import mine_view
from liveroom.rooms.roles import visitor
from liveroom.server import keys
from liveroom.server.filters import GROUPS, wanted_by
from liveroom.server.following_pages import begin, follow_form
from liveroom.server.identity import field, network, read_form
from liveroom.server.matter_cards import listed
from liveroom.server.pages import go, language, render
from liveroom.server.refusals import N_, explain, status

_DANGEROUS = frozenset(
    {"decline", "return", "not_admit", "withdraw", "decline_cosign", "redraft", "separate", "request_return"}
    | {"deny_return", "deny_extension", "make_confidential", "dispute", "cancel", "send_back"}
)
"""Steps whose button warns."""


async def suggestions(request: web.Request) -> web.Response:
    """GET /suggestions: filters stay in the address."""
    chosen, following = request.query.get("state", ""), request.app[keys.VERBS].following_up
    wanted = wanted_by(request.query, following.today)
    found = await following.public_list(wanted, request.query.get("after", ""))
    return render(
        request,
        "suggestions.html",
        suggestions=[await listed(request, matter) for matter in found.rows],
        after=found.after,
        typed=wanted.text,
        chosen=chosen if chosen in GROUPS else "",
        filters=list(GROUPS),
    )


async def suggestion(request: web.Request) -> web.Response:
    """GET /suggestions/{number}."""
    return await _suggestion_page(request)


async def follow_suggestion(request: web.Request) -> web.Response:
    """POST /suggestions/{number}/follow: be told of every step."""
    matter = await request.app[keys.VERBS].following_up.by_number(request.match_info["number"])
    refused, typed = await begin(request, Target(matter=matter.id))
    return await _suggestion_page(request, refused, **typed)


async def _suggestion_page(request: web.Request, refused: Refused | None = None, **typed: str) -> web.Response:
    following = request.app[keys.VERBS].following_up
    matter = await following.by_number(request.match_info["number"])
    history = await following.history(matter)
    return render(
        request,
        "suggestion.html",
        status=status(refused) if refused else 200,
        follow=await follow_form(request, f"/suggestions/{matter.number}/follow", refused, **typed),
        matter=await listed(request, matter),
        m=matter,
        attached=await _attached(request, matter),
        history=history,
        originals=False,
        insiders=False,
    )


async def track_form(request: web.Request) -> web.Response:
    """GET /track: type a code."""
    typed = request.query.get("code", "")
    if not typed.strip():
        return render(request, "track_form.html", problem=None, typed="")
    code = read_tracking_code(typed)
    if code is not None:
        raise go(f"/track/{show_tracking_code(code)}")
    words = request.app[keys.WORDS].say(language(request), _WRONG)
    return render(request, "track_form.html", status=404, problem=words, typed=typed[:40])


async def track(request: web.Request) -> web.Response:
    """GET /track/{code}. Misses are counted by network, so that codes cannot be tried out."""
    found = await followed(request)
    return not_found(request) if found is None else await _track_page(request, found)


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
        refused = error if isinstance(error, Refused) else Refused("unavailable")
        problem = explain(request.app[keys.WORDS], language(request), refused)
        return await _track_page(request, found, problem=problem, typed=text, number=status(refused))
    raise go(f"/track/{request.match_info['code']}")


async def follow_question(request: web.Request) -> web.Response:
    """POST /track/{code}/follow: be told of every step of what comes of the question."""
    found = await followed(request)
    if found is None:
        return not_found(request)
    refused, typed = await begin(request, Target(question=found.question.id))
    form = await follow_form(request, _follow_address(found), refused, **typed)
    return await _track_page(request, found, number=status(refused), follow=form)


def _follow_address(followed: Followed) -> str:
    return f"/track/{show_tracking_code(followed.question.code)}/follow"


async def followed(request: web.Request) -> Followed | None:
    """What the code of the address leads to; None, and one more miss of this network, when it leads nowhere."""
    limits = request.app[keys.LIMITS]
    await limits.require("track_miss", network(request))
    code = read_tracking_code(request.match_info["code"])
    if code is not None:
        with contextlib.suppress(Refused):
            return await request.app[keys.VERBS].following_up.follow(code)
    await limits.share("track_miss", network(request))
    return None


def not_found(request: web.Request) -> web.Response:
    """The form for codes, with what was typed."""
    words = request.app[keys.WORDS].say(language(request), _WRONG)
    return render(request, "track_form.html", status=404, problem=words, typed=request.match_info["code"][:40])


async def _track_page(
    request: web.Request,
    followed: Followed,
    *,
    problem: str = "",
    typed: str = "",
    number: int = 200,
    follow: dict[str, Any] | None = None,
) -> web.Response:
    sitting, question = followed.sitting, followed.question
    return render(
        request,
        "track.html",
        status=number,
        code=show_tracking_code(question.code),
        question=msgspec.structs.asdict(mine_view(sitting.queue, question, followed.votes)),
        may_appeal=question.may_appeal(request.app[keys.CLOCK]()),
        problem=problem,
        typed=typed,
        follow=follow or await follow_form(request, _follow_address(followed)),
        outcome_note=sitting.queue.root(question).outcome_note,
        session=sitting.session,
        erased=question.erased,
        matter=await listed(request, followed.matter) if followed.matter else None,
        m=followed.matter,
        attached=await _attached(request, followed.matter),
        history=followed.history,
        originals=False,
        insiders=False,
    )


async def _attached(request: web.Request, matter: Matter | None) -> dict[int, list[Attachment]]:
    """What everybody may see of the files that steps took along."""
    return await request.app[keys.VERBS].attaching.carried(matter, public=True) if matter else {}


_WRONG = N_("没有找到这个编号。请核对回执上的 13 个字符；字母和数字里没有 0、O、1、I。")
