"""What cannot be done is answered clearly, whatever it is and whoever asks."""

from __future__ import annotations

import html
import re

import pytest
from yarl import URL

from liveroom.errors import Unavailable
from liveroom.server import keys
from tests.support.world import IN_ONE_LOOP, World, csrf

PAGE = {"Accept": "text/html"}


async def test_records_that_cannot_be_read_are_told_to_the_staff_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await world.sign_in("office")

    async def refuse(*_: object) -> None:
        raise Unavailable("disk on fire")

    monkeypatch.setattr(world.app[keys.PEOPLE], "sign_in", refuse)
    for path in ("/", "/office", "/rooms/r/desk"):
        answer = await client.get(path, headers=PAGE)
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "<h1" in await answer.text()
    assert (await client.get("/office")).content_type == "application/problem+json"
    style = re.search(r'href="(/static/[^"]+)"', await (await client.get("/", headers=PAGE)).text())
    assert style is not None
    for path in ("/healthz", "/readyz", "/metrics", style[1]):
        assert (await client.get(path)).status == 200


URLENCODED = "application/x-www-form-urlencoded"
FORMS = ("/preferences", "/sign-in", "/rooms/r/ask", "/office/rooms", "/sign-out")


@IN_ONE_LOOP
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (URLENCODED, b"lang=\xff\xfe", 400),
        (URLENCODED, b"text=%ff%fe", 400),
        (URLENCODED, b"text=%ed%a0%80", 400),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n", 400),
        ("text/plain", b"lang=en", 400),
        (f"{URLENCODED}; charset=bogus", b"text=\xff", 400),
        (URLENCODED, b"text=" + b"x" * 70_000, 413),
    ],
)
async def test_what_is_no_form_is_refused(standing: World, path: str, kind: str, body: bytes, status: int) -> None:
    client = await standing.sign_in("office")
    for accept in (PAGE, {}):
        answer = await client.post(path, data=body, headers={"Content-Type": kind, **accept}, allow_redirects=False)
        assert answer.status == status


async def test_an_unknown_charset_does_not_keep_a_form_from_being_read(world: World) -> None:
    client = await world.visitor()
    headers = {"Content-Type": f"{URLENCODED}; charset=bogus"}
    answer = await client.post("/preferences", data=b"lang=en&next=/track", headers=headers, allow_redirects=False)
    assert (answer.status, answer.headers["Location"], answer.cookies["lang"].value) == (303, "/track", "en")


@IN_ONE_LOOP
@pytest.mark.parametrize("target", ["//[", "http://[", "/\\x", "//x", "https://x/", "\u202e/", "/a\nb", ""])
async def test_a_way_on_that_is_none_of_ours_leads_home(standing: World, target: str) -> None:
    client = await standing.visitor()
    answer = await client.post("/preferences", data={"lang": "en", "next": target}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


@IN_ONE_LOOP
@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", "//", "", "http://elsewhere.example"])
async def test_a_socket_from_nowhere_is_refused(standing: World, origin: str) -> None:
    client = await standing.visitor()
    shake = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    answer = await client.get("/rooms/r/socket", headers={"Origin": origin, **shake})
    assert answer.status == 403
    assert (await answer.json())["code"] == "foreign_origin"


@IN_ONE_LOOP
@pytest.mark.parametrize(
    "start",
    ["0001-01-01T00:00", "9999-12-31T23:59", "2020-01-01T00:00", "0226-12-01T19:30", "soon", "2026-13-01T00:00", ""],
)
async def test_a_start_that_cannot_be_meant_is_refused_and_kept_in_the_form(standing: World, start: str) -> None:
    client = await standing.sign_in("office")
    form = {"csrf": await csrf(client, "/office"), "room": "r", "topic": "主题二", "deputy": "deputy"}
    answer = await client.post("/office/sessions", data={**form, "starts_at": start})
    assert answer.status == 400
    text = await answer.text()
    assert start in text
    assert "主题二" in text
    assert 'role="alert"' in text
    assert len(await standing.app[keys.RECORDS].sessions("r")) == 1


async def test_after_signing_in_one_stands_where_one_wanted_to_go(world: World) -> None:
    wanted = "/rooms/r/outcomes?session=a%26b&c=%E5%B2%9B"
    client = await world.visitor()
    sent = await client.get(wanted, headers=PAGE, allow_redirects=False)
    assert sent.status == 303
    assert URL(sent.headers["Location"]).query == {"next": wanted}
    page = await (await client.get(sent.headers["Location"])).text()
    hidden = re.search(r'name="next" value="([^"]*)"', page)
    assert hidden is not None
    assert html.unescape(hidden[1]) == wanted
