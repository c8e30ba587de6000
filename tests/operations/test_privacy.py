"""Nothing about anybody reaches the log or the metrics, whatever goes wrong; and nobody fills a disk with it."""

from __future__ import annotations

import io
import json
import re
import resource
import socket
from pathlib import Path

import aiohttp
from pypdf import PdfReader

from liveroom.server import keys
from tests.support.admission import ADMITTED
from tests.support.command import liveroom
from tests.support.demo import Demo
from tests.support.every_route import every_definition
from tests.support.world import Wire, World

PHONE, ADDRESS, NETWORK = "13800138000", "西屿村望海路7号", "203.0.113.77"
FROM = {"X-Forwarded-For": NETWORK, "Accept": "text/html"}


def shout(port: int, words: bytes) -> None:
    """Something that is no HTTP."""
    with socket.create_connection(("127.0.0.1", port), 5) as stranger:
        stranger.sendall(words)
        stranger.recv(1000)


async def test_nobody_stands_in_the_log_or_the_metrics(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data", environment={"LIVEROOM_LOG": "json", "LIVEROOM_BEHIND_PROXY": "1"}).start()
    site = demo["home"].rstrip("/")
    link = liveroom("user", "link", "lin", "--data", str(demo.data)).stdout.strip()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=FROM) as client:
        page = await (await client.get(demo["room"])).text()
        form = dict(re.findall(r'name="(csrf|key)" value="([^"]+)"', page))
        typed = {**form, "text": f"请回电 {PHONE}", "nickname": ADDRESS, "island": "西屿"}
        answer = await (await client.post(demo["room"] + "/ask", data=typed)).text()
        code = re.search(r'/track/(\w+)"', answer)
        assert code is not None
        whip = {"Authorization": f"Bearer {demo['whip_token']}", "Content-Type": "application/sdp"}
        for sdp in ("v=0", f"v=0\r\no=- 1 1 IN IP4 {NETWORK}\r\n"):
            assert (await client.post(demo["whip"], data=sdp, headers=whip)).status == 400
        for path in (f"/track/{code[1]}", f"/nothing/{code[1]}", f"/static/0/{PHONE}", f"/rooms/{PHONE}/socket"):
            await (await client.get(site + path)).read()
        # From now on nothing can be written: what fails is logged.
        free = resource.prlimit(int(demo["pid"]), resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
        unavailable = [await client.post(demo["room"] + "/ask", data={**typed, "key": "another-key-1"})]
        unavailable += [await client.get(site + link) for _ in range(20)]
        assert {answer.status for answer in unavailable} == {503}
        resource.prlimit(int(demo["pid"]), resource.RLIMIT_FSIZE, free)
        metrics = await (await client.get(site + "/metrics")).text()
    for _ in range(200):
        shout(demo.port, f"GET /track/{code[1]} HTTP/1.1\r\n{PHONE} {ADDRESS}\r\n\r\n".encode())
    demo.stop()

    lines = demo.log_text().splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    assert "/sign-in/{token}" in [line.get("route") for line in found], "it was logged"
    assert any(line.get("logger") == "aiohttp.server" for line in found), "it was logged"
    assert len(lines) < 20
    token = link.removeprefix("/sign-in/")
    for private in (
        PHONE,
        ADDRESS,
        NETWORK,
        "127.0.0.1",
        code[1],
        token,
        demo["whip_token"],
        form["csrf"],
        "Traceback",
    ):
        assert private not in demo.log_text(), private
        assert private not in metrics, private
    for name in ("studio", "desk", "office"):
        assert demo[name].rsplit("/", 1)[1] not in demo.log_text()


WRITTEN = [
    PHONE,
    "１３８００１３８０００",
    "138 0013 8000",
    "1-3-8-0-0-1-3-8-0-0-0",
    "一三八零零一三八零零零",
    "138oo138ooo",
]


def told(text: str) -> list[str]:
    """The number in whatever form it was written, as it stands in a page or message."""
    return [form for form in WRITTEN if form in text or form.replace("-", "&#45;") in text]


async def read_text(answer: aiohttp.ClientResponse) -> str:
    """What can be read of an answer, be it a PDF."""
    if answer.content_type != "application/pdf":
        return await answer.text()
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(await answer.read())).pages)


async def test_a_phone_number_stands_in_no_public_output(tmp_path: Path) -> None:
    world = await World.make(tmp_path)
    await world.live()
    stranger, visitor = await world.visitor(), await world.visitor()
    watching = await Wire.open(stranger)
    asker, desk = await Wire.open(visitor), await Wire.open(await world.sign_in("moderator"), "desk")
    asked = []
    for number, form in enumerate(WRITTEN):
        names = {"nickname": form[:20], "island": form[:20]}
        answer = await asker.wish(type="ask", key=f"key-{number:08}", text=f"码头灯坏了，请打{form}", **names)
        assert answer["type"] == "asked", answer
        asked.append(answer["question"])
        await desk.wish(type="publish", question=asked[-1]["id"])
    await desk.wish(type="put_on_air", question=asked[0]["id"])
    await desk.wish(type="answered", question=asked[0]["id"])
    verbs, people = world.app[keys.VERBS], world.app[keys.PEOPLE]
    office, deputy = [(await people.account(login)).actor for login in ("office", "deputy")]
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, office)
    matter = await verbs.concluding.draft_suggestion(world.session, [q["id"] for q in asked], "", office)
    for command, values, by in (
        ("offer", {"deputy": "deputy"}, office),
        ("adopt", {"signature": "甲"}, deputy),
        ("register", ADMITTED, office),
    ):
        await verbs.following_up.step(matter, command, values, by)
    shown = (await verbs.following_up.public_list()).rows[0].number

    values = {"slug": "r", "number": shown, "code": asked[1]["code"], "version": "0", "name": "none", "list": "crisis"}
    values |= {"matter": matter, "token": "none", "session": world.session, "command": "edit", "resource": "none"}
    public = [route for route in every_definition() if route.method == "GET"]
    read = 0
    for route in public:
        path = re.sub(r"{(\w+)[^}]*}", lambda found: values.get(found[1], "none"), route.path)
        if "socket" in path:
            continue
        answer = await stranger.get(path, headers={"Accept-Encoding": "identity"}, allow_redirects=False)
        read += answer.status == 200
        assert told(await read_text(answer)) == [], path
    assert read > 8, "pages were read"
    track = await (await visitor.get(f"/track/{asked[0]['code']}")).text()
    assert "码头灯坏了" in track
    assert told(track) == []
    snapshot = await (await Wire.open(await world.visitor())).hear("snapshot")
    assert "码头灯坏了" in str(snapshot)
    assert told(str(snapshot)) == []
    watched = [await watching.hear("feed")]
    while "ended" not in str(watched[-1]):
        watched.append(await watching.hear("feed"))
    assert told(str(watched) + str(watching.heard) + str(asker.heard)) == []
    await world.close()
