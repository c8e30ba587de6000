"""Pages for word lists: see them, change them, try a sentence, read and take away every version. Knows no fold."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from liveroom.actions.keep_words import Unreadable
from liveroom.errors import Refused
from liveroom.rooms.roles import Permission, require
from liveroom.screening.screen import Screened
from liveroom.screening.words import WordList, difference, table, write
from liveroom.server import keys
from liveroom.server.identity import field, read_form, require_sign_in
from liveroom.server.pages import go, render
from liveroom.server.refusals import explain, status

LINES_LIMIT = 512 * 1024
"""Bytes of the form with a whole list: 5,000 words, three bytes a character, three characters a byte."""
SHOWN_PROBLEMS = 20


async def lists(request: web.Request) -> web.Response:
    """GET /office/words."""
    return await _lists_page(request)


async def try_text(request: web.Request) -> web.Response:
    """POST /office/words/try: what would happen to a question with this text. Nothing is kept."""
    actor = require_sign_in(request)
    text = field(await read_form(request), "text")
    try:
        screened = await request.app[keys.VERBS].keeping_words.try_text(text, actor)
    except Refused as refused:
        return await _lists_page(request, refused, "try", text)
    return await _lists_page(request, typed=text, screened=screened)


async def begin(request: web.Request) -> web.Response:
    """POST /office/words: a new list."""
    actor = require_sign_in(request)
    name = field(await read_form(request), "name")
    try:
        made = await request.app[keys.VERBS].keeping_words.begin(name, actor)
    except Refused as refused:
        return await _lists_page(request, refused, "begin", name)
    raise go(f"/office/words/{made.id}")


async def word_list(request: web.Request) -> web.Response:
    """GET /office/words/{list}: the newest version to be changed, or another one (`?version=`) to be read."""
    versions = await _versions(request)
    return _list_page(request, versions, _chosen(request, versions))


async def change(request: web.Request) -> web.Response:
    """POST /office/words/{list}: `lines` become the version after `version`; `why` is kept with it."""
    actor = require_sign_in(request)
    require(actor, Permission.WORDS)
    fields = await read_form(request.clone(client_max_size=LINES_LIMIT), LINES_LIMIT)
    name, lines, why = request.match_info["list"], field(fields, "lines"), field(fields, "why")
    try:
        number = int(field(fields, "version"))
    except ValueError:
        raise Refused("bad_message") from None
    try:
        changed = await request.app[keys.VERBS].keeping_words.change(name, number, lines, why, actor)
    except Refused as refused:
        if refused.code in {"not_found", "forbidden"}:
            raise
        versions = await _versions(request)
        return _list_page(request, versions, versions[0], refused, lines, why, number)
    raise go(f"/office/words/{name}?saved={changed.questions}")


async def export(request: web.Request) -> web.Response:
    """GET /office/words/{list}/export: a version as a table for spreadsheets, or as lines (`?form=text`)."""
    chosen = _chosen(request, await _versions(request))
    as_text = request.query.get("form") == "text"
    return web.Response(
        text=write(chosen.entries) if as_text else table(chosen.entries),
        content_type="text/plain" if as_text else "text/csv",
        charset="utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="words-{chosen.id}-{chosen.version}'
            f'.{"txt" if as_text else "csv"}"',
            "Cache-Control": "no-store",
        },
    )


async def _versions(request: web.Request) -> list[WordList]:
    actor = require_sign_in(request)
    return await request.app[keys.VERBS].keeping_words.versions(request.match_info["list"], actor)


def _chosen(request: web.Request, versions: list[WordList]) -> WordList:
    wanted = request.query.get("version", "")
    found = next((version for version in versions if str(version.version) == wanted or not wanted), None)
    if found is None:
        raise Refused("not_found")
    return found


async def _lists_page(
    request: web.Request,
    refused: Refused | None = None,
    form: str = "",
    typed: str = "",
    screened: Screened | None = None,
) -> web.Response:
    newest = await request.app[keys.VERBS].keeping_words.newest(require_sign_in(request))
    names = {word_list.id: word_list.name for word_list in newest}
    return render(
        request,
        "word_lists.html",
        status=status(refused) if refused else 200,
        lists=newest,
        names=names,
        typed=typed,
        screened=screened,
        form=form,
        problem=explain(request, refused) if refused else "",
    )


def _list_page(
    request: web.Request,
    versions: list[WordList],
    chosen: WordList,
    refused: Refused | None = None,
    lines: str | None = None,
    why: str = "",
    number: int | None = None,
) -> web.Response:
    newest = chosen.version == versions[0].version
    saved = request.query.get("saved", "")
    return render(
        request,
        "word_list.html",
        script="js/pages/words.js" if newest else None,
        status=status(refused) if refused else 200,
        list=chosen,
        newest=newest,
        history=_history(versions),
        lines=write(chosen.entries) if lines is None else lines,
        why=why,
        number=chosen.version if number is None else number,
        problems=list(refused.problems[:SHOWN_PROBLEMS]) if isinstance(refused, Unreadable) else [],
        problem=explain(request, refused) if refused else "",
        saved=saved if saved.isdecimal() else "",
    )


def _history(versions: list[WordList]) -> list[dict[str, Any]]:
    """Every version with the words that came and went, the newest first."""
    before = [*versions[1:], None]
    rows = []
    for version, earlier in zip(versions, before, strict=True):
        came, went = difference(earlier.entries if earlier else (), version.entries)
        rows.append({"list": version, "came": len(came), "went": len(went)})
    return rows
