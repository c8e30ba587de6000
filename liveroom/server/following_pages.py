"""Pages of those who follow: the wish, the code, what they are told, the end. Knows no contact in whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from liveroom.actions.follow import Target, Wish
from liveroom.errors import Refused, Unavailable
from liveroom.matters.matter import Matter
from liveroom.notices.followers import FOR_FOLLOWERS, PLACE_LIMIT, Follower, Way
from liveroom.ports.notices import Told
from liveroom.server import keys
from liveroom.server.identity import device, field, network, read_form
from liveroom.server.letters import page_of
from liveroom.server.matter_cards import listed
from liveroom.server.pages import ENVIRONMENTS, go, language, render, site
from liveroom.server.qr import qr
from liveroom.server.refusals import explain, status
from liveroom.server.words import LANGUAGES


async def follow_form(
    request: web.Request, action: str, refused: Refused | None = None, **typed: str
) -> dict[str, Any]:
    """What the form “tell me” needs on the page of whatever is to be followed."""
    problem = explain(request, refused) if refused else ""
    start = {"way": Way.MAIL.value, "contact": "", "place": "", "language": language(request), "digest": ""}
    return {
        "action": action,
        "problem": problem,
        "ways": [way.value for way in FOR_FOLLOWERS],
        "place_limit": PLACE_LIMIT,
        "stations": await request.app[keys.IMPORTS].stations(),
        "typed": start | typed,
    }


async def begin(request: web.Request, target: Target) -> tuple[Refused, dict[str, str]]:
    """Take the form and go on to the follower's page; what was typed and what is wrong with it when something is."""
    form = await read_form(request)
    typed = {name: field(form, name) for name in ("way", "contact", "place", "language", "digest")}
    try:
        await request.app[keys.LIMITS].share("follow", network(request))
        wish = _wish(typed)
        stations = {station.name for station in await request.app[keys.IMPORTS].stations()}
        if wish.way is Way.STATION and stations and wish.place not in stations:
            raise Refused("bad_choice")
        follower = await request.app[keys.VERBS].following.begin(
            target, wish, device(request), network(request), site(request)
        )
    except Refused as refused:
        return refused, typed
    except Unavailable:
        return Refused("message_not_sent"), typed
    raise go(f"/following/{follower.id}")


async def page(request: web.Request) -> web.Response:
    """GET /following/{follower}: where it stands. Looking at it changes nothing: mail programs look at links, too."""
    return await _page(request, await _follower(request))


async def stop(request: web.Request) -> web.Response:
    """POST /following/{follower}: nothing more is told (RFC 8058: one click, no cookie, no form of ours, no redirect).

    With `?all=1` nothing of anything else, either.
    """
    everything = request.query.get("all") == "1"
    following = request.app[keys.VERBS].following
    follower = await following.stop(request.match_info["follower"], everything=everything)
    return await _page(request, follower, ended=True)


async def confirm(request: web.Request) -> web.Response:
    """POST /following/{follower}/code: the code that came."""
    form = await read_form(request)
    follower = await _follower(request)
    try:
        await request.app[keys.LIMITS].share("code_try", network(request))
        after = await request.app[keys.VERBS].following.confirm(follower.id, device(request), field(form, "code"))
    except Refused as refused:
        return await _page(request, follower, refused)
    raise go(f"/following/{after.id}")


async def send_again(request: web.Request) -> web.Response:
    """POST /following/{follower}/again: another code."""
    await read_form(request)
    follower = await _follower(request)
    try:
        await request.app[keys.VERBS].following.send_again(follower.id, device(request), network(request))
    except Refused as refused:
        return await _page(request, follower, refused)
    except Unavailable:
        return await _page(request, follower, Refused("message_not_sent"))
    raise go(f"/following/{follower.id}")


async def feed(request: web.Request) -> web.Response:
    """GET /following/{follower}/feed: what this follower was told, as Atom (RFC 4287)."""
    follower = await _follower(request)
    if follower.ended_at is not None or follower.way is not Way.FEED:
        raise web.HTTPGone
    letters, lang = request.app[keys.LETTERS], follower.language
    parts: Any = request.app[ENVIRONMENTS][lang].get_template("_parts.html").module
    entries: list[dict[str, Any]] = []
    for notice, told in await request.app[keys.VERBS].telling.feed(follower):
        link = told.page or f"/following/{follower.id}"
        entries.append(
            {
                "notice": notice,
                "title": f"{parts.kind_words(told.kind)} · {told.title}",
                "text": letters.step(lang, told.line, told.kind),
                "at": told.line.at,
                "link": site(request) + link,
            }
        )
    newest: datetime = entries[0]["at"] if entries else follower.asked_at
    text = (
        request.app[ENVIRONMENTS][lang]
        .get_template("letters/feed.xml")
        .render(
            address=f"{site(request)}/following/{follower.id}/feed",
            page=f"{site(request)}/following/{follower.id}",
            updated=newest,
            entries=entries,
        )
    )
    return web.Response(
        text=text, content_type="application/atom+xml", headers={"Cache-Control": "private, max-age=300"}
    )


async def poster(request: web.Request) -> web.Response:
    """GET /suggestions/{number}/poster: for a notice board: what is asked, where it stands, a QR code."""
    matter = await request.app[keys.VERBS].following_up.by_number(request.match_info["number"])
    return await poster_page(request, matter)


async def poster_page(request: web.Request, matter: Matter, place: str = "", back: str = "") -> web.Response:
    """A poster; of what has no page for everybody it leads to where codes are typed."""
    address = site(request) + (page_of(matter) or "/track")
    history = await request.app[keys.VERBS].following_up.history(matter)
    return render(
        request,
        "poster.html",
        m=matter,
        matter=await listed(request, matter),
        history=history[-3:],
        place=place,
        address=address,
        back=back or f"/suggestions/{matter.number}",
        qr=qr(address, 6),
    )


async def outcome_poster(request: web.Request, told: Told, place: str, back: str) -> web.Response:
    """What became of a question that everybody could read, for a notice board."""
    address = f"{site(request)}/track"
    return render(
        request, "poster_question.html", told=told, place=place, back=back, address=address, qr=qr(address, 6)
    )


def _wish(typed: dict[str, str]) -> Wish:
    if typed["way"] not in FOR_FOLLOWERS or typed["language"] not in LANGUAGES:
        raise Refused("bad_choice")
    return Wish(Way(typed["way"]), typed["contact"], typed["place"], typed["language"], typed["digest"] == "1")


async def _follower(request: web.Request) -> Follower:
    return await request.app[keys.VERBS].following.see(request.match_info["follower"])


async def _page(
    request: web.Request, follower: Follower, refused: Refused | None = None, *, ended: bool = False
) -> web.Response:
    following = request.app[keys.VERBS].following
    ended = ended or follower.ended_at is not None
    told = [] if ended else await request.app[keys.VERBS].telling.feed(follower)
    matter = await following.matter_of(follower)
    step = "ended" if ended else "active" if follower.confirmed_at else "code"
    return render(
        request,
        "following.html",
        status=status(refused) if refused else 200,
        follower=follower,
        step=step,
        ours=follower.device == device(request),
        hint="" if ended else await following.hint(follower),
        problem=explain(request, refused) if refused else "",
        m=await listed(request, matter) if matter else None,
        address=page_of(matter) if matter else "",
        told=told,
        feed_address=f"{site(request)}/following/{follower.id}/feed",
    )
