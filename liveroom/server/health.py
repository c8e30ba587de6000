"""What operators and their machines ask: alive, ready, figures. Knows no page."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, ProcessCollector, generate_latest

from liveroom.errors import Unavailable
from liveroom.server import keys


async def alive(_request: web.Request) -> web.Response:
    """GET /healthz: the process answers."""
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def ready(request: web.Request) -> web.Response:
    """GET /readyz: the records can be read."""
    try:
        await request.app[keys.RECORDS].rooms()
    except Unavailable:
        return web.json_response({"status": "records unavailable"}, status=503)
    return web.json_response({"status": "ready"}, headers={"Cache-Control": "no-store"})


async def metrics(request: web.Request) -> web.Response:
    """GET /metrics: Prometheus text; figures only, nothing about anybody."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    Gauge("liveroom_sockets", "Open session sockets", registry=registry).set(request.app[keys.HALLS].open_channels)
    votes, newcomers = request.app[keys.VERBS].asking.votes, request.app[keys.NEWCOMERS]
    for name, told, value in (
        ("kept", "Votes that were new, since the start", votes.votes),
        ("commits", "Transactions that held them, since the start", votes.commits),
        ("refused", "Votes of new devices refused for their network, since the start", newcomers.refused),
        ("flagged", "Times that desks were told of it, since the start", newcomers.flagged),
    ):
        Gauge(f"liveroom_votes_{name}", told, registry=registry).set(value)
    for name, fact in request.app[keys.MEDIA].facts().items():
        Gauge(f"liveroom_media_{name}", f"Media plane: {name.replace('_', ' ')}", registry=registry).set(fact)
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
