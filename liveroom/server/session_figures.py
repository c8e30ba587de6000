"""The questions of a session in numbers, each with its list. Knows no rule of what counts.

Everybody reads the questions that everybody may see; the others are counted and not shown, so that no list names what
was refused, withdrawn or is not decided about. Whoever sees the desk reads all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from liveroom.errors import Refused
from liveroom.ports.rooms import Sitting
from liveroom.qa.figures import PARTS, behind, figures
from liveroom.qa.question import Question, RefusalReason
from liveroom.qa.wire import Audience, visible
from liveroom.rooms.room import Room
from liveroom.server import keys
from liveroom.server.identity import who
from liveroom.server.pages import render
from liveroom.server.public_pages import require_room

ROWS = 200


async def session_figures(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/figures: what became of the questions of one session, by default the room's current one."""
    room, sitting = await _sitting(request)
    counted = figures(sitting.queue)
    numbers = {part: len(behind(sitting.queue, part)) for part in PARTS}
    return render(
        request,
        "figures.html",
        room=room,
        session=sitting.session,
        rows=[(part, number, _address(room, sitting, part)) for part, number in numbers.items()],
        reasons=[
            (reason.value, number, _address(room, sitting, "refused", reason))
            for reason, number in counted.refused.items()
        ],
    )


async def session_questions(request: web.Request) -> web.Response:
    """GET /rooms/{slug}/figures/{part}: the questions that a figure counts."""
    room, sitting = await _sitting(request)
    part, reason = request.match_info["part"], request.query.get("reason", "")
    if part not in PARTS or (reason and (part != "refused" or reason not in set(RefusalReason))):
        raise Refused("not_found")
    votes = await request.app[keys.VERBS].attending.votes(sitting.session.id)
    found, inside = behind(sitting.queue, part, reason), who(request).sees_desk
    shown = found if inside else [q for q in found if visible(q, Audience.PUBLIC)]
    speakers = {} if inside or part != "merged" else _speakers(sitting, found)
    return render(
        request,
        "session_questions.html",
        room=room,
        session=sitting.session,
        part=part,
        reason=reason,
        back=_address(room, sitting),
        inside=inside,
        total=len(found),
        hidden=len(found) - len(shown) - sum(speakers.values()),
        rows=[
            *(_row(sitting, q, votes, inside=inside) for q in shown[:ROWS]),
            *(
                {**_row(sitting, sitting.queue.questions[root], votes, inside=False), "speaks_for": number}
                for root, number in list(speakers.items())[:ROWS]
            ),
        ],
        most=ROWS,
        more=max(len(shown), len(speakers)) > ROWS,
    )


async def _sitting(request: web.Request) -> tuple[Room, Sitting]:
    room = await require_room(request)
    wanted = request.query.get("session", "")
    if wanted:
        sessions = await request.app[keys.RECORDS].sessions(room.slug)
        session = next((s for s in sessions if s.id == wanted), None)
    else:
        session = await request.app[keys.VERBS].broadcasting.current(room.slug)
    if session is None:
        raise Refused("not_found")
    return room, await request.app[keys.VERBS].attending.sitting(session.id)


def _speakers(sitting: Sitting, merged: list[Question]) -> dict[str, int]:
    """Public questions that speak for merged ones, with how many."""
    found: dict[str, int] = {}
    for question in merged:
        root = sitting.queue.root(question)
        if visible(root, Audience.PUBLIC):
            found[root.id] = found.get(root.id, 0) + 1
    return found


def _row(sitting: Sitting, question: Question, votes: Mapping[str, int], *, inside: bool) -> dict[str, Any]:
    public = visible(question, Audience.PUBLIC)
    return {
        "label": question.label,
        "text": question.text,
        "state": question.state.value,
        "votes": votes.get(question.id, 0),
        "reason": question.refusal.value if inside and question.refusal else "",
        "note": question.note if inside else "",
        "outcome": question.outcome,
        "href": f"/rooms/{sitting.session.room}/sessions/{sitting.session.id}#{question.label}" if public else "",
        "speaks_for": 0,
    }


def _address(room: Room, sitting: Sitting, part: str = "", reason: str = "") -> str:
    asked = {"session": sitting.session.id, **({"reason": reason} if reason else {})}
    return f"/rooms/{room.slug}/figures{f'/{part}' if part else ''}?{urlencode(asked)}"
