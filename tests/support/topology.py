"""Real `liveroom serve` processes on one real PostgreSQL and one real Valkey, and a front that spreads over them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from liveroom import clock, ids
from liveroom.ports.people import Account
from liveroom.rooms.roles import Role
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled
from liveroom.server.identity import hash_secret
from liveroom.settings import Settings
from liveroom.storage.opening import opened
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from tests.support.postgres import PostgresServer
from tests.support.running import Running
from tests.support.valkey import Valkey, free_port

SESSION, TOKEN = "s", "token"
PEOPLE = {
    "deputy": {Role.DEPUTY},
    "office": {Role.OFFICE},
    "moderator": {Role.MODERATOR},
    "lead": {Role.LEAD_MODERATOR},
}


@dataclass
class Served(Running):
    """One `liveroom serve`, as a service manager would run it."""

    folder: Path
    environment: dict[str, str]
    name: str
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)

    def start(self) -> Served:
        self.log = (self.folder / f"{self.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "liveroom", "serve", f"--port={self.port}", "--udp-port=0", *self.options],
            stderr=self.log,
            env=os.environ | self.environment,
        )
        return self

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        try:
            return bool(urllib.request.urlopen(self.base + "/readyz", timeout=20).status == 200)
        except OSError:
            return False

    def until_ready(self, seconds: float = 150) -> Served:
        until = time.monotonic() + seconds
        while not self.is_ready():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(self.log_text()[-4000:])
            time.sleep(0.05)
        return self


async def furnish(settings: Settings) -> None:
    """One room, one session, and a person of each role, into records that are new."""
    database = await opened(settings)
    people, records = SqlPeople(database), await SqlRecords.open(database)
    for login, roles in PEOPLE.items():
        await people.add_account(Account(login, login, f"{login} 甲", frozenset(roles)))
    await people.add_token(hash_secret(TOKEN), "deputy")
    await records.add_room(Room("r", "直播间"))
    start = clock.now() + timedelta(minutes=5)
    office = Account("office", "office", "office 甲", frozenset(PEOPLE["office"])).actor
    planned = Session(SESSION, "r", "主题", start, ("deputy",))
    await records.add_session(planned, SessionScheduled("主题", start, ("deputy",)), office, clock.now())
    await database.close()


async def sign_in_link(settings: Settings, login: str) -> str:
    """The path of a sign-in link that works once."""
    database = await opened(settings)
    token, until = ids.new_token(), clock.now() + timedelta(hours=1)
    await SqlPeople(database).add_link(hash_secret(token), login, "/", until)
    await database.close()
    return f"/sign-in/{token}"


class Topology:
    """The database, Valkey, and what processes need to be told to share them."""

    def __init__(self, folder: Path, postgres: PostgresServer, valkey: Valkey) -> None:
        self.folder = folder
        self.valkey = valkey
        self.database = postgres.fresh()
        self.environment = {
            "LIVEROOM_HOST": "127.0.0.1",
            "LIVEROOM_DATA": str(folder / "data"),
            "LIVEROOM_DATABASE": self.database,
            "LIVEROOM_REDIS": valkey.url,
            "LIVEROOM_ASK_PER_MINUTE": "100000",
        }
        asyncio.run(furnish(Settings(database=self.database)))

    def served(self, name: str, *options: str, **environment: str) -> Served:
        return Served(self.folder, self.environment | environment, name, options)

    async def link(self, login: str) -> str:
        """The path of a sign-in link that works once."""
        return await sign_in_link(Settings(database=self.database), login)


class Front:
    """A TCP port in front of several: takes them in turn, and leaves out who does not answer."""

    def __init__(self, *ports: int) -> None:
        self._ports = ports
        self._turn = itertools.cycle(range(len(ports)))
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Front:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0, backlog=4096)
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()
        async with asyncio.timeout(30):
            while self._open:
                await asyncio.sleep(0.02)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(self._turn)
        for port in self._ports[first:] + self._ports[:first]:
            with contextlib.suppress(OSError):
                back_reader, back_writer = await asyncio.open_connection("127.0.0.1", port)
                self._open |= {writer, back_writer}
                await asyncio.gather(_pump(reader, back_writer), _pump(back_reader, writer))
                self._open -= {writer, back_writer}
                return
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Page:
    """An open page of somebody: a browser's cookies and one session socket, which collects what it hears."""

    def __init__(self, client: aiohttp.ClientSession, base: str) -> None:
        self.client = client
        self.base = base
        self.number = 0
        self.heard: list[dict[str, Any]] = []

    @classmethod
    async def open(cls, base: str, view: str = "room", link: str = "") -> Page:
        page = cls(aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)), base)
        for path in filter(None, (link, "/rooms/r")):
            async with page.client.get(base + path) as response:
                assert response.status == 200, await response.text()
        return await page.connect(view)

    async def connect(self, view: str = "room") -> Page:
        self.socket = await self.client.ws_connect(f"{self.base}/rooms/r/socket", max_msg_size=64_000_000)
        await self.socket.send_json({"type": "hello", "view": view})
        await self.until(lambda message: message["type"] == "snapshot")
        return self

    async def until(self, wanted: Any, seconds: float = 10) -> dict[str, Any]:
        """The next message that is wanted; others are collected."""
        async with asyncio.timeout(seconds):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.receive_str())
                self.heard.append(message)
                if wanted(message):
                    return message

    async def wish(self, **wish: Any) -> dict[str, Any]:
        self.number += 1
        await self.socket.send_json({"id": self.number, **wish})
        return await self.until(lambda message: message.get("id") == self.number)

    async def ask(self, text: str) -> dict[str, Any]:
        answer = await self.wish(type="ask", key=ids.new_id(), text=text)
        assert answer["type"] == "asked", answer
        question: dict[str, Any] = answer["question"]
        return question

    async def sees(self, question: str, seconds: float = 10) -> float:
        """Seconds until a feed names the question."""
        began = time.monotonic()
        await self.until(
            lambda m: m["type"] == "feed" and question in {changed["id"] for changed in m["changed"]}, seconds
        )
        return time.monotonic() - began

    async def close(self) -> None:
        await self.client.close()
