"""What is kept about whoever seconded, for the browser that did: to read, to take home, to have erased."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from liveroom.errors import Refused, Unavailable, refusal
from liveroom.qa.own_data import SecondedQuestion, seconded_data
from liveroom.server import keys
from liveroom.server.identity import device, field, network, read_form
from liveroom.server.own_data_pages import answer
from liveroom.server.pages import go, render
from liveroom.server.refusals import explain, status


async def page(request: web.Request) -> web.Response:
    """GET /seconded: nothing is shown but what this browser did; it has no code, and its name is in its cookie."""
    return await _page(request)


async def download(request: web.Request) -> web.Response:
    """GET /seconded/data.json: the same, for programs."""
    body = msgspec.json.format(msgspec.json.encode(await _data(request)), indent=2)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="liveroom-seconded.json"'}
    return web.Response(body=body, content_type="application/json", headers=headers)


async def erase(request: web.Request) -> web.Response:
    """POST /seconded/erase: the votes stay counted, and are nobody's."""
    form = await read_form(request)
    try:
        if field(form, "sure") != "yes":
            raise Refused("not_sure")
        await request.app[keys.LIMITS].share("code_try", network(request))
        await request.app[keys.VERBS].erasing.erase_seconded(device(request))
    except (Refused, Unavailable) as error:
        return await _page(request, refusal(error))
    raise go("/seconded?erased=1")


async def _data(request: web.Request) -> dict[str, Any]:
    erasing, name = request.app[keys.VERBS].erasing, device(request)
    found = [
        SecondedQuestion(
            one.question,
            one.sitting.queue.root(one.question),
            one.sitting.session,
            one.at,
            [(line.at, answer(line.event)) for line in one.said],
            one.goes,
        )
        for one in await erasing.seconded(name)
    ]
    return seconded_data(found, name if found else "", await erasing.contact_hint(name))


async def _page(request: web.Request, problem: Refused | None = None) -> web.Response:
    return render(
        request,
        "seconded.html",
        status=status(problem) if problem else 200,
        data=await _data(request),
        erased="erased" in request.query,
        problem=explain(request, problem) if problem else "",
    )
