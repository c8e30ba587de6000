"""Open311 GeoReport v2 in front of the work orders: what can be reported, reporting it, and how far it has come.

What somebody reports is read by the office before anybody else, so descriptions and places are never answered here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, time
from typing import Any

import structlog
from aiohttp import web

from liveroom import ids
from liveroom.clock import CHINA
from liveroom.errors import Refused, Unavailable
from liveroom.exchange import georeport
from liveroom.exchange.georeport import Unfit
from liveroom.matters.enclosures import FILE_BYTES, FILED_MOST
from liveroom.matters.matter import Matter
from liveroom.matters.sight import Sight, sight
from liveroom.ports.matters import Listed, Order, Wanted
from liveroom.rooms.roles import Actor, Permission, may
from liveroom.server import keys
from liveroom.server.identity import hash_secret, network, read_fields
from liveroom.server.matter_cards import listed, said
from liveroom.server.pages import say, site
from liveroom.server.refusals import N_, explain
from liveroom.server.uploads import read_filing

log = structlog.get_logger()

KIND = "work_order"
"""The one service, and its code."""

PAGE = 200
_WORDS = {
    "api_key": N_("api_key 缺失、无效，或者没有登记工单的权限。"),
    "jurisdiction_id": N_("没有这个 jurisdiction_id。"),
    "service_code": N_("没有这个 service_code，或者没有填写。"),
    "service_request_id": N_("没有这个 service_request_id。"),
}
_NOTICE = N_("已收到。请记下编号查询进度；为保护个人信息，姓名、电话和邮箱没有保存。")
_NOT_KEPT = N_("第 {n} 个文件没有保存：{why}")
FIELD_BYTES = 16 * 1024
"""Of a field beside files: a description of the longest is a quarter less."""

_Work = Callable[[web.Request, str], Awaitable[web.Response]]


def _answered(work: _Work) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Errors as the specification has them: 404 for what is not there, 403 for the key, else 400.

    Two more statuses say that trying again makes sense: 429 and 503, with `Retry-After`.
    """

    async def handle(request: web.Request) -> web.Response:
        form = request.match_info["form"]
        try:
            return await work(request, form)
        except Unfit as unfit:
            sentence = say(request, _WORDS[unfit.what]) if unfit.what in _WORDS else ""
            problem = sentence or say(request, N_("请检查这几项：{fields}"), fields=unfit.what)
            return _answer(form, georeport.errors(form, unfit.status, problem), unfit.status)
        except Refused as refused:
            status = {"not_found": 404, "slow_down": 429}.get(refused.code, 400)
            response = _answer(form, georeport.errors(form, status, explain(request, refused)), status)
            if refused.retry_after is not None:
                response.headers["Retry-After"] = str(int(refused.retry_after))
            return response
        except Unavailable as error:
            log.error("unavailable", route="open311", problem=str(error))
            problem = explain(request, Refused("unavailable"))
            response = _answer(form, georeport.errors(form, 503, problem), 503)
            response.headers["Retry-After"] = "5"
            return response

    handle.__doc__ = work.__doc__
    return handle


async def _discovery(request: web.Request, form: str) -> web.Response:
    """GET /open311/discovery.{form}: “Service Discovery”."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{site(request)}/open311/v2",
        "changeset": "2026-11-26T00:00:00+08:00",
        "type": "production",
        "formats": list(georeport.MEDIA_TYPES.values()),
    }
    about = {"changeset": endpoint["changeset"], "contact": site(request), "endpoints": [endpoint]}
    return _answer(form, georeport.written_one(form, "discovery", about))


async def _services(request: web.Request, form: str) -> web.Response:
    """GET /open311/v2/services.{form}: “GET Service List”."""
    await _begin(request)
    return _answer(form, georeport.written(form, "services", "service", [await _service(request)]))


async def _service_definition(request: web.Request, form: str) -> web.Response:
    """GET /open311/v2/services/{code}.{form}: “GET Service Definition”; no further field is asked for."""
    await _begin(request)
    if request.match_info["code"] != KIND:
        raise Unfit(404, "service_code")
    definition = {"service_code": KIND, "attributes": []}
    return _answer(form, georeport.written_one(form, "service_definition", definition))


async def _report(request: web.Request, form: str) -> web.Response:
    """POST /open311/v2/requests.{form}: “POST Service Request”; a work order of whoever holds the `api_key`."""
    fields, files, actor = await _sent(request)
    code = fields.get("service_code", "").strip()
    if code != KIND:
        raise Unfit(404 if code else 400, "service_code")
    report = georeport.read_report(fields)
    values = {"title": report.title, "body": report.body}
    order = Matter(ids.new_id(), kind=KIND)
    kept = await request.app[keys.VERBS].following_up.begin(order, "receive", values, actor)
    notice = say(request, _NOTICE)
    for place, refused in await request.app[keys.VERBS].attaching.enclose(kept, files, actor):
        notice += " " + say(request, _NOT_KEPT, n=place, why=explain(request, refused))
    row = {"service_request_id": kept.number, "service_notice": notice, "account_id": None}
    return _answer(form, georeport.written(form, "service_requests", "request", [row]), 201)


async def _sent(request: web.Request) -> tuple[dict[str, str], list[bytes | None], Actor]:
    """The fields, the files (`media`, where it is sent as `multipart/form-data`), and whose key it was."""
    found: list[Actor] = []

    async def check(fields: dict[str, str]) -> None:
        found.append(await _holder(request, fields.get("api_key", "")))
        _check_jurisdiction(request, fields.get("jurisdiction_id", ""))

    if request.content_type == "multipart/form-data":
        sent = await read_filing(request, check, most=FILED_MOST, limit=FILE_BYTES, words=FIELD_BYTES)
        return sent.fields, sent.files, found[0]
    fields = {name: values[0] for name, values in (await read_fields(request)).items()}
    await check(fields)
    return fields, [], found[0]


async def _requests(request: web.Request, form: str) -> web.Response:
    """GET /open311/v2/requests.{form}: “GET Service Requests”."""
    await _begin(request)
    query = dict(request.query)
    wanted_ids = georeport.names(query, "service_request_id")
    if wanted_ids:
        found = [await _by_number(request, number) for number in dict.fromkeys(wanted_ids[:50])]
        rows = [await _row(request, matter) for matter in found if matter is not None]
    else:
        rows = await _find(request, query)
    return _answer(form, georeport.written(form, "service_requests", "request", rows))


async def _request(request: web.Request, form: str) -> web.Response:
    """GET /open311/v2/requests/{id}.{form}: “GET Service Request”."""
    await _begin(request)
    matter = await _by_number(request, request.match_info["id"])
    if matter is None:
        raise Unfit(404, "service_request_id")
    rows = [await _row(request, matter)]
    return _answer(form, georeport.written(form, "service_requests", "request", rows))


async def _find(request: web.Request, query: dict[str, str]) -> list[dict[str, Any]]:
    span = georeport.read_span(query, request.app[keys.CLOCK]())
    codes, states = georeport.names(query, "service_code"), set(georeport.names(query, "status"))
    if not states <= {"open", "closed"}:
        raise Unfit(400, "status")
    if codes and KIND not in codes:
        return []
    wanted = Wanted(kinds=(KIND,), public=True, created_from=span.start, created_to=span.end)
    if len(states) == 1:
        wanted = replace(wanted, final="closed" in states)
    rows: list[dict[str, Any]] = []
    after = ""
    while len(rows) < georeport.MOST:
        page = await request.app[keys.MATTERS].find(wanted, Order.NEWEST, after, PAGE)
        rows += [await _row(request, matter) for matter in page.rows]
        after = page.after
        if not after:
            break
    return rows[: georeport.MOST]


async def _row(request: web.Request, matter: Matter | Listed) -> dict[str, Any]:
    shown = await listed(request, matter)
    # A list does not hold every step: what it knows of the last change is the beginning or the end.
    made = matter.created_at if isinstance(matter, Listed) else None
    closed = _day(matter.closed_on)
    updated = closed or made
    if isinstance(matter, Matter):
        history = await request.app[keys.VERBS].following_up.history(matter)
        made, updated = history[0].at, history[-1].at
    return {
        "service_request_id": matter.number,
        "status": "closed" if matter.final else "open",
        "status_notes": shown["state_name"],
        "service_name": shown["kind_name"],
        "service_code": KIND,
        "description": None,
        "agency_responsible": matter.unit_name or None,
        "service_notice": None,
        "requested_datetime": georeport.moment(made.astimezone(CHINA)) if made else None,
        "updated_datetime": georeport.moment(updated.astimezone(CHINA)) if updated else None,
        "expected_datetime": georeport.moment(expected) if (expected := _day(matter.due)) else None,
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


def _day(day: Any) -> datetime | None:
    """The end of a day in China."""
    return datetime.combine(day, time(23, 59, 59), CHINA) if day else None


async def _by_number(request: web.Request, number: str) -> Matter | None:
    matter = await request.app[keys.MATTERS].by_number(number.replace("\0", ""))
    return matter if matter is not None and matter.kind == KIND and sight(matter) >= Sight.STANDING else None


async def _service(request: web.Request) -> dict[str, Any]:
    workflow = (await request.app[keys.RULES].current()).kinds.get(KIND)
    if workflow is None:
        raise Unfit(404, "service_code")
    return {
        "service_code": KIND,
        "service_name": said(request, workflow),
        "description": say(request, N_("反映身边的问题，由工委转给承办单位办理。")),
        "metadata": False,
        "type": "realtime",
        "keywords": "",
        "group": "",
    }


async def _begin(request: web.Request) -> None:
    await request.app[keys.LIMITS].share("api", network(request))
    _check_jurisdiction(request, request.query.get("jurisdiction_id", ""))


def _check_jurisdiction(request: web.Request, asked: str) -> None:
    """“jurisdiction_id”: this is one jurisdiction, so it need not be said; another one is not here."""
    if asked.strip() not in {"", request.app[keys.SETTINGS].jurisdiction}:
        raise Unfit(404, "jurisdiction_id")


async def _holder(request: web.Request, key: str) -> Actor:
    """Whom an `api_key` stands for: a token of the API, in a role that may enter work orders."""
    found = None
    if key.strip():
        found = await request.app[keys.TOKENS].bearer(hash_secret(key.strip()), request.app[keys.CLOCK]())
    await request.app[keys.LIMITS].share("api", f"token:{found.token.id}" if found else network(request))
    if found is None or not may(found.actor, Permission.ENTER):
        raise Unfit(403, "api_key")
    return found.actor


def _answer(form: str, body: bytes, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language", "Access-Control-Allow-Origin": "*"}
    return web.Response(
        body=body, status=status, content_type=georeport.MEDIA_TYPES[form], charset="utf-8", headers=headers
    )


def routes() -> list[web.RouteDef]:
    """The addresses for an application."""
    base, form = "/open311/v2", "{form:json|xml}"
    return [
        web.get(f"/open311/discovery.{form}", _answered(_discovery)),
        web.get(f"{base}/services.{form}", _answered(_services)),
        web.get(f"{base}/services/{{code}}.{form}", _answered(_service_definition)),
        web.get(f"{base}/requests.{form}", _answered(_requests)),
        web.post(f"{base}/requests.{form}", _answered(_report)),
        web.get(f"{base}/requests/{{id}}.{form}", _answered(_request)),
    ]
