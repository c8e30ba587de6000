"""What everybody may read through the API: sessions, units, stations, figures. Knows no HTTP beyond its call."""

from __future__ import annotations

import msgspec

from liveroom.actions.attend import SessionView
from liveroom.errors import Refused
from liveroom.qa.figures import figures
from liveroom.qa.wire import Audience
from liveroom.rooms.session import Session, SessionState
from liveroom.server import keys
from liveroom.server.api.operation import Answer, Call
from liveroom.server.api.views import (
    FiguresSaid,
    QuestionFigures,
    SessionSaid,
    SessionsSaid,
    SessionWhole,
    StationSaid,
    StationsSaid,
    UnitSaid,
    UnitsSaid,
)


async def list_sessions(call: Call) -> Answer:
    """The latest first. A cursor is the identifier of the last row that was seen."""
    records = call.request.app[keys.RECORDS]
    found = [s for s in await records.sessions(call.query.room or None) if s.state is not SessionState.DRAFT]
    found.sort(key=lambda session: (session.starts_at, session.id), reverse=True)
    if call.query.cursor:
        places = [place for place, session in enumerate(found) if session.id == call.query.cursor]
        if not places:
            raise Refused("bad_body", problem="this cursor is none of ours")
        found = found[places[0] + 1 :]
    shown = found[: call.query.limit]
    following = shown[-1].id if len(found) > len(shown) else ""
    views = await call.request.app[keys.VERBS].attending.session_views(shown)
    said = [_session(session, view) for session, view in zip(shown, views, strict=True)]
    return Answer(SessionsSaid(said, following)).next(call, following)


async def read_session(call: Call) -> Answer:
    """With every question that everybody may see."""
    attending = call.request.app[keys.VERBS].attending
    sitting = await attending.sitting(call.named("id"))
    if sitting.session.state is SessionState.DRAFT:
        raise Refused("not_found")
    votes = await attending.votes(sitting.session.id)
    counted = figures(sitting.queue)
    return Answer(
        SessionWhole(
            session=_session(sitting.session, await attending.session_view(sitting.session)),
            questions=attending.questions(sitting, votes, Audience.PUBLIC, await attending.unnamed(sitting)),
            figures=QuestionFigures(
                received=counted.received,
                published=counted.published,
                merged=counted.merged,
                answered=counted.answered,
                deferred=counted.deferred,
                withdrawn=counted.withdrawn,
                waiting=counted.waiting,
                refused={reason.value: number for reason, number in counted.refused.items()},
            ),
        )
    )


async def read_figures(call: Call) -> Answer:
    """The figures of the home page."""
    found = await call.request.app[keys.VERBS].following_up.figures()
    return Answer(msgspec.convert(found, FiguresSaid))


async def list_units(call: Call) -> Answer:
    """By their names."""
    return Answer(UnitsSaid([UnitSaid(unit.id, unit.name) for unit in await call.request.app[keys.MATTERS].units()]))


async def list_stations(call: Call) -> Answer:
    """By their codes."""
    found = await call.request.app[keys.IMPORTS].stations()
    return Answer(StationsSaid([StationSaid(s.id, s.name, s.island, s.address, list(s.jurisdictions)) for s in found]))


def _session(session: Session, view: SessionView) -> SessionSaid:
    return SessionSaid(
        id=view.id,
        room=session.room,
        topic=view.topic,
        state=view.state,
        starts_at=view.starts_at,
        started_at=view.started_at,
        ended_at=view.ended_at,
        deputies=view.deputies,
    )
