"""The disposition board: every question of a session gets an outcome, those that ask for the same together.

Knows no rule of questions or matters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from liveroom.errors import Refused, Unavailable, refusal
from liveroom.matters.fields import TITLE_LIMIT, dates
from liveroom.qa.clusters import clusters
from liveroom.qa.policy import FITTING, FOLLOWED
from liveroom.qa.question import Outcome, Question
from liveroom.qa.wire import Audience, view
from liveroom.rooms.roles import Actor, Permission, may, require
from liveroom.rooms.session import Session, SessionState
from liveroom.server import keys
from liveroom.server.clip_pages import clips
from liveroom.server.identity import field, read_form, require_sign_in
from liveroom.server.pages import go, render
from liveroom.server.public_pages import require_room
from liveroom.server.refusals import explain, status

_BY_ITSELF = tuple(dict.fromkeys(o for outcomes in FITTING.values() for o in outcomes if o not in FOLLOWED))
"""Outcomes that need no more than a choice, in the order of the table; the others begin something that is followed."""

_BEGUN: Mapping[str, tuple[Outcome, tuple[str, ...]]] = {
    "commitment": (Outcome.COMMITMENT, ("unit", "title", "promise_due")),
    "work_order": (Outcome.WORK_ORDER, ("title",)),
}
"""What begins with fields of its own: the outcome, and the fields by their names in the form after a dot."""

SAID = "said:"

_TYPED = ("outcome", "note", "title", *(f"{kind}.{name}" for kind, (_, names) in _BEGUN.items() for name in names))


async def outcomes(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/outcomes."""
    require(require_sign_in(request), Permission.OUTCOME)
    return await _outcomes_page(request, request.query.get("session", ""))


async def give_outcome(request: web.Request) -> web.Response:
    """POST /rooms/{slug}/outcomes: `action` is outcome, commitment, work_order, draft, archive or `said:{question}`."""
    actor = require_sign_in(request)
    require(actor, Permission.OUTCOME)
    fields = await read_form(request)
    session = field(fields, "session")
    try:
        await _act(request, field(fields, "action"), session, fields, actor)
    except (Refused, Unavailable) as error:
        refused = refusal(error)
        message = explain(request, refused)
        problem = {"message": message, "questions": refused.detail.get("questions", [])}
        return await _outcomes_page(request, session, problem, status(refused), fields)
    raise go(f"/rooms/{request.match_info['slug']}/outcomes?session={session}")


async def _act(request: web.Request, action: str, session: str, fields: dict[str, list[str]], actor: Actor) -> None:
    concluding, chosen = request.app[keys.VERBS].concluding, fields.get("question", [])
    match action:
        case "outcome":
            outcome = _outcome(field(fields, "outcome"))
            await concluding.give_outcome(session, _some(chosen), outcome, field(fields, "note"), actor)
        case "commitment" | "work_order":
            outcome, names = _BEGUN[action]
            values = {name: field(fields, f"{action}.{name}") for name in names}
            if action == "commitment" and not values["title"].strip():
                raise Refused("measure_missing")
            await concluding.follow_up(session, _some(chosen), outcome, values, actor)
        case _ if action.startswith(SAID):
            # One that was recorded on air: it lacks nothing but its unit and its day.
            question = action.removeprefix(SAID)
            outcome, names = _BEGUN["commitment"]
            values = {name: field(fields, f"said.{question}.{name}") for name in names}
            if not values["title"].strip():
                raise Refused("measure_missing")
            await concluding.follow_up(session, [question], outcome, values, actor)
        case "draft":
            matter = await concluding.draft_suggestion(session, _some(chosen), field(fields, "title"), actor)
            raise go(f"/worklist/{matter}")
        case "archive":
            await concluding.archive(session, actor)
        case _:
            raise Refused("bad_message")


async def _outcomes_page(
    request: web.Request,
    wanted: str,
    problem: dict[str, Any] | None = None,
    number: int = 200,
    typed: dict[str, list[str]] | None = None,
) -> web.Response:
    actor = require_sign_in(request)
    room = await require_room(request)
    verbs = request.app[keys.VERBS]
    sessions = [s for s in await request.app[keys.RECORDS].sessions(room.slug) if s.ended_at is not None]
    sessions.sort(key=lambda s: s.ended_at or s.starts_at, reverse=True)
    session = next((s for s in sessions if s.id == wanted), sessions[0] if sessions else None)
    if session is None or (wanted and session.id != wanted):
        if wanted:
            raise Refused("not_found")
        return _empty_board(request, room)
    sitting = await verbs.attending.sitting(session.id)
    votes = await verbs.attending.votes(session.id)
    questions = sorted(sitting.queue.questions.values(), key=lambda q: (-votes.get(q.id, 0), q.asked_at))
    archived = sitting.session.state is SessionState.ARCHIVED
    fruitless = frozenset() if archived else await verbs.concluding.fruitless(session.id)
    rows = [
        {**msgspec.structs.asdict(view(sitting.queue, q, votes, Audience.DESK)), "freed": q.matter in fruitless}
        for q in questions
    ]
    typed = typed or {}
    fitting = {outcome for q in questions if q.outcome is None or q.matter in fruitless for outcome in _fitting(q)}
    waiting = [row for row in rows if row["outcome"] is None or row["freed"]]
    first, last = dates(verbs.following_up.today())
    return render(
        request,
        "outcomes.html",
        script="js/pages/outcomes.js",
        status=number,
        room=room,
        session=msgspec.structs.asdict(await verbs.attending.session_view(sitting.session)),
        sessions=sessions,
        waiting=waiting,
        groups=await _groups(waiting),
        clips=await clips(request, [session.id]),
        settled=[row for row in rows if row not in waiting],
        total=len(rows),
        due=await due_view(request, sitting.session),
        choices=[outcome.value for outcome in _BY_ITSELF if outcome in fitting],
        followed=[outcome.value for outcome in FOLLOWED if outcome in fitting],
        units=await request.app[keys.MATTERS].units(),
        dates=(first.isoformat(), last.isoformat()),
        title_limit=TITLE_LIMIT,
        ticked=typed.get("question", []),
        action=field(typed, "action"),
        typed={name: field(typed, name) for name in _TYPED},
        said={name: field(typed, name) for name in typed if name.startswith("said.")},
        problem=problem,
        may_archive=may(actor, Permission.ARCHIVE) and not archived,
        may_draft=may(actor, Permission.DRAFT) and Outcome.SUGGESTION in fitting,
    )


async def due_view(request: web.Request, session: Session) -> dict[str, Any] | None:
    """When a session that has ended must be archived, with the working days until then."""
    following = request.app[keys.VERBS].following_up
    due = await following.archive_due(session)
    if due is None:
        return None
    return {"day": due, "left": following.days_until(due), "known": following.is_known(due)}


async def _groups(waiting: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was said to be a commitment first, then those that ask for the same, most seconded first."""
    said = [row for row in waiting if row["commitment"]]
    left = {row["id"]: row for row in waiting if not row["commitment"]}
    texts = {key: row["text"] for key, row in left.items()}
    found: list[dict[str, Any]] = []
    # Some milliseconds for hundreds: the loop goes on meanwhile.
    for cluster in await asyncio.to_thread(clusters, texts):
        rows = [left.pop(key) for key in cluster.questions]
        found.append({"title": cluster.title, "said": False, "rows": rows})
    found += [{"title": "", "said": False, "rows": [row]} for row in left.values()]
    found.sort(key=lambda group: -sum(row["votes"] for row in group["rows"]))
    return [{"title": "", "said": True, "rows": said}, *found] if said else found


def _empty_board(request: web.Request, room: Any) -> web.Response:
    return render(
        request,
        "outcomes.html",
        script="js/pages/outcomes.js",
        room=room,
        session=None,
        sessions=[],
    )


def _fitting(question: Question) -> tuple[Outcome, ...]:
    return FITTING.get(question.state, ())


def _outcome(written: str) -> Outcome:
    """One that needs no more than a choice: what is followed begins with its own fields."""
    if written not in _BY_ITSELF:
        raise Refused("bad_choice", field="outcome")
    return Outcome(written)


def _some(chosen: list[str]) -> list[str]:
    if not chosen:
        raise Refused("nothing_chosen")
    return chosen
