"""What people type is shown as they typed it and runs nowhere: 131 ways to try, in every page, form, feed and file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from tests.server.test_import_pages import form
from tests.support.every_route import every_route
from tests.support.hostile import (
    ALL,
    ASKER,
    NAMELESS,
    NO_PAGE,
    PAGES,
    PAYLOADS,
    SECONDER,
    Hostile,
    is_no_page,
    packed,
    readable,
    stations,
)
from tests.support.markup import foreign, read
from tests.support.world import World, csrf

HTML = {"Accept": "text/html"}


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if "<" in payload][:40])
def test_the_watcher_sees_what_a_browser_would(payload: str) -> None:
    if "<x " in payload or "<p" in payload or "hit()" not in payload:
        return
    assert foreign(f"<p>{payload}</p>") or foreign(f'<input value="{payload}">') or foreign(f"<a title='{payload}'>")


def test_the_watcher_sees_data_that_ends_its_element() -> None:
    island = '<script type="application/json">{}</script>'
    assert foreign(island.format('{"a": 1}')) == []
    assert foreign(island.format('{"a": "<!--"}'))
    assert foreign(island.format('{"a": "</script>"}'))


async def test_every_address_is_walked_or_is_no_page(world: World) -> None:
    there = {route.path for route in every_route(world.app) if route.method == "GET"}
    assert {path for path in there if path not in PAGES and not is_no_page(path)} == set(), "who reads it, and where?"
    assert there >= PAGES.keys()
    assert [path for path in PAGES if is_no_page(path)] == []
    assert [known for known in NO_PAGE if not any(path.startswith(known) for path in there)] == []
    assert len(PAYLOADS) >= 120


@pytest.fixture
async def hostile(tmp_path: Path) -> AsyncIterator[Hostile]:
    made = await Hostile.furnish(tmp_path)
    yield made
    await made.world.close()


async def test_no_payload_runs_in_any_page_form_feed_or_file(hostile: Hostile) -> None:
    for path, pages in PAGES.items():
        for page in pages:
            where = f"{page.address} for {page.who or 'everybody'}"
            answer = await hostile.browsers[page.who].get(hostile.at(page), headers=HTML)
            assert (answer.status, answer.content_type) == (404 if "?code=" in where else 200, "text/html"), where
            text = await answer.text()
            assert foreign(text) == [], where
            shown, below = readable(" ".join(read(text).main)), " ".join(read(text).below)
            assert len(shown) >= page.least, f"{where} shows {len(shown)} of them"
            assert page.who in NAMELESS or path.endswith("card") or hostile.surname in below, where
    await _forms(hostile)
    await _feeds_and_files(hostile)


async def _forms(hostile: Hostile) -> None:
    """What is wrong, or looked at before it is done, stands on the page with what was typed."""
    office, unit, asker = (hostile.browsers[who] for who in ("office", "unit", ASKER))
    word = await csrf(office, "/office/import")
    lines = "\n".join(f"{payload.replace(chr(10), ' ')},none" for payload in PAYLOADS)
    names, session = "日期,休班\n" + stations(PAYLOADS).split("\n", 1)[1], {"session": hostile.values["session"]}
    track, matter = f"/track/{hostile.values['code']}", f"/worklist/{hostile.values['matter']}"
    for client, page, sent, status, least in (
        (office, "/office/import", form(word, stations(packed(40)[::-1]).encode()), 200, 100),
        (office, "/office/import", form(word, names.replace("S", "").encode(), "holidays"), 422, 80),
        (office, "/office/hooks", {"name": PAYLOADS[0], "url": f"javascript:{PAYLOADS[0]}"}, 400, 19),
        (office, "/office/words", {"name": ALL}, 400, len(PAYLOADS)),
        (office, "/office/words/try", {"text": packed(300)[0]}, 200, 10),
        (office, "/office/words/hostile", {"lines": lines, "why": packed(200)[0], "version": "2"}, 400, len(PAYLOADS)),
        (office, "/office/people/unit", {"contact": ALL}, 400, len(PAYLOADS)),
        (office, "/work-orders/new", _parts({"csrf": word, "title": "……", "body": ALL}), 400, len(PAYLOADS)),
        (office, "/rooms/r/operator", {"source": "x", "text": ALL, "nickname": ALL, "island": ALL}, 400, len(PAYLOADS)),
        (office, "/rooms/r/outcomes", session | {"action": "outcome", "outcome": "x", "note": ALL}, 400, len(PAYLOADS)),
        (office, "/worklist/filters", {"action": "keep", "name": ALL, "query": f"q={PAYLOADS[0]}"}, 400, len(PAYLOADS)),
        (unit, "/account", {"action": "contact", "contact": ALL}, 400, len(PAYLOADS)),
        (unit, f"{matter}/reply", {"class": "x", "text": ALL}, 409, len(PAYLOADS)),
        (asker, f"{track}/check", {"solved": "yes", "comment": ALL}, 400, len(PAYLOADS)),
        (asker, f"{track}/follow", {"way": "mail", "language": "zh", "contact": ALL, "place": ALL}, 400, len(PAYLOADS)),
        (asker, "/rooms/r/ask", {"key": "k" * 16, "text": ALL, "nickname": ALL, "island": ALL}, 400, len(PAYLOADS)),
        (asker, "/verify/contact", {"contact": ALL}, 400, len(PAYLOADS)),
    ):  # fmt: skip
        answer = await _post(client, page, sent)
        text = await answer.text()
        assert (answer.status, answer.content_type, foreign(text)) == (status, "text/html", []), page
        shown = readable(" ".join(read(text).main))
        assert len(shown) >= least, f"{page} shows {len(shown)} of them"


def _parts(fields: Mapping[str, str]) -> Any:
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        data.add_field(name, value)
    return data


async def _post(client: TestClient, page: str, sent: Any) -> Any:
    if isinstance(sent, dict):
        sent = {"csrf": await csrf(client, "/verify"), **sent}
    return await client.post(page, data=sent, headers=HTML)


async def _feeds_and_files(hostile: Hostile) -> None:
    visitor, office = hostile.browsers[""], hostile.browsers["office"]
    feed = ElementTree.fromstring(await (await visitor.get("/suggestions/feed")).read())
    kinds = {part.get("type", "text") for part in feed.iter() if part.tag.endswith(("title", "summary", "content"))}
    assert kinds <= {"text"}, "nothing in it is markup"
    picture = await (await visitor.get(f"/suggestions/{hostile.values['number']}/card.svg")).read()
    for part in ElementTree.fromstring(picture).iter():
        assert part.tag.rpartition("}")[2] in {"svg", "rect", "text", "title"}, part.tag
        assert not any(name.startswith("on") or name.endswith("href") for name in part.attrib), part.attrib
    for page, client in (
        ("/suggestions/export?form=csv", visitor),
        ("/worklist/export?format=csv", office),
        ("/office/words/hostile/export", office),
    ):
        answer = await client.get(page)
        assert (answer.status, answer.headers["X-Content-Type-Options"]) == (200, "nosniff"), page
        assert answer.headers["Content-Disposition"].startswith("attachment"), page
        for row in csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))):
            assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r"} for cell in row), row
    for page in ("/suggestions/export?form=json", f"/track/{hostile.values['code']}/data.json", "/seconded/data.json"):
        data = await hostile.browsers[SECONDER].get(page)
        assert (data.content_type, data.headers["X-Content-Type-Options"]) == ("application/json", "nosniff"), page
