"""A real process, a real mail server, `kill -9` between a step and its notice: each notice is sent once."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiosmtpd.smtp import SMTP, Envelope

from tests.support.demo import Demo

RANDOM_KILLS = 4


class MailBox:
    """A mail server that can hold its answer, and then does not take the message."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.holding = False
        self.held = asyncio.Event()
        self.let_go = asyncio.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self.holding:
            self.held.set()
            await self.let_go.wait()
            return "451 not now"
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 OK"

    def notices(self) -> list[EmailMessage]:
        return [message for message in self.taken if message["List-Unsubscribe"]]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(120):
            while len({message["Message-ID"] for message in self.notices()}) < count:
                await asyncio.sleep(0.02)


@pytest.fixture
async def box() -> AsyncIterator[tuple[MailBox, int]]:
    made = MailBox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(made, hostname="localhost"), "127.0.0.1", 0)
    yield made, server.sockets[0].getsockname()[1]
    made.let_go.set()
    server.close()


class Visit:
    """One browser of the demo's pages."""

    def __init__(self, demo: Demo, client: aiohttp.ClientSession) -> None:
        self.site = demo["home"].rstrip("/")
        self.client = client

    async def get(self, path: str) -> str:
        return await (await self.client.get(self.site + path)).text()

    async def post(self, page: str, path: str, **fields: str) -> tuple[str, str]:
        token = re.search(r'name="csrf" value="([^"]+)"', await self.get(page))
        assert token is not None
        response = await self.client.post(self.site + path, data={"csrf": token[1], **fields})
        text = await response.text()
        assert response.status == 200, text
        return response.url.path, text


@pytest.mark.alone
async def test_each_notice_is_sent_once_whenever_the_process_is_killed(
    tmp_path: Path, box: tuple[MailBox, int], figures: list[str]
) -> None:
    post, smtp_port = box
    chance = random.Random(7)
    environment = {
        "LIVEROOM_SMTP_HOST": "127.0.0.1",
        "LIVEROOM_SMTP_PORT": str(smtp_port),
        "LIVEROOM_SMTP_SECURITY": "none",
        "LIVEROOM_SMTP_FROM": "liveroom@example.org",
        "LIVEROOM_QUIET_HOURS": "none",
    }
    demo = await asyncio.to_thread(Demo(tmp_path / "data", environment=environment).start)
    port = demo.port

    async def again() -> None:
        await asyncio.to_thread(demo.kill)
        await asyncio.to_thread(demo.start, port)

    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as client:
        visit = Visit(demo, client)
        await visit.get(re.sub(r"^https?://[^/]+", "", demo["unit"]))
        work = re.findall(r'href="(/worklist/[\w-]{22})"', await visit.get("/worklist"))
        pages = {path: await visit.get(path) for path in work}
        item = next(path for path, text in pages.items() if f"{path}/contact" in text)
        number = re.search(r"第 (\d{4}-\d{4}) 号", await visit.get(item))
        assert number is not None
        page = f"/suggestions/{number[1]}"
        path, _ = await visit.post(page, f"{page}/follow", way="mail", contact="wang@example.org", language="zh")
        code = re.search(r"您的验证码是 (\d{6})", post.taken[-1].get_content())
        assert code is not None
        _, text = await visit.post(path, f"{path}/code", code=code[1])
        assert 'data-step="active"' in text

        async def step(number: int) -> None:
            await visit.post(item, f"{item}/contact", contact=f"第 {number} 次沟通")

        # Committed, and not yet announced or just so.
        await step(1)
        await again()
        await post.until(1)
        # The mail server has everything and has not taken it.
        post.holding = True
        await step(2)
        async with asyncio.timeout(60):
            await post.held.wait()
        await asyncio.to_thread(demo.kill)
        post.holding = False
        post.let_go.set()
        await asyncio.to_thread(demo.start, port)
        await post.until(2)
        strictly = Counter(message["Message-ID"] for message in post.notices())
        # At any moment.
        for number in range(RANDOM_KILLS):
            await step(3 + number)
            await asyncio.sleep(chance.random() * 1.2)
            await again()
        await post.until(2 + RANDOM_KILLS)
        await asyncio.sleep(1.5)
    await asyncio.to_thread(demo.stop)
    sent = Counter(message["Message-ID"] for message in post.notices())
    figures.append(
        f"{2 + RANDOM_KILLS} kills between a step and its notice: {len(sent)} notices, "
        f"{sum(sent.values()) - len(sent)} sent a second time under the same name"
    )
    assert set(strictly.values()) == {1}
    assert len(sent) == 2 + RANDOM_KILLS
    # Whatever is sent a second time is the same letter.
    letters = {(message["Message-ID"], message["Date"], message.get_content()) for message in post.notices()}
    assert len(letters) == len(sent)
    assert {message["List-Unsubscribe-Post"] for message in post.notices()} == {"List-Unsubscribe=One-Click"}
    assert "wang" not in demo.log_text()
