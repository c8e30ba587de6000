"""`liveroom loadtest` against a real server, and the crowd's promises in their short form."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner
from websockets.frames import Frame, Opcode

from liveroom.loadtest import wire
from liveroom.loadtest.command import loadtest
from liveroom.loadtest.figures import Delays, Figures
from liveroom.loadtest.run import Plan
from tests.support.demo import Demo

pytestmark = pytest.mark.timeout(240)
KEY = "of this test"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    started = Demo(tmp_path / "data", environment={"LIVEROOM_LOADTEST_KEY": KEY}).start()
    yield started
    started.stop()


def options_of(viewers: int, questions: int, votes: int, seconds: int, processes: int = 1, deaf: int = 0) -> list[str]:
    command = f"--viewers {viewers} --questions-per-second {questions} --votes-per-second {votes} --seconds {seconds}"
    return f"{command} --processes {processes} --deaf {deaf}".split()


def play(demo: Demo, *options: str, key: str = KEY) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "liveroom", "loadtest", "--url", demo["room"], "--json", *options],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LIVEROOM_LOADTEST_KEY": key},
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_an_audience_is_played_in_two_processes_and_everything_is_counted(demo: Demo, figures: list[str]) -> None:
    options = [
        "--viewers",
        "60",
        "--questions-per-second",
        "4",
        "--votes-per-second",
        "40",
        "--seconds",
        "4",
        "--processes",
        "2",
    ]
    status, found = play(demo, *options, "--desk", demo["desk"])
    figures.append(f"60 viewers: delivery {found['delivery']}, questions {found['asking']}, votes {found['voting']}")
    assert (found["connected"], found["dropped"], found["unanswered"]) == (60, 0, 0)
    assert found["asking"]["n"] == found["asked"] >= 14
    assert found["published"] >= 1
    assert found["voting"]["n"] >= 1
    assert found["deliveries"] >= 60 * 4
    assert set(found["refusals"]) <= {"second: own_question"}
    assert status == (1 if found["refusals"] else 0)


def test_without_the_key_one_machine_meets_the_limits_of_one_network(demo: Demo) -> None:
    options = options_of(viewers=20, questions=3, votes=40, seconds=4)
    status, found = play(demo, *options, "--desk", demo["desk"], key="")
    assert status == 1
    assert found["refusals"]["second: slow_down"] > 0
    assert found["voting"]["n"] <= 30


def test_nobody_else_reads_worse_when_some_read_nothing(demo: Demo, figures: list[str]) -> None:
    """The short form of 200 of 1,000; the long one is `python -m benchmarks.crowd --deaf 200`."""
    options = [
        "--viewers",
        "100",
        "--deaf",
        "20",
        "--questions-per-second",
        "3",
        "--votes-per-second",
        "30",
        "--seconds",
        "5",
    ]
    _, found = play(demo, *options, "--desk", demo["desk"])
    figures.append(f"20 of 100 read nothing: the others' delivery {found['delivery']}")
    assert (found["connected"], found["dropped"]) == (100, 0)
    assert found["deliveries"] >= 80 * 5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--url", "http://8.8.8.8/rooms/r"], "yes-it-is-mine"),
        (["--url", "http://127.0.0.1:1/elsewhere"], "address of a room"),
        (["--url", "ftp://127.0.0.1/rooms/r"], "address of a room"),
        (["--url", "http://127.0.0.1:99999/rooms/r"], "leads nowhere"),
        (["--url", "http://127.0.0.1/rooms/r", "--viewers", "1000000"], "50000"),
        (["--url", "http://127.0.0.1/rooms/r", "--seconds", "100000"], "3600"),
        (["--url", "http://127.0.0.1/rooms/r", "--desk", "http://127.0.0.2/sign-in/x"], "same site"),
    ],
)
def test_it_refuses_servers_of_others_and_has_bounds(options: list[str], words: str) -> None:
    done = CliRunner().invoke(loadtest, options)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_its_frames_are_what_another_library_reads() -> None:
    for size in (0, 5, 125, 126, 3000):
        text = b"x" * size
        head = wire.frame(text)
        assert head.endswith(text)
        assert head[1] & 0x80, "a client's frames are masked"
    whole = b"".join(Frame(Opcode.TEXT, b"y" * size).serialize(mask=False) for size in (0, 126, 70_000))
    assert [len(content) for _, content, _ in wire.frames(whole + b"\x81")] == [0, 126, 70_000]
    assert wire.status(b"HTTP/1.1 101 Switching\r\n\r\nrest") == (101, 26)
    assert wire.status(b"HTTP/1.1 101") is None


def test_figures_of_several_processes_are_added_and_survive_a_line_of_json() -> None:
    one, two = Figures(connected=1, connecting_seconds=3), Figures(connected=2, connecting_seconds=2)
    for milliseconds in range(100):
        (one if milliseconds % 2 else two).delivery.add(milliseconds)
    one.add(Figures.read(json.loads(json.dumps(two.plain()))))
    assert (one.connected, one.connecting_seconds) == (3, 3)
    assert (one.delivery.quantile(0.5), one.delivery.quantile(0.99), Delays().quantile(0.5)) == (49, 98, None)


def test_the_processes_share_all_of_the_plan() -> None:
    plan = Plan("h", "127.0.0.1", 1, "h", "/", False, 10, 1, 4, 8, 100, processes=3, deaf=4, cookie="c")
    parts = [plan.part(worker) for worker in range(3)]
    assert sum(part["viewers"] for part in parts) == 10
    assert sum(part["deaf"] for part in parts) == 4
    assert [bool(part["cookie"]) for part in parts] == [True, False, False]


class Page:
    """What a page knows, by the rules of docs/protocol.md; comes back by itself."""

    def __init__(self, client: aiohttp.ClientSession, url: str, view: str = "room") -> None:
        self.client, self.url, self.view = client, url, view
        self.epoch, self.seq = "", -1
        self.questions: dict[str, Any] = {}
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self.answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.ready = asyncio.Event()
        self.number = 0

    async def live(self) -> None:
        while True:
            try:
                async with self.client.ws_connect(self.url) as self.socket:
                    await self._hello()
                    async for message in self.socket:
                        await self._take(json.loads(message.data))
            except (aiohttp.ClientError, OSError, TypeError):
                pass
            self.ready.clear()
            for answer in self.answers.values():
                if not answer.done():
                    answer.cancel()
            self.answers.clear()
            await asyncio.sleep(random.uniform(0.01, 0.1))

    async def _hello(self) -> None:
        assert self.socket is not None
        place = {"epoch": self.epoch, "seq": self.seq} if self.seq >= 0 else {}
        await self.socket.send_json({"type": "hello", "view": self.view, **place})

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "snapshot":
                self.epoch, self.seq = message["epoch"], message["seq"]
                self.questions = {question["id"]: question for question in message["questions"]}
            case "feed" if message["after"] > self.seq:
                await self._hello()
            case "feed" if message["seq"] >= self.seq:
                self.seq = message["seq"]
                self.questions |= {question["id"]: question for question in message["changed"]}
                for gone in message["gone"]:
                    self.questions.pop(gone, None)
            case "counts":
                for name, votes in message["votes"].items():
                    if name in self.questions:
                        self.questions[name]["votes"] = votes
                self.ready.set()
            case _ if message.get("id") in self.answers:
                self.answers.pop(message["id"]).set_result(message)

    async def wish(self, **wish: Any) -> dict[str, Any]:
        """Until it is answered; asking again is safe."""
        while True:
            await self.ready.wait()
            self.number += 1
            answer = self.answers[self.number] = asyncio.get_running_loop().create_future()
            try:
                assert self.socket is not None
                await self.socket.send_json({"id": self.number, **wish})
                return await asyncio.wait_for(answer, 20)
            except (asyncio.CancelledError, aiohttp.ClientError, ConnectionError):
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                await asyncio.sleep(0.05)

    def drop(self) -> None:
        """As a network does: without a goodbye."""
        if self.socket is not None and (transport := self.socket._response.connection) is not None:
            assert transport.transport is not None
            transport.transport.abort()

    def state(self) -> list[tuple[str, str, str, int]]:
        return sorted((q["id"], q["state"], q["text"], q["votes"]) for q in self.questions.values())


async def test_pages_that_were_dropped_at_random_end_with_the_servers_state(demo: Demo, figures: list[str]) -> None:
    """The short form of 300 pages and 5,000 commands: 30 pages, 90 drops, 150 commands."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers={"X-Liveroom-Loadtest": KEY}) as client:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as staff:
            await staff.get(demo["desk"])
            pages = [Page(client, demo["socket"]) for _ in range(30)]
            desk = Page(staff, demo["socket"], "desk")
            tasks = [asyncio.create_task(page.live()) for page in [*pages, desk]]
            done, dropped = 0, 0

            async def work(page: Page, number: int) -> None:
                nonlocal done
                for step in range(2):
                    asked = await page.wish(
                        type="ask", key=f"key-{number:03}-{step:03}", text=f"提问 {number}-{step}？"
                    )
                    question = asked["question"]["id"]
                    await desk.wish(type="publish", question=question)
                    await random.choice(pages).wish(type="second", question=question)
                    done += 3
                    if step:
                        await desk.wish(type="refuse", question=question, reason="off_topic")
                        done += 1

            async def fail() -> None:
                nonlocal dropped
                while True:
                    await asyncio.sleep(0.05)
                    random.choice([*pages, *pages, desk]).drop()
                    dropped += 1

            failing = asyncio.create_task(fail())
            await asyncio.gather(*(work(page, number) for number, page in enumerate(pages)))
            failing.cancel()
            last = time.monotonic()

            async def equal() -> None:
                while True:
                    fresh = Page(client, demo["socket"])
                    looking = asyncio.create_task(fresh.live())
                    await fresh.ready.wait()
                    looking.cancel()
                    if all(page.state() == fresh.state() for page in pages):
                        return
                    await asyncio.sleep(0.1)

            await asyncio.wait_for(equal(), 60)
            took = time.monotonic() - last
            figures.append(f"{done} commands, {dropped} drops: all 30 pages as the server after {took:.2f} s")
            assert len(pages[0].questions) >= 30
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
