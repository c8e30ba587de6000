"""Pages that come back by themselves and send again what was not answered, and what drops them at random."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import aiohttp


class ReturningPage:
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
                answer = self.answers.pop(message["id"])
                # One that came too late was given up, and the wish is sent again.
                if not answer.done():
                    answer.set_result(message)

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
            except (asyncio.CancelledError, aiohttp.ClientError, ConnectionError, TimeoutError):
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


ASKED = "提问 "
LONGEST = 600.0
"""Seconds after which commands under drops are given up."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """How long after the last command all pages were as the server."""

    pages: int
    commands: int
    drops: int
    seconds: float
    questions: int

    @property
    def told(self) -> str:
        return (
            f"{self.commands} commands, {self.drops} drops: all {self.pages} pages as the server after "
            f"{self.seconds:.2f} s"
        )


async def drop_at_random(
    socket: str, desk_link: str, key: str, pages: int, rounds: int, every: float = 0.05
) -> Dropped:
    """Everybody asks, a moderator publishes and somebody seconds, while one link after another is cut."""
    connector = aiohttp.TCPConnector(limit=0)
    async with contextlib.AsyncExitStack() as opened:

        async def device(path: str) -> aiohttp.ClientSession:
            """With a cookie: who comes back is the same one, and what it sends again is the same question."""
            jar, headers = aiohttp.CookieJar(unsafe=True), {"X-Liveroom-Loadtest": key}
            client = aiohttp.ClientSession(connector=connector, connector_owner=False, cookie_jar=jar, headers=headers)
            await opened.enter_async_context(client)
            await (await client.get(path)).read()
            return client

        opened.push_async_callback(connector.close)
        staff, client = await device(desk_link), await device(socket.removesuffix("/socket"))
        open_pages = [ReturningPage(await device(socket.removesuffix("/socket")), socket) for _ in range(pages)]
        desk = ReturningPage(staff, socket, "desk")
        tasks = [asyncio.create_task(page.live()) for page in [*open_pages, desk]]
        done = drops = 0

        async def work(page: ReturningPage, number: int) -> None:
            nonlocal done
            for step in range(rounds):
                asked = await page.wish(type="ask", key=f"key-{number:03}-{step:03}", text=f"{ASKED}{number}-{step}？")
                question = asked["question"]["id"]
                await desk.wish(type="publish", question=question)
                await random.choice(open_pages).wish(type="second", question=question)
                done += 3
                if step % 2:
                    await desk.wish(type="refuse", question=question, reason="off_topic")
                    done += 1

        async def fail() -> None:
            nonlocal drops
            while True:
                await asyncio.sleep(every)
                random.choice([*open_pages, *open_pages, desk]).drop()
                drops += 1

        async def equal() -> None:
            while True:
                fresh = ReturningPage(client, socket)
                looking = asyncio.create_task(fresh.live())
                await fresh.ready.wait()
                looking.cancel()
                if all(page.state() == fresh.state() for page in open_pages):
                    return
                await asyncio.sleep(0.1)

        async def asked_for(fresh: ReturningPage) -> Counter[str]:
            """What the server has of what was asked here, each as often as it is there."""
            looking = asyncio.create_task(fresh.live())
            await fresh.ready.wait()
            looking.cancel()
            texts = (question["text"] for question in fresh.questions.values())
            return Counter(text[len(ASKED) : -1] for text in texts if text.startswith(ASKED))

        failing = asyncio.create_task(fail())
        working = asyncio.gather(*(work(page, number) for number, page in enumerate(open_pages)))
        try:
            # A page whose task ends is broken: nobody would answer it any more.
            async with asyncio.timeout(LONGEST):
                ended, _ = await asyncio.wait([working, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
            failing.cancel()
            last = time.monotonic()
            await asyncio.wait_for(equal(), 60)
            took = time.monotonic() - last
            asked = await asked_for(ReturningPage(staff, socket, "desk"))
            assert sorted(asked.elements()) == sorted(f"{number}-{n}" for number in range(pages) for n in range(rounds))
            return Dropped(pages, done, drops, took, len(open_pages[0].questions))
        finally:
            for task in [failing, working, *tasks]:
                task.cancel()
            await asyncio.gather(failing, working, *tasks, return_exceptions=True)
