"""Nothing about anybody reaches the log or the metrics, whatever goes wrong; and nobody fills a disk with it."""

from __future__ import annotations

import json
import re
import resource
import socket
from pathlib import Path

import aiohttp

from tests.operations.test_cli import liveroom
from tests.support.demo import Demo

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
