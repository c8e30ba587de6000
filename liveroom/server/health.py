"""What operators and their machines ask: alive, ready, figures. Knows no page."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

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
    """GET /metrics: Prometheus text; figures only, nothing about anybody.

    Of processes that share the records any one answers for all, with a label that tells them apart.
    """
    body, neighbours = figures(request.app), request.app[keys.NEIGHBOURS]
    if neighbours is not None:
        others = await neighbours.metrics()
        body = _together({neighbours.directory.name: body.decode(), **others})
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def figures(app: web.Application) -> bytes:
    """What this process alone has to tell."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    Gauge("liveroom_sockets", "Open session sockets", registry=registry).set(app[keys.HALLS].open_channels)
    votes, newcomers = app[keys.VERBS].asking.votes, app[keys.NEWCOMERS]
    for name, told, value in (
        ("kept", "Votes that were new, since the start", votes.votes),
        ("commits", "Transactions that held them, since the start", votes.commits),
        ("refused", "Votes of new devices refused for their network, since the start", newcomers.refused),
        ("flagged", "Times that desks were told of it, since the start", newcomers.flagged),
    ):
        Gauge(f"liveroom_votes_{name}", told, registry=registry).set(value)
    for name, fact in app[keys.MEDIA].facts().items():
        Gauge(f"liveroom_media_{name}", f"Media plane: {name.replace('_', ' ')}", registry=registry).set(fact)
    recorder = app[keys.RECORDER]
    for name, fact in recorder.facts().items() if recorder else ():
        Gauge(f"liveroom_{name}", f"Recording: {name.replace('_', ' ')}", registry=registry).set(fact)
    return generate_latest(registry)


class _Together(Collector):
    """Figures of several processes, each sample with the name of its process."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for process, text in self._texts.items():
            for family in text_string_to_metric_families(text):
                kept = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    kept.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
        return families.values()


def _together(texts: dict[str, str]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Together(texts))
    return generate_latest(registry)
