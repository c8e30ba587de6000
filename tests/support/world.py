"""A whole application in this process with one room, one session and one person of each role."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from liveroom import clock, ids
from liveroom.app import make_app
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.rooms.roles import Role
from liveroom.rooms.room import Room
from liveroom.server import keys
from liveroom.server.identity import hash_secret
from liveroom.settings import Settings
from liveroom.storage import folder
from liveroom.storage.database import Database
from liveroom.storage.records import SqlRecords
from tests.support.newest import furnish

SETTINGS = Settings(host="127.0.0.1", port=0, udp_port=0, ask_per_minute=100_000)
ROLES = {
    "deputy": {Role.DEPUTY},
    "stranger": {Role.DEPUTY},
    "producer": {Role.PRODUCER},
    "moderator": {Role.MODERATOR},
    "lead": {Role.LEAD_MODERATOR},
    "office": {Role.OFFICE},
    "unit": {Role.UNIT_HEAD, Role.UNIT_OFFICER},
    "auditor": {Role.AUDITOR},
}

IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
"""Tests of the world that stands for a whole module run in its loop."""


@dataclass(frozen=True, slots=True)
class Called:
    """What its people and places are called; `surname` stands after the role of everybody of the staff."""

    surname: str = "甲"
    unit: str = "水务局"
    room: str = "直播间"
    topic: str = "主题"


class World:
    """The application and clients of its people."""

    def __init__(self, app: web.Application, server: TestServer) -> None:
        self.app = app
        self.server = server
        self.clients: list[TestClient] = []
        self.session = ""
        self.set_up: set[tuple[str, int]] = set()
        """Steps of matters (matter, number) that no page took: with them a story begins further on."""

    @classmethod
    async def make(cls, data: Path, called: Called | None = None, **settings: Any) -> World:
        called = called or Called()
        if "database" not in settings:
            furnish(folder.prepare(data))
        app = await make_app(replace(SETTINGS, data=data, **settings))
        server = TestServer(app)
        await server.start_server()
        app[keys.LISTENING].set()
        world = cls(app, server)
        if await app[keys.RECORDS].room("r") is None:
            await app[keys.MATTERS].add_unit(Unit("water", called.unit))
            for login, roles in ROLES.items():
                own = "water" if login == "unit" else None
                await app[keys.PEOPLE].add_account(
                    Account(login, login, f"{login} {called.surname}", frozenset(roles), own)
                )
            await app[keys.PEOPLE].add_token(hash_secret("token"), "deputy")
            await app[keys.RECORDS].add_room(Room("r", called.room))
            office = await app[keys.PEOPLE].account("office")
            assert office is not None
            start = clock.now() + timedelta(minutes=5)
            broadcasting = app[keys.VERBS].broadcasting
            world.session = (await broadcasting.plan("r", called.topic, start, ("deputy",), office.actor)).id
        return world

    @property
    def database(self) -> Database:
        """What the records are in: some tests look, or change something behind the program's back."""
        records = self.app[keys.RECORDS]
        assert isinstance(records, SqlRecords)
        return records._database

    async def visitor(self) -> TestClient:
        """A browser that nobody knows yet."""
        client = TestClient(self.server, cookie_jar=aiohttp.CookieJar(unsafe=True))
        await client.start_server()
        self.clients.append(client)
        return client

    async def sign_in(self, login: str, target: str = "/") -> TestClient:
        client = await self.visitor()
        token = ids.new_token()
        until = clock.now() + timedelta(hours=1)
        await self.app[keys.PEOPLE].add_link(hash_secret(token), login, target, until)
        response = await client.get(f"/sign-in/{token}", allow_redirects=False)
        assert response.status == 303
        return client

    async def live(self) -> None:
        await self.app[keys.VERBS].broadcasting.media_flows(self.app[keys.MEDIA], self.session)

    async def close(self) -> None:
        for client in self.clients:
            await client.session.close()
        await self.server.close()


async def csrf(client: TestClient, page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', await (await client.get(page)).text())
    assert found is not None, f"{page} has no form"
    return found[1]


class Wire:
    """A session socket that collects what it hears."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self.number = 0

    @classmethod
    async def open(cls, client: TestClient, view: str = "room", **place: Any) -> Wire:
        wire = cls(await client.ws_connect("/rooms/r/socket"))
        await wire.socket.send_json({"type": "hello", "view": view, **place})
        return wire

    async def hear(self, kind: str, seconds: float = 30) -> dict[str, Any]:
        """The next message of a type; others are collected."""
        while True:
            message = json.loads(await self.socket.receive_str(timeout=seconds))
            self.heard.append(message)
            if message["type"] == kind:
                return message

    async def wish(self, **wish: Any) -> dict[str, Any]:
        """Send a wish; its answer."""
        self.number += 1
        await self.socket.send_json({"id": self.number, **wish})
        while True:
            message = json.loads(await self.socket.receive_str(timeout=30))
            self.heard.append(message)
            if message.get("id") == self.number:
                return message

    async def ask(self, text: str = "为什么？", key: str | None = None, **names: str) -> dict[str, Any]:
        answer = await self.wish(type="ask", key=key or ids.new_id(), text=text, **names)
        assert answer["type"] == "asked", answer
        question: dict[str, Any] = answer["question"]
        return question
