"""Lists to take away: what a list shows, with the filters of its address, as CSV, XLSX or JSON. Knows no query.

A file is written to the disk page by page and sent when it is whole: nothing piles up in memory, and what comes is
complete.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from liveroom.errors import Refused, slow_down
from liveroom.matters.parties import has_work
from liveroom.ports.matters import Listed, Page
from liveroom.server import keys
from liveroom.server.filters import wanted_by
from liveroom.server.identity import network, require_sign_in
from liveroom.server.matter_cards import listed, names
from liveroom.server.pages import say
from liveroom.server.refusals import N_
from liveroom.server.work_filters import WorkFilter
from liveroom.server.work_pages import wanted_of
from liveroom.server.writers import WRITERS, Head, Value, Writer

ROWS_LIMIT = 100_000
PAGE = 100
AT_ONCE = 8
"""Files that one process makes or sends at the same time; others are asked to come back."""

SEND_SECONDS = 300.0
"""How long somebody may take to fetch one."""

PIECE = 256 * 1024
GOING_OUT: web.AppKey[asyncio.Semaphore] = web.AppKey("exports", asyncio.Semaphore)


@dataclass(frozen=True, slots=True)
class Column:
    """`of` takes the row and what a page would show of it. Without `words` it is for programs only."""

    name: str
    words: str
    of: Callable[[Listed, dict[str, Any]], Value]


_PUBLIC = (
    Column("number", N_("事项编号"), lambda m, _: m.number),
    Column("kind", "", lambda m, _: m.kind),
    Column("kind_name", N_("类型"), lambda _, shown: shown["kind_name"]),
    Column("title", N_("标题"), lambda m, _: m.title),
    Column("state", "", lambda m, _: m.state),
    Column("state_name", N_("状态"), lambda _, shown: shown["state_name"]),
    Column("deputy_name", N_("领衔代表"), lambda m, _: m.deputy_name),
    Column("unit_name", N_("承办单位"), lambda m, _: m.unit_name),
    Column("assigned_on", N_("交办日期"), lambda m, _: m.assigned_on),
    Column("due", N_("期限"), lambda m, _: m.due),
    Column("letter", "", lambda m, _: m.letter),
    Column("letter_name", N_("答复类别"), lambda _, shown: shown["letter_name"]),
    Column("first_reply_on", N_("首次答复日期"), lambda m, _: m.first_reply_on),
    Column("result", "", lambda m, _: m.result),
    Column("round", N_("办理轮次"), lambda m, _: m.round),
    Column("votes", N_("附议人数"), lambda m, _: m.votes),
    Column("closed_on", N_("办结日期"), lambda m, _: m.closed_on),
)
_WORK = (
    Column("id", "", lambda m, _: m.id),
    *_PUBLIC,
    Column("turn", "", lambda m, _: m.turn),
    Column("clock", "", lambda m, _: m.clock),
    Column("days_left", N_("剩余工作日"), lambda _, shown: shown["days_left"]),
    Column("said_due", N_("最初期限"), lambda m, _: m.said_due),
    Column("first_due", N_("延期后的期限"), lambda m, _: m.first_due),
    Column("reopenings", N_("重开次数"), lambda m, _: m.reopenings),
    Column("supervised", N_("督办"), lambda m, _: m.supervised),
    Column("listed", N_("逾期通报"), lambda m, _: bool(m.late)),
    Column("late", N_("逾期的一方"), lambda m, _: m.late),
    Column("confidential", N_("不公开"), lambda m, _: m.confidential),
    Column("rules", "", lambda m, _: m.rules),
)


async def public_list(request: web.Request) -> web.StreamResponse:
    """GET /suggestions/export: what everybody may see, with the filters of the list (`?form=csv`, `xlsx` or `json`)."""
    request.app[keys.LIMITS].take("export", network(request))
    following = request.app[keys.VERBS].following_up
    wanted = wanted_by(request.query, following.today)
    return await _file(request, "suggestions", _PUBLIC, lambda after: following.public_list(wanted, after, PAGE))


async def work_list(request: web.Request) -> web.StreamResponse:
    """GET /worklist/export: the same for what concerns whoever is signed in, with the filters of the work list."""
    actor = require_sign_in(request)
    if not has_work(actor):
        raise Refused("forbidden")
    request.app[keys.LIMITS].take("export", actor.id)
    following = request.app[keys.VERBS].following_up
    chosen = WorkFilter.read({"view": "open", **request.query})
    wanted = await wanted_of(request, chosen, actor)
    return await _file(
        request, "worklist", _WORK, lambda after: following.all_of(actor, wanted, chosen.order, after, PAGE)
    )


async def _file(
    request: web.Request, name: str, columns: Sequence[Column], page: Callable[[str], Awaitable[Page]]
) -> web.StreamResponse:
    form = request.query.get("form", "csv")
    if form not in WRITERS:
        raise Refused("bad_choice")
    going_out = request.app[GOING_OUT]
    if going_out.locked():
        raise slow_down(5)
    columns = [column for column in columns if column.words or form == "json"]
    heads = [Head(column.name, say(request, column.words) if column.words else "") for column in columns]
    writer, kind = WRITERS[form]
    today = request.app[keys.VERBS].following_up.today()
    async with going_out:
        with tempfile.TemporaryDirectory(prefix="liveroom-export-") as folder:
            path = Path(folder) / name
            await _write(request, await asyncio.to_thread(writer, path, heads), columns, page)
            headers = {
                "Content-Type": kind,
                "Content-Disposition": f'attachment; filename="{name}-{today}.{form}"',
                "Cache-Control": "no-store",
            }
            async with asyncio.timeout(SEND_SECONDS):
                return await _send(request, path, headers)


async def _write(
    request: web.Request, writer: Writer, columns: Sequence[Column], page: Callable[[str], Awaitable[Page]]
) -> None:
    count, after, counted = 0, "", any(column.name == "days_left" for column in columns)
    try:
        while True:
            found = await page(after)
            count += len(found.rows)
            if count > ROWS_LIMIT:
                raise Refused("export_too_large", limit=ROWS_LIMIT)
            rows = []
            for row in found.rows:
                # Days are counted one by one: only where they are asked for.
                shown = await (listed if counted else names)(request, row)
                rows.append([column.of(row, shown) for column in columns])
            await asyncio.to_thread(writer.write, rows)
            after = found.after
            if not after:
                return
    finally:
        await asyncio.to_thread(writer.close)


async def _send(request: web.Request, path: Path, headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers)
    response.content_length = (await asyncio.to_thread(path.stat)).st_size
    await response.prepare(request)
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            await response.write(piece)
    await response.write_eof()
    return response
