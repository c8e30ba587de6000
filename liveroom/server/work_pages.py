"""The work list: what is due first, filters under names, many matters assigned at once, the units' board.

Knows no workflow rule.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from liveroom.actions.many_matters import Done
from liveroom.errors import Refused
from liveroom.matters.fields import dates
from liveroom.matters.parties import turns_of
from liveroom.matters.stages import Stage
from liveroom.ports.filters import SavedFilter
from liveroom.ports.matters import Wanted
from liveroom.rooms.roles import Actor, Permission, may, require
from liveroom.server import keys
from liveroom.server.filters import wanted_by
from liveroom.server.identity import field, read_form
from liveroom.server.matter_cards import listed
from liveroom.server.pages import go, render
from liveroom.server.refusals import explain, status
from liveroom.server.reminder_pages import newest, worker
from liveroom.server.work_filters import KINDS, WorkFilter, views_for
from liveroom.text import clean

NAME_LIMIT = 20
"""Characters of the name of a filter."""


async def work(request: web.Request) -> web.Response:
    """GET /worklist: by clock; filters stay in the address."""
    return await _work_page(request, WorkFilter.read(request.query), after=request.query.get("after", ""))


async def filters(request: web.Request) -> web.Response:
    """POST /worklist/filters: `action` is keep (the filter `query` under a `name`) or drop (`name`)."""
    actor = worker(request)
    fields = await read_form(request)
    chosen = WorkFilter.read(_pairs(field(fields, "query")))
    name, saved = clean(field(fields, "name")), request.app[keys.SAVED_FILTERS]
    try:
        if not name:
            raise Refused("empty", field="name")
        if len(name) > NAME_LIMIT:
            raise Refused("too_long", field="name", limit=NAME_LIMIT)
        match field(fields, "action"):
            case "keep":
                await saved.keep(actor.id, SavedFilter(name, chosen.query))
            case "drop":
                await saved.drop(actor.id, name)
            case _:
                raise Refused("bad_message")
    except Refused as refused:
        return await _work_page(request, chosen, refused=refused, form="filters")
    raise go(_address(chosen))


async def assign(request: web.Request) -> web.Response:
    """POST /worklist/assign: one unit and one date for every chosen `matter`."""
    actor = worker(request)
    require(actor, Permission.REVIEW)
    fields = await read_form(request)
    chosen, matters = WorkFilter.read(_pairs(field(fields, "query"))), fields.get("matter", [])
    values = {name: ",".join(fields.get(name, [])) for name in ("unit", "co_units", "due")}
    try:
        done = await request.app[keys.VERBS].many_matters.assign(matters, values, actor)
    except Refused as refused:
        return await _work_page(request, chosen, refused=refused, form="assign", typed={**values, "matters": matters})
    return await _work_page(request, chosen, done=done)


async def board(request: web.Request) -> web.Response:
    """GET /worklist/board: where every unit stands."""
    actor = worker(request)
    require(actor, Permission.REVIEW)
    verbs = request.app[keys.VERBS]
    rows = await verbs.many_matters.board(verbs.following_up.today())
    totals = {stage: sum(row.counts[stage] for row in rows) for stage in Stage}
    return render(request, "unit_board.html", stages=list(Stage), rows=rows, totals=totals)


async def _work_page(
    request: web.Request,
    chosen: WorkFilter,
    *,
    after: str = "",
    refused: Refused | None = None,
    form: str = "",
    typed: dict[str, Any] | None = None,
    done: Done | None = None,
) -> web.Response:
    actor = worker(request)
    following = request.app[keys.VERBS].following_up
    page = await following.all_of(actor, await wanted_of(request, chosen, actor), chosen.order, after)
    turns = await following.turns(actor, page.rows)
    rows = [{**await listed(request, row), "id": row.id, "urgent": row.id in turns} for row in page.rows]
    may_assign = may(actor, Permission.REVIEW) and any(row["state"] == "registered" for row in rows)
    first, last = dates(following.today())
    problem = None
    if refused is not None:
        problem = {"message": explain(request, refused), "form": form}
    return render(
        request,
        "work.html",
        script="js/pages/work.js",
        status=status(refused) if refused else 200,
        rows=rows,
        chosen=chosen,
        narrowed=not chosen.plain or chosen.view not in views_for(actor)[:4],
        filters=chosen.said,
        next_page=f"{_address(chosen, after=page.after)}" if page.after else "",
        first_page=_address(chosen) if after else "",
        views=[(view, _address(chosen.at(view))) for view in views_for(actor)],
        kinds=KINDS,
        units=await request.app[keys.MATTERS].units(),
        saved=await request.app[keys.SAVED_FILTERS].of(actor.id),
        may_assign=may_assign,
        may_board=may(actor, Permission.REVIEW),
        due=(await following.suggested_due()).isoformat(),
        dates=(first.isoformat(), last.isoformat()),
        problem=problem,
        typed=typed or {},
        done=await _said(request, done),
        told=await newest(request, actor),
    )


async def wanted_of(request: web.Request, chosen: WorkFilter, actor: Actor) -> Wanted:
    """What a filter of the work list means for somebody: the same for a page and for its export."""
    verbs = request.app[keys.VERBS]
    today = verbs.following_up.today()
    wanted = replace(wanted_by(dict(chosen.more), lambda: today), kinds=())
    if chosen.stage:
        there = await verbs.many_matters.at_stage(Stage(chosen.stage), today)
        wanted = replace(there, letters=wanted.letters, year=wanted.year)
    wanted = chosen.narrow(wanted, today)
    if chosen.view == "turn" and chosen.by_view:
        wanted = replace(wanted, final=False, parties=tuple(sorted(turns_of(actor))) or ("nobody",))
    return wanted


async def _said(request: web.Request, done: Done | None) -> dict[str, Any] | None:
    if done is None:
        return None
    return {
        "taken": done.taken,
        "refused": [(matter, explain(request, refused)) for matter, refused in done.refused],
    }


def _address(chosen: WorkFilter, *, after: str = "") -> str:
    parts = [chosen.query, f"after={after}" if after else ""]
    query = "&".join(part for part in parts if part)
    return f"/worklist?{query}" if query else "/worklist"


def _pairs(query: str) -> dict[str, str]:
    return dict(parse_qsl(query[:400]))
