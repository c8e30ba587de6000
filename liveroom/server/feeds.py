"""Atom feeds of what is public: of everything, or of what a list is narrowed to. Knows no XML."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

from aiohttp import web

from liveroom.server import keys
from liveroom.server.atom import CONTENT_TYPE, Entry, Feed, write
from liveroom.server.case_views import row_view
from liveroom.server.filters import wanted_by
from liveroom.server.pages import language, macros, site
from liveroom.server.refusals import N_
from liveroom.server.suggestion_pages import address, chosen

_ALL = N_("代表直播间：公开事项的进展")
_SOME = N_("代表直播间：“{typed}”的进展")
_FILTERED = N_("代表直播间：选出的事项的进展")
_AUTHOR = N_("人大代表工委")
_WHERE = N_("{state}。{left}")
_LEFT = N_("还有 {days} 个工作日。")
_ABOUT = N_("还有约 {days} 个工作日。")
_LATE = N_("已逾期 {days} 个工作日。")
FRESH = 300
"""Seconds for which nobody asks again."""


async def feed(request: web.Request) -> web.Response:
    """GET /suggestions/feed: the newest steps of what the list of the same address shows."""
    open_book = request.app[keys.VERBS].open_book
    asked = chosen(request.query, open_book.today())
    told = await open_book.news(wanted_by(asked, open_book.today))
    at, lang, words = site(request), language(request), request.app[keys.WORDS]
    parts, entries = macros(request, "_parts.html"), []
    for one in told:
        view = await row_view(request, one.matter)
        left = _left(view["left"], guessed=view["guessed"])
        entries.append(
            Entry(
                key=f"matter:{one.matter.id}",
                title=f"{parts.number_words(one.matter.kind, one.matter.number)} · {one.matter.title}",
                link=f"{at}/suggestions/{one.matter.number}",
                updated=one.at,
                published=one.matter.created_at,
                author=one.matter.unit_name or words.say(lang, _AUTHOR),
                summary=words.say(lang, _WHERE, state=view["state_words"], left=words.say(lang, left[0], days=left[1])),
                category=one.matter.unit_name,
            )
        )
    same = urlencode(sorted(asked.items()))
    title = _SOME if set(asked) == {"q"} else _FILTERED if asked else _ALL
    made = Feed(
        key=f"feed:{same}",
        title=words.say(lang, title, typed=asked.get("q", "")),
        address=f"{at}/suggestions/feed{'?' if same else ''}{same}",
        link=at + address(asked),
        lang="zh-Hans" if lang == "zh" else "en",
        author=words.say(lang, _AUTHOR),
        entries=entries,
    )
    return answer(request, write(made))


def answer(request: web.Request, body: bytes) -> web.Response:
    """The feed, or only that it is the same as before (RFC 9110, section 13).

    By its tag alone: a feed from which something went, because it became confidential, is older by date than before.
    """
    name = hashlib.sha256(body).hexdigest()[:32]
    headers = {
        "ETag": f'"{name}"',
        "Cache-Control": f"public, max-age={FRESH}",
        "Vary": "Accept-Language, Cookie",
    }
    if any(tag.value in {name, "*"} for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=CONTENT_TYPE, charset="utf-8", headers=headers)


def _left(days: int | None, *, guessed: bool) -> tuple[str, int]:
    if days is None:
        return "", 0
    if days < 0:
        return _LATE, -days
    return (_ABOUT if guessed else _LEFT), days
