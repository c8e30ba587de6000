"""Public pages of matters: the list that is searched, and one matter with all that may be read of it. Knows no rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from liveroom.actions.follow import Target
from liveroom.errors import Refused, Unavailable, refusal
from liveroom.matters.matter import Matter
from liveroom.server import keys
from liveroom.server.case_views import case_view, row_view
from liveroom.server.clip_pages import clips
from liveroom.server.filters import GROUPS, SEARCH_LIMIT, wanted_by
from liveroom.server.following_pages import begin, follow_form
from liveroom.server.identity import device, field, read_form
from liveroom.server.pages import go, language, render, say, site
from liveroom.server.qr import qr
from liveroom.server.refusals import N_, explain, status

_CARD = N_("办理进展")
FIRST_YEAR = 2000

FILTERS = ("kind", "state", "unit", "letter", "overdue", "year", "q")
"""What a list can be narrowed by, as it stands in the address."""

KINDS = ("suggestion", "commitment")


def chosen(query: Mapping[str, str], today: date) -> dict[str, str]:
    """What an address asks for, without what means nothing."""
    asked = {name: query.get(name, "").replace("\0", "").strip()[:SEARCH_LIMIT] for name in FILTERS}
    if asked["kind"] not in KINDS:
        asked["kind"] = ""
    if asked["state"] not in GROUPS:
        asked["state"] = ""
    if asked["overdue"] != "1":
        asked["overdue"] = ""
    if not (asked["year"].isascii() and asked["year"].isdigit() and FIRST_YEAR <= int(asked["year"]) <= today.year):
        asked["year"] = ""
    return {name: value for name, value in asked.items() if value}


async def suggestions(request: web.Request) -> web.Response:
    """GET /suggestions: what is asked for stays in the address."""
    verbs = request.app[keys.VERBS]
    today = verbs.open_book.today()
    asked = chosen(request.query, today)
    wanted = wanted_by(asked, lambda: today)
    found = await verbs.following_up.public_list(wanted, request.query.get("after", ""))
    rules = await request.app[keys.RULES].current()
    zh = language(request) == "zh"
    return render(
        request,
        "suggestions.html",
        rows=[await row_view(request, listed) for listed in found.rows],
        asked=asked,
        kinds=KINDS,
        states=list(GROUPS),
        units=[(unit.id, unit.name) for unit in await request.app[keys.MATTERS].units()],
        letters=[(letter.name, letter.zh if zh else letter.en) for letter in rules.letters.values()],
        years=[str(year) for year in range(today.year, FIRST_YEAR - 1, -1)],
        without=lambda name: address({key: value for key, value in asked.items() if key != name}),
        more=address({**asked, "after": found.after}) if found.after else "",
        first=address(asked) if "after" in request.query else "",
        feed=f"/suggestions/feed?{urlencode(asked)}" if asked else "/suggestions/feed",
    )


async def suggestion(request: web.Request) -> web.Response:
    """GET /suggestions/{number}."""
    return await _page(request, await request.app[keys.VERBS].following_up.by_number(request.match_info["number"]))


async def follow(request: web.Request) -> web.Response:
    """POST /suggestions/{number}/follow: be told of every step."""
    matter = await request.app[keys.VERBS].following_up.by_number(request.match_info["number"])
    refused, typed = await begin(request, Target(matter=matter.id))
    form = await follow_form(request, f"/suggestions/{matter.number}/follow", refused, **typed)
    return await _page(request, matter, follow=form, number=status(refused))


async def check(request: web.Request) -> web.Response:
    """POST /suggestions/{number}/check: whether it is solved, by the browser that asked or seconded."""
    form = await read_form(request)
    verbs = request.app[keys.VERBS]
    matter = await verbs.following_up.by_number(request.match_info["number"])
    values = {name: field(form, name) for name in ("solved", "comment")}
    try:
        await verbs.confirming.say(matter.id, device(request), values)
    except (Refused, Unavailable) as error:
        return await _page(request, matter, error, values["comment"], number=status(refusal(error)))
    raise go(f"/suggestions/{matter.number}#check")


def address(asked: Mapping[str, str]) -> str:
    return f"/suggestions?{urlencode(asked)}" if asked else "/suggestions"


async def voice_view(
    request: web.Request, matter: Matter, who: str, error: Refused | Unavailable | None = None, typed: str = ""
) -> dict[str, Any]:
    """The question whether it is solved, or how it was handled, as far as it is put to whoever looks."""
    voice = await request.app[keys.VERBS].confirming.voice(matter, who)
    problem = explain(request, refusal(error)) if error else ""
    return {
        "command": voice.command,
        "open": voice.open,
        "said": voice.said,
        "reopens": voice.reopens,
        "counts": voice.counts,
        "problem": problem,
        "typed": typed,
    }


def embed(address: str, title: str) -> str:
    """What another site pastes to show how a matter stands."""
    return (
        f'<iframe src="{address}/card" title="{title}" width="360" height="220" loading="lazy" '
        'referrerpolicy="no-referrer"></iframe>'
    )


async def _page(
    request: web.Request,
    matter: Matter,
    error: Refused | Unavailable | None = None,
    typed: str = "",
    *,
    follow: dict[str, Any] | None = None,
    number: int = 200,
) -> web.Response:
    address = f"{site(request)}/suggestions/{matter.number}"
    return render(
        request,
        "suggestion.html",
        status=number,
        follow=follow or await follow_form(request, f"/suggestions/{matter.number}/follow"),
        view=await case_view(request, matter),
        clips=await clips(request, [source.session for source in matter.sources]),
        check=await voice_view(request, matter, device(request), error, typed),
        history=await request.app[keys.VERBS].following_up.history(matter),
        address=address,
        qr=qr(address),
        embed=embed(address, say(request, _CARD)),
    )
