"""A real process, a real mail server, `kill -9` between a step and its notice: each notice is sent once.

The same for reminders of the staff.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
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

    def reminders(self) -> list[EmailMessage]:
        """What the staff is sent of the steps of the test, and not of the demo's past."""
        return [message for message in self.taken if "轮到您单位办理。" in message.get_content()]

    async def have(self, which: Callable[[], list[EmailMessage]], count: int) -> None:
        async with asyncio.timeout(120):
            while len({message["Message-ID"] for message in which()}) < count:
                await asyncio.sleep(0.02)


@pytest.fixture
async def box() -> AsyncIterator[tuple[MailBox, int]]:
    made = MailBox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(made, hostname="localhost"), "127.0.0.1", 0)
    yield made, server.sockets[0].getsockname()[1]
    made.let_go.set()
    server.close()


def sending(port: int) -> dict[str, str]:
    """The settings by which mail goes into the box, at any hour."""
    return {
        "LIVEROOM_SMTP_HOST": "127.0.0.1",
        "LIVEROOM_SMTP_PORT": str(port),
        "LIVEROOM_SMTP_SECURITY": "none",
        "LIVEROOM_SMTP_FROM": "liveroom@example.org",
        "LIVEROOM_QUIET_HOURS": "none",
    }


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


async def killed_between(
    demo: Demo,
    post: MailBox,
    which: Callable[[], list[EmailMessage]],
    step: Callable[[int], Awaitable[None]],
    chance: random.Random,
) -> Counter[str]:
    """Kills the process after each of several steps; how often each message of the first two was taken.

    `which` are the messages that the steps cause, one each.
    """
    port = demo.port

    async def again() -> None:
        await asyncio.to_thread(demo.kill)
        await asyncio.to_thread(demo.start, port)

    # Committed, and nobody told yet or just so.
    await step(1)
    await again()
    await post.have(which, 1)
    # The mail server has everything and has not taken it.
    post.holding = True
    await step(2)
    async with asyncio.timeout(60):
        await post.held.wait()
    await asyncio.to_thread(demo.kill)
    post.holding = False
    post.let_go.set()
    await asyncio.to_thread(demo.start, port)
    await post.have(which, 2)
    strictly = Counter(str(message["Message-ID"]) for message in which())
    # At any moment.
    for number in range(RANDOM_KILLS):
        await step(3 + number)
        await asyncio.sleep(chance.random() * 1.2)
        await again()
    await post.have(which, 2 + RANDOM_KILLS)
    await asyncio.sleep(1.5)
    return strictly


@pytest.mark.alone
async def test_each_notice_is_sent_once_whenever_the_process_is_killed(
    tmp_path: Path, box: tuple[MailBox, int], figures: list[str]
) -> None:
    post, smtp_port = box
    environment = sending(smtp_port)
    demo = await asyncio.to_thread(Demo(tmp_path / "data", environment=environment).start)
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

        strictly = await killed_between(demo, post, post.notices, step, random.Random(7))
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


@pytest.mark.alone
async def test_each_reminder_of_the_staff_is_sent_once_whenever_the_process_is_killed(
    tmp_path: Path, box: tuple[MailBox, int], figures: list[str]
) -> None:
    post, smtp_port = box
    environment = sending(smtp_port) | {
        # The morning's message was at midnight: what lands on a unit is told at once, whenever this runs.
        "LIVEROOM_REMIND_AT": "00:00",
    }
    demo = await asyncio.to_thread(Demo(tmp_path / "data", environment=environment).start)
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as of_unit,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as of_office,
    ):
        unit, office = Visit(demo, of_unit), Visit(demo, of_office)
        for visit, name in ((unit, "unit"), (office, "office")):
            await visit.get(re.sub(r"^https?://[^/]+", "", demo[name]))
        await unit.post("/account", "/account", action="contact", contact="unit@example.org")
        code = re.search(r"您的验证码是 (\d{6})", post.taken[-1].get_content())
        assert code is not None
        _, text = await unit.post("/account", "/account", action="code", code=code[1])
        assert 'data-step="proved"' in text
        work = re.findall(r'href="(/worklist/[\w-]{22})"', await unit.get("/worklist"))
        pages = {path: await unit.get(path) for path in work}
        item = next(path for path, text in pages.items() if f"{path}/claim_done" in text)

        async def step(number: int) -> None:
            """The unit says that it is done, the office that it is not: the unit's turn again, told at once."""
            await unit.post(item, f"{item}/claim_done", text=f"第 {number} 次报告")
            await office.post(item, f"{item}/verify", found="not_done", note="没有做到")

        strictly = await killed_between(demo, post, post.reminders, step, random.Random(11))
        listed = (await unit.get("/reminders")).count("轮到您单位办理。")
    await asyncio.to_thread(demo.stop)
    sent = Counter(message["Message-ID"] for message in post.reminders())
    figures.append(
        f"{2 + RANDOM_KILLS} kills between a step and its reminder: {len(sent)} reminders, "
        f"{sum(sent.values()) - len(sent)} sent a second time under the same name"
    )
    assert set(strictly.values()) == {1}
    assert len(sent) == listed == 2 + RANDOM_KILLS
    letters = {(message["Message-ID"], message["Date"], message.get_content()) for message in post.reminders()}
    assert len(letters) == len(sent)
    assert {message["List-Unsubscribe"] for message in post.reminders()} == {None}
    assert "unit@" not in demo.log_text()
