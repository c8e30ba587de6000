"""Every address of the API, on one page: routes, document and the table of who may call what are made from it."""

from __future__ import annotations

from http import HTTPMethod

import msgspec
from aiohttp import web

from liveroom.matters.parties import WORKERS
from liveroom.rooms.roles import GRANTS, Permission, Role
from liveroom.server.api import lookups, matter_calls, openness_calls
from liveroom.server.api.document import document
from liveroom.server.api.door import respond, route
from liveroom.server.api.matter_views import (
    BeginWish,
    BegunSaid,
    MattersQuery,
    MattersSaid,
    MatterWhole,
    StepWish,
    WorkQuery,
    WorksSaid,
    WorkWhole,
)
from liveroom.server.api.openness_views import CasesQuery, CasesSaid, PeriodSaid, PromisesQuery, PromisesSaid
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

_BEGINNERS = frozenset(role for role in Role if GRANTS[role] & {Permission.OUTCOME, Permission.ENTER})
"""Whoever may follow up questions, or take orders down."""

_PERIOD = {"period": "A quarter or a year: 2026-Q3, 2026"}

OPERATIONS: tuple[Operation, ...] = (
    Operation("list_matters", _GET, "/matters", "Public matters, the newest first", matter_calls.list_matters,
              MattersSaid, query=MattersQuery),
    Operation("read_matter", _GET, "/matters/{number}", "One public matter with its public history",
              matter_calls.read_matter, MatterWhole, named={"number": "The number of a matter: 2026-0007"}),
    Operation("begin_matter", _POST, "/matters", "Begin a suggestion, a commitment or a work order",
              matter_calls.begin_matter, BegunSaid, _BEGINNERS, body=BeginWish, refuses=(404,), matches=False),
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
    Operation("read_period_figures", _GET, "/figures/{period}", "The figures of a period, with their formulas",
              openness_calls.read_period_figures, PeriodSaid, named=_PERIOD),
    Operation("list_cases", _GET, "/figures/{period}/{measure}", "The matters behind a figure",
              openness_calls.list_cases, CasesSaid, query=CasesQuery,
              named={**_PERIOD, "measure": "The name of a figure, or time_to_reply"}),
    Operation("list_promises", _GET, "/promises", "The promise ledger, by day", openness_calls.list_promises,
              PromisesSaid, query=PromisesQuery),
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
