"""Files of matters: sent by whose turn it is, public with their step alone, never run, gone when nobody needs them."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient
from PIL import Image

from liveroom import clock
from liveroom.matters import enclosures
from liveroom.rooms.audit import check
from liveroom.server import keys, uploads
from liveroom.storage.audit import SqlAudit
from tests.support.admission import ADMITTED
from tests.support.samples import ACTIVE, FOREIGN, PLACE, bomb, document, photo
from tests.support.world import Wire, World, csrf


@pytest.fixture
async def world(tmp_path: Path) -> Any:
    world = await World.make(tmp_path / "data")
    yield world
    await world.close()


async def handled(world: World) -> str:
    """A suggestion that the unit handles."""
    await world.live()
    question = await (await Wire.open(await world.visitor())).ask()
    verbs = world.app[keys.VERBS]
    people = {login: await world.app[keys.PEOPLE].account(login) for login in ("office", "deputy", "unit")}
    actors = {login: account.actor for login, account in people.items() if account}
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, actors["office"])
    matter: str = await verbs.concluding.draft_suggestion(world.session, [question["id"]], "", actors["office"])
    due = (await verbs.following_up.suggested_due()).isoformat()
    for command, values, login in (
        ("offer", {"deputy": "deputy"}, "office"),
        ("adopt", {"signature": "甲"}, "deputy"),
        ("register", ADMITTED, "office"),
        ("assign", {"unit": "water", "due": due}, "office"),
        ("accept", {}, "unit"),
    ):
        await verbs.following_up.step(matter, command, values, actors[login])
    return matter


async def send(client: TestClient, matter: str, content: bytes, name: str = "a.jpg", **fields: str) -> Any:
    form = aiohttp.FormData()
    form.add_field("csrf", fields.pop("csrf", None) or await csrf(client, "/verify"))
    for field, value in fields.items():
        form.add_field(field, value)
    form.add_field("file", content, filename=name, content_type="image/jpeg")
    return await client.post(f"/worklist/{matter}/files", data=form, allow_redirects=False)


async def step(client: TestClient, matter: str, command: str, **values: str) -> None:
    form = {"csrf": await csrf(client, "/verify"), **values}
    answer = await client.post(f"/worklist/{matter}/{command}", data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()


async def links(client: TestClient, page: str) -> list[str]:
    found = re.findall(r'href="(/files/[^"]+)"', await (await client.get(page)).text())
    return list(dict.fromkeys(found))


async def test_a_file_goes_along_with_a_step_and_is_public_when_all_of_that_is(world: World) -> None:
    matter = await handled(world)
    unit, office, stranger = await world.sign_in("unit"), await world.sign_in("office"), await world.visitor()
    work = f"/worklist/{matter}"
    script = '"><script>alert(1)</script>'
    answer = await send(unit, matter, photo(personal=True), caption=f"修好的灯{script}")
    assert answer.status == 303, await answer.text()
    page = await (await unit.get(work)).text()
    assert "修好的灯&#34;&gt;&lt;script&gt;" in page
    (first,) = await links(unit, work)
    # It waits: for the unit alone.
    assert (await unit.get(first)).status == 200
    assert [(await client.get(first)).status for client in (office, stranger)] == [404, 404]
    await step(unit, matter, "contact", contact="电话沟通")
    assert [(await client.get(first)).status for client in (unit, office, stranger)] == [200, 200, 404], "unsaid"
    assert (await send(unit, matter, document(), "reply.pdf")).status == 303
    assert (await send(unit, matter, photo("PNG"), "b.png")).status == 303
    await step(unit, matter, "reply", **{"class": "A", "text": "修好了。"})
    number = (await world.app[keys.VERBS].following_up.public_list()).rows[0].number
    public = await links(stranger, f"/suggestions/{number}")
    assert len(public) == 2
    assert set(await links(office, work)) == {first, *public}
    answers = [await stranger.get(link) for link in public]
    for answer in answers:
        assert answer.status == 200
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "script" not in answer.headers["Content-Security-Policy"]
        again = await stranger.get(str(answer.url.path), headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
    assert {answer.content_type for answer in answers} == {"application/pdf", "image/png"}
    shown = {answer.content_type: answer.headers["Content-Disposition"].split(";")[0] for answer in answers}
    assert shown == {"application/pdf": "attachment", "image/png": "inline"}
    kept = await (await unit.get(first)).read()
    assert PLACE.encode() not in kept
    assert Image.open(io.BytesIO(kept)).size == (200, 320)
    audit = SqlAudit(world.database)
    log = await audit.read(f"matter:{matter}")
    assert log is not None
    assert (check(f"matter:{matter}", log.links, log.length), await audit.strayed(f"matter:{matter}")) == ([], [])
    assert sum("files" in link.event for link in log.links) == 2, "the log vouches for them"
    # What is changed behind the program's back is not served.
    for file in (world.app[keys.SETTINGS].data / "files").rglob("*.*"):
        file.write_bytes(b"<script>alert(1)</script>")
    assert (await stranger.get(public[0])).status == 404


async def test_files_are_refused_in_words_and_nothing_of_them_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = await handled(world)
    unit, page = await world.sign_in("unit"), f"/worklist/{matter}"
    for content, status, words in (
        (FOREIGN["svg"], 400, "只能上传"),
        (FOREIGN["html that ends as a picture"], 400, "只能上传"),
        (bomb(), 400, "太复杂"),
        (photo()[:400], 400, "打不开"),
        (ACTIVE["a program"], 400, "自动运行"),
        (b"", 400, "选择"),
        (b"\xff\xd8\xff" + bytes(enclosures.FILE_BYTES), 413, "太大"),
    ):
        answer = await send(unit, matter, content, caption="说明在此")
        assert answer.status == status, (words, await answer.text())
        assert words in await answer.text()
        assert "说明在此" in await answer.text() or status == 413, "what was typed is kept"
    files = world.app[keys.SETTINGS].data / "files"
    assert not [file for file in files.rglob("*") if file.is_file()]
    for client, status in ((await world.sign_in("stranger"), 404), (await world.visitor(), 401)):
        assert (await send(client, matter, photo())).status == status
    assert (await send(await world.sign_in("office"), matter, photo())).status == 403
    assert (await send(unit, matter, photo(), csrf="wrong")).status == 403
    assert (await unit.post(page + "/files", data={"csrf": "x"})).status == 400
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (
        b"",
        b"--x\r\n",
        b"--x\r\n\r\n\r\n--x--",
        b"--y\r\n" * 9,
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1",
    ):
        assert (await unit.post(page + "/files", data=body, headers=broken)).status in {400, 403}
    monkeypatch.setattr(enclosures, "STEP_MOST", 1)
    assert (await send(unit, matter, photo())).status == 303
    assert (await send(unit, matter, photo())).status == 409
    (link,) = await links(unit, page)
    form = {"csrf": await csrf(unit, "/verify")}
    remove = f"{page}/files/{link.rsplit('/', 1)[1]}/remove"
    assert (await (await world.sign_in("office")).post(remove, data=form)).status == 403
    assert (await unit.post(remove, data=form, allow_redirects=False)).status == 303
    assert (await unit.get(link)).status == 404
    assert not [file for file in files.rglob("*") if file.is_file()]


async def test_what_nobody_needs_any_more_is_swept_and_enough_senders_at_once_are_enough(world: World) -> None:
    matter = await handled(world)
    unit = await world.sign_in("unit")
    assert (await send(unit, matter, photo())).status == 303
    await step(unit, matter, "contact", contact="电话沟通")
    assert (await send(unit, matter, photo())).status == 303
    attachments = world.app[keys.VERBS].attaching._attachments
    assert await attachments.sweep(clock.now() - timedelta(days=7)) == 0
    stray = world.app[keys.SETTINGS].data / "files" / "ab" / "ab.nobody"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"left by a crash")
    assert await attachments.sweep(clock.now() + timedelta(days=1)) == 2
    assert len(await attachments.of(matter)) == 1, "what a step took along stays"
    turns = world.app[keys.UPLOADS]
    for _ in range(uploads.AT_ONCE):
        await turns.acquire()
    answer = await asyncio.wait_for(send(unit, matter, photo()), 30)
    assert answer.status == 429
