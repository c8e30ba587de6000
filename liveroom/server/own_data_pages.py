"""What is kept about an asker, for whoever has the code: to read, to take home, to have erased. Knows no rule of it."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from liveroom.actions.follow_up import Followed
from liveroom.errors import Refused, Unavailable, refusal
from liveroom.ids import show_tracking_code
from liveroom.matters.matter import MatterStep
from liveroom.qa.erasing import keeps_wording
from liveroom.qa.own_data import own_data
from liveroom.server import keys
from liveroom.server.identity import device, field, network, read_form
from liveroom.server.pages import go, render
from liveroom.server.refusals import explain, status
from liveroom.server.track_pages import followed, not_found


async def page(request: web.Request) -> web.Response:
    """GET /track/{code}/data."""
    found = await followed(request)
    return not_found(request) if found is None else await _page(request, found)


async def download(request: web.Request) -> web.Response:
    """GET /track/{code}/data.json: the same, for programs."""
    found = await followed(request)
    if found is None:
        return not_found(request)
    body = msgspec.json.format(msgspec.json.encode(await _data(request, found)), indent=2)
    name = f"liveroom-{found.question.label}.json"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type="application/json", headers=headers)


async def erase(request: web.Request) -> web.Response:
    """POST /track/{code}/erase: for a verified asker in two steps, the second with the code that was sent to them."""
    found = await followed(request)
    if found is None:
        return not_found(request)
    form = await read_form(request)
    erasing, question = request.app[keys.VERBS].erasing, found.question
    try:
        if field(form, "sure") != "yes":
            raise Refused("not_sure")
        if await erasing.proof(question) and not field(form, "code"):
            await erasing.send_code(question, network(request))
            return await _page(request, found, sure=True)
        await request.app[keys.LIMITS].share("code_try", network(request))
        await erasing.erase(found.sitting.session.id, question.id, field(form, "code"))
    except (Refused, Unavailable) as error:
        refused = refusal(error)
        return await _page(request, found, problem=refused, sure=field(form, "sure") == "yes")
    raise go(f"/track/{request.match_info['code']}/data")


async def _data(request: web.Request, found: Followed) -> dict[str, Any]:
    erasing = request.app[keys.VERBS].erasing
    lines = await erasing.lines(found.sitting, found.question)
    contact = await erasing.proof(found.question)
    events = [(line.at, line.event) for line in lines]
    said = [(line.at, answer(line.event)) for line in await erasing.said(found.sitting, found.question)]
    data = own_data(found.question, found.sitting.session, events, said, contact, whole=_is_askers(request, found))
    consent = await request.app[keys.VERBS].reaching.consent_of(found.question)
    return data | {"reached": {"allowed": consent.given, "looked_at": consent.looks}}


def answer(step: MatterStep) -> dict[str, str]:
    """What somebody said of the result, in a step of theirs."""
    values = step.values
    return {"answer": values.get("solved") or values.get("result", ""), "comment": values.get("comment", "")}


def _is_askers(request: web.Request, found: Followed) -> bool:
    """Whether the browser is the one that asked."""
    return device(request) == found.question.device


async def _page(
    request: web.Request, found: Followed, *, problem: Refused | None = None, sure: bool = False
) -> web.Response:
    erasing, question = request.app[keys.VERBS].erasing, found.question
    hint = await erasing.proof(question)
    return render(
        request,
        "own_data.html",
        status=status(problem) if problem else 200,
        code=show_tracking_code(question.code),
        data=await _data(request, found),
        session=found.sitting.session,
        question=question,
        whole=_is_askers(request, found),
        keeps=keeps_wording(found.sitting.queue, question, found.votes),
        hint=hint,
        waits=bool(hint) and await erasing.waits_for_code(question),
        sure=sure,
        problem=explain(request, problem) if problem else "",
    )
