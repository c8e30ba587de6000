"""Figures with their formulas and lists, and the promise ledger, through the API. Knows no formula."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from liveroom.actions.open_book import Checked
from liveroom.errors import Refused
from liveroom.matters.periods import Period, read_period
from liveroom.matters.promises import Standing, standing
from liveroom.matters.statistics import FORMULAS, GROUPS, PARTS, TIME_TO_REPLY, Figure
from liveroom.server import keys
from liveroom.server.api.matter_calls import said
from liveroom.server.api.openness_views import (
    CasesSaid,
    FigureSaid,
    FrozenSaid,
    Links,
    Parts,
    PeriodSaid,
    PromiseSaid,
    PromisesSaid,
    TimeLinks,
    TimeSaid,
)
from liveroom.server.api.operation import PREFIX, Answer, Call
from liveroom.server.pages import macros


async def read_period_figures(call: Call) -> Answer:
    """Every figure of a quarter or a year."""
    period, open_book = _period(call), call.request.app[keys.VERBS].open_book
    counted = await open_book.statistics(period)
    checked = await open_book.frozen(period.name) if period.is_quarter else None
    words, waiting, today = macros(call.request, "_figures.html"), counted.waiting, open_book.today()
    return Answer(
        PeriodSaid(
            period=period.name,
            first=period.first,
            last=period.last,
            over=period.over(today),
            counted_on=today,
            formulas=FORMULAS,
            earlier=counted.earlier,
            figures=[_figure(period, name, figure, words, checked) for name, figure in counted.figures.items()],
            time_to_reply=TimeSaid(
                title=str(words.measure_words(TIME_TO_REPLY)),
                formula=str(words.formula_words(TIME_TO_REPLY)),
                replies=waiting.count,
                median=waiting.median,
                p90=waiting.p90,
                links=TimeLinks(**_links(period, TIME_TO_REPLY)),
            ),
            frozen=_frozen(period, checked) if checked else None,
        )
    )


async def list_cases(call: Call) -> Answer:
    """The matters of one part of a figure."""
    query, written = call.query, call.query.cursor or "1"
    if not (written.isascii() and written.isdigit() and len(written) < 6):
        raise Refused("bad_page")
    narrowed = {group: getattr(query, group) for group in GROUPS if getattr(query, group)}
    open_book = call.request.app[keys.VERBS].open_book
    found = await open_book.behind(_period(call), call.named("measure"), query.part, narrowed, int(written))
    following = str(found.page + 1) if found.page < found.pages else ""
    items = [await said(call, row) for row in found.rows]
    return Answer(CasesSaid(items, found.total, found.hidden, following)).next(call, following)


async def list_promises(call: Call) -> Answer:
    """The ledger; by default what is open."""
    open_book, query = call.request.app[keys.VERBS].open_book, call.query
    found = await open_book.promises(Standing(query.standing) if query.standing else None, query.cursor)
    today = open_book.today()
    items = [
        PromiseSaid(
            matter=await said(call, promise.matter),
            promised=promise.promised,
            said_first=promise.said,
            standing=standing(promise.promised, promise.matter.state, promise.matter.end, today) or "",
        )
        for promise in found.rows
    ]
    counts = {stands.value: number for stands, number in (await open_book.standings()).items()}
    return Answer(PromisesSaid(items, counts, found.after)).next(call, found.after)


def _figure(period: Period, name: str, figure: Figure, words: Any, checked: Checked | None) -> FigureSaid:
    published = checked.said.figures.get(name) if checked and checked.said else None
    return FigureSaid(
        name=name,
        title=str(words.measure_words(name)),
        formula=str(words.formula_words(name)),
        of=figure.of,
        holds=figure.holds,
        rest=figure.of - figure.holds,
        rate=figure.rate,
        links=Links(**_links(period, name)),
        published=Parts(published.holds, published.of) if published else None,
    )


def _links(period: Period, name: str) -> dict[str, str]:
    return {part: f"{PREFIX}/figures/{period.name}/{name}?{urlencode({'part': part})}" for part in PARTS[name]}


def _frozen(period: Period, checked: Checked) -> FrozenSaid:
    said, kept = checked.said, checked.frozen
    return FrozenSaid(
        holds=checked.holds,
        counted_on=said.counted_on if said else None,
        published_at=said.published_at if said else None,
        key=kept.key,
        signature=kept.signature,
        statement=f"/figures/{period.name}/statement",
    )


def _period(call: Call) -> Period:
    found = read_period(call.named("period"))
    if found is None:
        raise Refused("not_found")
    return found
