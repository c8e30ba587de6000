"""Matters through the API: read in public, read and worked on by those whose work they are. Knows no rule."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from liveroom import ids
from liveroom.actions.conclude import BEGINNINGS
from liveroom.errors import Refused
from liveroom.matters.matter import Matter, SourceQuestion
from liveroom.ports.matters import Line, Listed, Order, Wanted
from liveroom.server import keys
from liveroom.server.api.door import require_match
from liveroom.server.api.matter_views import (
    BegunSaid,
    FieldSaid,
    InsideStepSaid,
    MatterSaid,
    MattersQuery,
    MattersSaid,
    MatterWhole,
    PossibleSaid,
    ReplySaid,
    SourceSaid,
    StepSaid,
    WorkQuery,
    WorkSaid,
    WorksSaid,
    WorkWhole,
)
from liveroom.server.api.operation import PREFIX, Answer, Call
from liveroom.server.matter_cards import listed


async def list_matters(call: Call) -> Answer:
    """Numbered ones that are not confidential; suggestions, or commitments."""
    wanted = _wanted(call.query)
    page = await call.request.app[keys.VERBS].following_up.public_list(wanted, call.query.cursor, call.query.limit)
    return Answer(MattersSaid([await said(call, row) for row in page.rows], page.after)).next(call, page.after)


async def read_matter(call: Call) -> Answer:
    """By its number."""
    following = call.request.app[keys.VERBS].following_up
    matter = await following.by_number(call.named("number"))
    history = await following.history(matter)
    return Answer(
        MatterWhole(
            matter=await said(call, matter),
            body=matter.body,
            joint=[signer.name for signer in matter.joint],
            co_units=[unit.name for unit in matter.co_units],
            attitude=matter.attitude,
            reply=_reply(matter),
            sources=[_source(source, inside=False) for source in matter.sources],
            history=[_step(line) for line in history],
        )
    )


async def list_work(call: Call) -> Answer:
    """What concerns the caller, as on their work list."""
    query, following = call.query, call.request.app[keys.VERBS].following_up
    wanted = _wanted(query)
    if query.overdue:
        wanted = replace(wanted, due_before=following.today())
    if query.turn:
        page = await following.work_list(call.actor, turn=True, wanted=wanted, after=query.cursor, limit=query.limit)
    else:
        page = await following.all_of(call.actor, wanted, Order.DUE, query.cursor, query.limit)
    return Answer(WorksSaid([await _work(call, row) for row in page.rows], page.after)).next(call, page.after)


async def read_work(call: Call) -> Answer:
    """One of those."""
    matter = await call.request.app[keys.VERBS].following_up.see(call.named("id"), call.actor)
    return await _whole(call, matter)


async def take_step(call: Call) -> Answer:
    """A step of a matter; with `If-Match` only when nobody else has taken one since."""
    following = call.request.app[keys.VERBS].following_up
    seen = await following.see(call.named("id"), call.actor)
    require_match(call.request, _tag(call, seen))
    at = seen.seq if "If-Match" in call.request.headers else None
    matter = await following.step(seen.id, call.body.command, call.body.values, call.actor, at=at)
    return await _whole(call, matter)


async def begin_matter(call: Call) -> Answer:
    """A suggestion or a commitment of questions of a session, or a work order of some or of none."""
    wish, verbs = call.body, call.request.app[keys.VERBS]
    outcome = next(outcome for outcome, (kind, _) in BEGINNINGS.items() if kind == wish.kind)
    if wish.questions:
        concluding, questions = verbs.concluding, list(dict.fromkeys(wish.questions))
        if wish.kind == "suggestion" and set(wish.values) <= {"title"}:
            title = wish.values.get("title", "")
            begun = await concluding.draft_suggestion(wish.session, questions, title, call.actor)
        else:
            begun = await concluding.follow_up(wish.session, questions, outcome, wish.values, call.actor)
        matter = await call.request.app[keys.MATTERS].load(begun)
    elif wish.kind == "work_order":
        order = Matter(ids.new_id(), kind=wish.kind)
        matter = await verbs.following_up.begin(order, BEGINNINGS[outcome][1], wish.values, call.actor)
    else:
        raise Refused("nothing_chosen")
    begun_said = BegunSaid(matter.id, matter.number or "", matter.kind, matter.state, matter.title)
    return Answer(begun_said, headers={"Location": f"{PREFIX}/worklist/{matter.id}"})


def _wanted(query: MattersQuery | WorkQuery) -> Wanted:
    return Wanted(
        kinds=(query.kind,) if query.kind else (),
        states=(query.state,) if query.state else (),
        final=None if query.open is None else not query.open,
        letters=(query.letter,) if query.letter else (),
        unit=query.unit,
        year=query.year,
        text=query.q,
    )


async def _whole(call: Call, matter: Matter) -> Answer:
    following = call.request.app[keys.VERBS].following_up
    history = await following.history_for(matter, call.actor)
    return Answer(
        WorkWhole(
            work=await _work(call, matter),
            rules=matter.rules,
            body=matter.body,
            clocks=dict(matter.clocks),
            joint=[signer.name for signer in matter.joint],
            co_units=[unit.name for unit in matter.co_units],
            attitude=matter.attitude,
            reply=_reply(matter),
            sources=[_source(source, inside=True) for source in matter.sources],
            history=[
                InsideStepSaid(**_line(line), by_name=line.by_name, internal=line.event.internal) for line in history
            ],
            possible=[
                PossibleSaid(
                    row.command,
                    [FieldSaid(f.name, f.kind, f.required, f.limit, list(f.choices)) for f in row.fields],
                )
                for row in await following.possible(matter, call.actor)
            ],
        ),
        tag=_tag(call, matter),
    )


def _tag(call: Call, matter: Matter) -> str:
    """What is shown depends on the steps that were taken and on who looks."""
    looks = f"{matter.id} {matter.seq} {call.actor.id} {sorted(call.actor.roles)}"
    return hashlib.sha256(looks.encode()).hexdigest()[:24]


async def said(call: Call, matter: Matter | Listed) -> MatterSaid:
    words = await listed(call.request, matter)
    return MatterSaid(
        number=matter.number or "",
        kind=matter.kind,
        title=matter.title,
        state=matter.state,
        state_name=words["state_name"],
        end=matter.end,
        deputy_name=matter.deputy_name,
        unit_name=matter.unit_name,
        assigned_on=matter.assigned_on,
        clock=matter.clock,
        due=matter.due,
        letter=matter.letter,
        result=matter.result,
        round=matter.round,
        votes=matter.votes,
        closed_on=matter.closed_on,
    )


async def _work(call: Call, matter: Matter | Listed) -> WorkSaid:
    return WorkSaid(matter.id, await said(call, matter), matter.turn, matter.confidential, matter.supervised)


def _reply(matter: Matter) -> ReplySaid | None:
    reply = matter.reply
    return ReplySaid(reply.letter, reply.text, reply.promise_due) if reply else None


def _source(source: SourceQuestion, *, inside: bool) -> SourceSaid:
    return SourceSaid(source.label, source.text if inside or source.was_public else "", source.votes)


def _step(line: Line) -> StepSaid:
    return StepSaid(**_line(line))


def _line(line: Line) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "at": line.at,
        "what": line.event.what,
        "to": line.event.to,
        "values": {name: value for name, value in line.event.values.items() if name != "who"},
    }
