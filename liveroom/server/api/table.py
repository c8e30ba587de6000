"""Every address of the API, on one page: routes, document and the table of who may call what are made from it."""

from __future__ import annotations

from http import HTTPMethod

import msgspec
from aiohttp import web

from liveroom.matters.parties import WORKERS
from liveroom.rooms.roles import GRANTS, Role
from liveroom.server.api import lookups, matter_calls
from liveroom.server.api.document import document
from liveroom.server.api.door import respond, route
from liveroom.server.api.matter_views import (
    MattersQuery,
    MattersSaid,
    MatterWhole,
    StepWish,
    WorkQuery,
    WorksSaid,
    WorkWhole,
)
from liveroom.server.api.operation import PREFIX, Operation
from liveroom.server.api.views import (
    FiguresSaid,
    SessionsQuery,
    SessionsSaid,
    SessionWhole,
    StationsSaid,
    UnitsSaid,
)

_GET, _POST = HTTPMethod.GET, HTTPMethod.POST
_WORKERS = frozenset(role for role in Role if GRANTS[role] & frozenset(WORKERS))
"""Whoever has a work list."""

OPERATIONS: tuple[Operation, ...] = (
    Operation("list_matters", _GET, "/matters", "Public matters, the newest first", matter_calls.list_matters,
              MattersSaid, query=MattersQuery),
    Operation("read_matter", _GET, "/matters/{number}", "One public matter with its public history",
              matter_calls.read_matter, MatterWhole, named={"number": "The number of a matter: 2026-0007"}),
    Operation("take_step", _POST, "/matters/{id}/steps", "Take a step of a matter", matter_calls.take_step, WorkWhole,
              _WORKERS, body=StepWish, named={"id": "The identifier of a matter"}),
    Operation("list_work", _GET, "/worklist", "What concerns the caller, what is due first", matter_calls.list_work,
              WorksSaid, _WORKERS, query=WorkQuery),
    Operation("read_work", _GET, "/worklist/{id}", "One of those, with its whole history and the steps to take",
              matter_calls.read_work, WorkWhole, _WORKERS, named={"id": "The identifier of a matter"}),
    Operation("list_sessions", _GET, "/sessions", "Sessions, the latest first", lookups.list_sessions, SessionsSaid,
              query=SessionsQuery),
    Operation("read_session", _GET, "/sessions/{id}", "One session with its public questions", lookups.read_session,
              SessionWhole, named={"id": "The identifier of a session"}),
    Operation("read_figures", _GET, "/figures", "Questions and suggestions in numbers", lookups.read_figures,
              FiguresSaid),
    Operation("list_units", _GET, "/units", "Handling units", lookups.list_units, UnitsSaid),
    Operation("list_stations", _GET, "/stations", "Liaison stations", lookups.list_stations, StationsSaid),
)  # fmt: skip

_DOCUMENT = msgspec.json.encode(document(OPERATIONS, PREFIX))


async def openapi(request: web.Request) -> web.Response:
    """GET /api/v1/openapi.json: the document of all other addresses."""
    return respond(request, _DOCUMENT)


def routes() -> list[web.RouteDef]:
    """The addresses for an application."""
    return [web.get(f"{PREFIX}/openapi.json", openapi), *(route(operation) for operation in OPERATIONS)]
