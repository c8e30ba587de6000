"""One matter as those see it whose work it is: what happened, whose turn it is, a form for each step they may take.

Knows no workflow rule: forms are drawn from the rows of the rule set.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from liveroom.errors import Refused, Unavailable, refusal
from liveroom.matters.enclosures import CAPTION_LIMIT, FILE_BYTES
from liveroom.matters.fields import dates, needed_with
from liveroom.matters.guards import PROMISE, extensions
from liveroom.matters.matter import Matter
from liveroom.matters.parties import is_turn, reads_drafts
from liveroom.matters.rules import RuleSet
from liveroom.matters.sight import Sight, everybody_reads, sight
from liveroom.matters.workflow import Field, Row
from liveroom.rooms.roles import Actor, Role
from liveroom.server import keys
from liveroom.server.clip_pages import clips
from liveroom.server.identity import read_form, require_sign_in
from liveroom.server.matter_cards import listed, said
from liveroom.server.pages import go, render
from liveroom.server.reach_views import askers_view
from liveroom.server.refusals import explain, status
from liveroom.server.reminder_pages import opened

_PREFERRED = ("cosign", "adopt", "reply", "contact", "prepare_reply", "give_opinion")
"""Which form stands open first; else the first of the table."""

_SELDOM = frozenset({
    "invite", "consolidate", "separate", "make_confidential", "make_public", "redraft", "withdraw",
})  # fmt: skip
"""Steps that can be taken for a long time and are seldom meant: they stand below."""

_JUDGING = frozenset({"evaluate", "call_back", "rate"})


async def work_item(request: web.Request) -> web.Response:
    """GET /worklist/{matter}."""
    return await item_page(request)


async def step(request: web.Request) -> web.Response:
    """POST /worklist/{matter}/{command}: a refusal keeps what was typed, beside its form."""
    actor = require_sign_in(request)
    command = request.match_info["command"]
    values = _values(await read_form(request))
    try:
        matter = await request.app[keys.VERBS].following_up.step(request.match_info["matter"], command, values, actor)
    except (Refused, Unavailable) as error:
        refused = refusal(error)
        if refused.code == "not_found":
            raise
        return await item_page(request, refused, command, values)
    raise go(f"/worklist/{matter.id}" if sight(matter, actor) is Sight.WHOLE else "/worklist")


async def look(request: web.Request) -> web.Response:
    """POST /worklist/{matter}/askers/{question}: how to reach an asker who consented, on this page and nowhere else."""
    actor, question = require_sign_in(request), request.match_info["question"]
    reason = (await read_form(request)).get("reason", [""])[0]
    matter = await request.app[keys.VERBS].following_up.see(request.match_info["matter"], actor)
    try:
        identity = await request.app[keys.VERBS].reaching.look(matter, question, reason, actor)
    except Refused as refused:
        return await item_page(request, refused, f"look:{question}", {"look": reason})
    response = await item_page(request, seen={question: identity.contact.address})
    response.headers["Cache-Control"] = "no-store"
    return response


async def news(request: web.Request) -> web.Response:
    """GET /worklist/{matter}/news: how many steps it has, for a page that looks whether there are more."""
    actor = require_sign_in(request)
    matter = await request.app[keys.VERBS].following_up.see(request.match_info["matter"], actor)
    return web.json_response({"seq": matter.seq}, headers={"Cache-Control": "no-store"})


def _values(form: dict[str, list[str]]) -> dict[str, str]:
    """The fields as the engine reads them: several values with commas, a checklist as its points, a typed number."""
    values = {name: ",".join(given) for name, given in form.items() if "." not in name}
    points = [f"{name.partition('.')[2]}={given[0]}" for name, given in form.items() if name.startswith("checklist.")]
    if points:
        values["checklist"] = ",".join(points)
    for name, given in form.items():
        field, _, typed = name.partition(".")
        if typed == "typed" and given[0].strip():
            values[field] = given[0]
    return values


async def item_page(
    request: web.Request,
    refused: Refused | None = None,
    command: str = "",
    typed: dict[str, str] | None = None,
    seen: dict[str, str] | None = None,
) -> web.Response:
    """The page of one matter; after a refusal with what was typed in that form, after a look with what was seen."""
    actor = require_sign_in(request)
    following, attaching = request.app[keys.VERBS].following_up, request.app[keys.VERBS].attaching
    matter = await following.see(request.match_info["matter"], actor)
    await opened(request, matter.id, actor)
    rules = await following.rules_of(matter)
    forms = [await _form(request, matter, rules, row, actor) for row in await following.possible(matter, actor)]
    problem = None
    if refused is not None:
        problem = {"command": command, "message": explain(request, refused)}
    insider, askers = reads_drafts(actor), await askers_view(request, matter, actor, seen or {})
    shown = {form["command"] for form in forms} | {f"look:{asker['id']}" for asker in askers}
    return render(
        request,
        "work_item.html",
        script="js/pages/work_item.js",
        page={"news": f"/worklist/{matter.id}/news", "seq": matter.seq},
        status=status(refused) if refused else 200,
        matter=await listed(request, matter),
        m=matter,
        public=everybody_reads(matter),
        clocks=[_clock(request, matter, name) for name in matter.clocks],
        links=[await _named(request, other, actor) for other in _linked(matter)],
        ways=[
            (way, await _named(request, other, actor))
            for way, other in (("from", matter.continues), ("to", matter.continued_in))
            if other
        ],
        rooms=await _rooms(request, matter),
        clips=await clips(request, [source.session for source in matter.sources]),
        history=await following.history_for(matter, actor),
        insider=insider,
        originals=actor.sees_desk,
        forms=[form for form in forms if form["command"] not in _SELDOM],
        seldom=[form for form in forms if form["command"] in _SELDOM],
        opened=_opened(forms) if is_turn(matter, actor) else "",
        my_turn=is_turn(matter, actor),
        judging=matter.reply is not None and any(form["command"] in _JUDGING for form in forms),
        problem=problem if command in shown else None,
        notice=problem["message"] if problem and command not in shown else "",
        askers=askers,
        typed=typed or {},
        attached=await attaching.carried(matter, public=False),
        waiting=await attaching.waiting(matter, actor),
        takes_files=await following.takes_files(matter, actor),
        file_limit=FILE_BYTES // (1024 * 1024),
        caption_limit=CAPTION_LIMIT,
    )


def _opened(forms: list[dict[str, Any]]) -> str:
    """The command whose form stands open."""
    ready = [form["command"] for form in forms if not form["before"] and form["command"] not in _SELDOM]
    preferred = [command for command in _PREFERRED if command in ready]
    return next(iter([*preferred, *ready]), "")


def _linked(matter: Matter) -> list[str]:
    return [matter.consolidated_into] if matter.consolidated_into else list(matter.consolidates)


async def _named(request: web.Request, matter: str, actor: Actor) -> dict[str, str]:
    """The other end of a link. That there is one, and its number, is a fact of this matter; its title is its own."""
    other = await request.app[keys.MATTERS].load(matter)
    seen = sight(other, actor)
    address = {Sight.WHOLE: f"/worklist/{other.id}", Sight.FACE: f"/suggestions/{other.number}"}.get(seen, "")
    return {"number": other.number, "title": other.title if address else "", "address": address}


async def _rooms(request: web.Request, matter: Matter) -> dict[str, str]:
    """Where each session behind the questions can be seen again."""
    found = {}
    for session in dict.fromkeys(source.session for source in matter.sources):
        sitting = await request.app[keys.RECORDS].load(session)
        found[session] = f"/rooms/{sitting.session.room}/sessions/{session}"
    return found


def _clock(request: web.Request, matter: Matter, name: str) -> dict[str, Any]:
    following, due = request.app[keys.VERBS].following_up, matter.clocks[name]
    return {
        "name": name,
        "due": due,
        "since": matter.since.get(name),
        "days_left": following.days_until(due),
        "known": following.is_known(due),
    }


async def _form(request: web.Request, matter: Matter, rules: RuleSet, row: Row, actor: Actor) -> dict[str, Any]:
    before = await request.app[keys.VERBS].following_up.obstacles(matter, row)
    return {
        "command": row.command,
        "before": [explain(request, refused) for refused in before],
        "fields": [await _field(request, matter, rules, row, field, actor) for field in row.fields],
    }


async def _field(
    request: web.Request, matter: Matter, rules: RuleSet, row: Row, field: Field, actor: Actor
) -> dict[str, Any]:
    """A field with what it starts from and what can be chosen."""
    following, prepared = request.app[keys.VERBS].following_up, matter.prepared
    first, last = dates(following.today())
    stands = matter.promised if field.name == PROMISE and row.command != "uphold" else None
    if stands:
        last = max(first, stands)
    if field.name == "until":
        first, last = extensions(matter, rules) or (first, last)
        first = max(first, following.today())
    start = {
        "title": matter.title,
        "body": matter.body,
        "signature": actor.name,
        "due": (await following.suggested_due(matter)).isoformat(),
        "until": matter.wish.until.isoformat() if matter.wish else "",
        "promise_due": matter.promise_due.isoformat() if matter.promise_due and row.command == "confirm" else "",
    }
    if row.command == "approve_return":
        # Another lead, and the same beside it unless the office says otherwise.
        start["co_units"] = ",".join(unit.id for unit in matter.co_units)
    if prepared and row.command in {"prepare_reply", "reply"}:
        promise = prepared.promise_due.isoformat() if prepared.promise_due else ""
        start |= {"class": prepared.letter, "text": prepared.text, "promise_due": promise}
    return {
        "name": field.name,
        "kind": field.kind,
        "required": field.required,
        "limit": field.limit,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "value": start.get(field.name, ""),
        "options": await _options(request, matter, rules, row, field, actor),
        "letters": [letter.name for letter in rules.letters.values() if letter.needs_promise],
        "stands": stands,
        "for": next((f"{o.name}={c}" for o in row.fields for c, n in needed_with(o.name) if n == field.name), ""),
    }


async def _options(
    request: web.Request, matter: Matter, rules: RuleSet, row: Row, field: Field, actor: Actor
) -> list[tuple[str, str]]:
    match field.kind:
        case "unit" | "units":
            passed = matter.unit if row.command == "approve_return" else ""
            return [(unit.id, unit.name) for unit in await request.app[keys.MATTERS].units() if unit.id != passed]
        case "deputy" | "deputies":
            asked = {matter.deputy, *matter.invited, *(signer.id for signer in matter.joint)}
            mine = asked if row.command == "invite" else set()
            people = await request.app[keys.PEOPLE].accounts()
            return [(a.id, a.name) for a in people if Role.DEPUTY in a.roles and not a.removed and a.id not in mine]
        case "letter":
            return [(letter.name, said(request, letter)) for letter in rules.letters.values()]
        case "checklist":
            return [(point.name, said(request, point)) for point in rules.kind(matter.kind).checklist]
        case "matter":
            alike = await request.app[keys.VERBS].many_matters.alike(matter)
            return [(one.number, one.title) for one in alike]
    return [(choice, choice) for choice in field.choices]
