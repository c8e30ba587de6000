"""The published figures: every number with its formula, and with the matters behind it. Knows no formula."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from liveroom.actions.open_book import Checked
from liveroom.errors import Refused
from liveroom.matters.periods import Period, quarter_of, quarters_before, read_period
from liveroom.matters.statistics import GROUPS, PARTS, TIME_TO_REPLY, Figure, Statistics
from liveroom.ports.matters import Listed
from liveroom.server import keys
from liveroom.server.case_views import row_view
from liveroom.server.identity import read_form, require_sign_in
from liveroom.server.pages import go, render
from liveroom.server.suggestion_pages import FIRST_YEAR

QUARTERS = 6


async def figures(request: web.Request) -> web.Response:
    """GET /figures: of a quarter or year, by unit, deputy or session."""
    today = request.app[keys.VERBS].open_book.today()
    period = _period(request.query.get("period") or quarter_of(today))
    by = request.query.get("by", "")
    by = by if by in GROUPS else ""
    counted = await request.app[keys.VERBS].open_book.statistics(period, by)
    names = await group_names(request, by)
    checked = await request.app[keys.VERBS].open_book.frozen(period.name) if period.is_quarter else None
    return render(
        request,
        "statistics.html",
        period=period,
        quarters=quarters_before(today, QUARTERS),
        years=[str(year) for year in range(today.year, max(FIRST_YEAR, today.year - 2) - 1, -1)],
        by=by,
        groups=list(GROUPS),
        rows=measures(counted, period),
        waiting=counted.waiting,
        earlier=counted.earlier,
        waiting_links={part: address(period, TIME_TO_REPLY, part, {}) for part in PARTS[TIME_TO_REPLY]},
        table=grouped(counted, period, by, names),
        over=period.over(today),
        frozen=frozen_view(checked) if checked else None,
    )


async def cases(request: web.Request) -> web.Response:
    """GET /figures/{period}/{measure}: the matters of one part of a figure."""
    period = _period(request.match_info["period"])
    measure, part = request.match_info["measure"], request.query.get("part", "of")
    narrowed = {by: request.query[by][:40] for by in GROUPS if request.query.get(by)}
    page = request.query.get("page", "1")
    if not (page.isascii() and page.isdigit() and len(page) < 6):
        raise Refused("bad_page")
    found = await request.app[keys.VERBS].open_book.behind(period, measure, part, narrowed, int(page))
    names = {by: (await group_names(request, by)).get(value, value) for by, value in narrowed.items()}

    def turned(to: int) -> str:
        return address(period, measure, part, narrowed, to) if 1 <= to <= found.pages else ""

    return render(
        request,
        "figure_cases.html",
        period=period,
        measure=measure,
        part=part,
        choices={other: address(period, measure, other, narrowed) for other in PARTS[measure]},
        narrowed=list(names.values()),
        rows=[(await row_view(request, listed), _took(measure, listed)) for listed in found.rows],
        total=found.total,
        hidden=found.hidden,
        before=turned(found.page - 1),
        after=turned(found.page + 1),
    )


async def freeze(request: web.Request) -> web.Response:
    """POST /figures/{period}/freeze: publish a quarter for good."""
    actor = require_sign_in(request)
    await read_form(request)
    frozen = await request.app[keys.VERBS].open_book.freeze(request.match_info["period"], actor)
    raise go(f"/figures?period={frozen.quarter}")


async def statement(request: web.Request) -> web.Response:
    """GET /figures/{period}/statement: what was signed, with key and signature, to be verified by anybody."""
    checked = await request.app[keys.VERBS].open_book.frozen(request.match_info["period"])
    if checked is None:
        raise Refused("not_found")
    frozen = checked.frozen
    said = {"statement": frozen.statement, "key": frozen.key, "signature": frozen.signature}
    name = f"figures-{frozen.quarter}.json"
    return web.Response(
        body=msgspec.json.encode(said),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def measures(counted: Statistics, period: Period) -> list[dict[str, Any]]:
    """Every figure with the addresses of its lists."""
    return [_measure(name, figure, period, {}) for name, figure in counted.figures.items()]


def grouped(counted: Statistics, period: Period, by: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """A row for each unit, deputy or session, by name."""
    rows = [
        {"name": names.get(key, key), "figures": [_measure(m, f, period, {by: key}) for m, f in figures.items()]}
        for key, figures in counted.groups.items()
    ]
    return sorted(rows, key=lambda row: str(row["name"]))


def percent(figure: Figure) -> str:
    """In hundredths, without a zero at the end; empty while nothing is counted."""
    return "" if figure.rate is None else f"{figure.rate * 100:.1f}".removesuffix(".0")


def address(period: Period, measure: str, part: str, narrowed: dict[str, str], page: int = 1) -> str:
    asked = {"part": part, **narrowed, **({"page": str(page)} if page > 1 else {})}
    return f"/figures/{period.name}/{measure}?{urlencode(asked)}"


async def group_names(request: web.Request, by: str) -> dict[str, str]:
    """What the units, deputies or sessions are called."""
    match by:
        case "unit":
            return {unit.id: unit.name for unit in await request.app[keys.MATTERS].units()}
        case "deputy":
            return {account.id: account.name for account in await request.app[keys.PEOPLE].accounts()}
        case "session":
            return {session.id: session.topic for session in await request.app[keys.RECORDS].sessions()}
    return {}


def frozen_view(checked: Checked) -> dict[str, Any]:
    """A frozen quarter as the page shows it: the numbers as they were published, where they can be read."""
    said = checked.said
    figures = said.figures if said else {}
    return {
        "holds": checked.holds,
        "at": checked.frozen.at,
        "figures": {name: Figure(figure.holds, figure.of) for name, figure in figures.items()},
        "waiting": said.days_to_reply if said else None,
    }


def _measure(name: str, figure: Figure, period: Period, narrowed: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "holds": figure.holds,
        "of": figure.of,
        "percent": percent(figure),
        "links": {part: address(period, name, part, narrowed) for part in PARTS[name]},
    }


def _took(measure: str, matter: Listed) -> int | None:
    """The days to its first reply, where that is what the list is about."""
    if measure != TIME_TO_REPLY or matter.first_reply_on is None or matter.assigned_on is None:
        return None
    return (matter.first_reply_on - matter.assigned_on).days


def _period(written: str) -> Period:
    found = read_period(written)
    if found is None:
        raise Refused("not_found")
    return found
