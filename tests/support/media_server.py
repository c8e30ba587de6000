"""The media plane behind its two addresses, with a gate that lets everybody in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from liveroom.bus.alone import OwnDirectory
from liveroom.errors import Refused
from liveroom.media.plane import MediaPlane
from liveroom.media.results import StreamHappening
from liveroom.media.stream import Tap
from liveroom.server.gate import STATUS
from liveroom.server.planes import Wherever
from liveroom.server.refusals import status
from liveroom.server.whip import MediaAddresses

LINKS = ['<stun:stun.example>; rel="ice-server"', '<turn:turn.example>; rel="ice-server"; username="u"']
DOOR = "/rooms/a/whip"


class OpenGate:
    """Lets everybody in, but for the token "wrong"."""

    def count(self, request: web.Request) -> None:
        """As often as they like."""

    def network(self, request: web.Request) -> str:
        return request.remote or ""

    async def may_publish(self, request: web.Request, slug: str) -> str:
        if request.headers.get("Authorization") == "Bearer wrong":
            raise Refused("unauthenticated")
        return slug

    async def may_watch(self, request: web.Request, slug: str) -> str:
        return slug

    def status(self, refused: Refused) -> int:
        return status(refused) if refused.code not in STATUS else STATUS[refused.code]


@dataclass
class Server:
    plane: MediaPlane
    happened: list[StreamHappening]
    base: str

    @property
    def whip(self) -> str:
        return f"{self.base}/rooms/a/whip"

    @property
    def whep(self) -> str:
        return f"{self.base}/rooms/a/whep"

    async def until(self, kind: str, seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not any(happening.kind == kind for happening in self.happened):
                await asyncio.sleep(0.05)

    @classmethod
    @asynccontextmanager
    async def run(
        cls, max_viewers: int = 1000, native: bool = True, tap: Callable[[str], Tap] | None = None
    ) -> AsyncIterator[Server]:
        happened: list[StreamHappening] = []
        plane = await MediaPlane.open(
            host="127.0.0.1",
            port=0,
            announce=None,
            observer=happened.append,
            max_viewers=max_viewers,
            native=native,
            tap=tap,
        )
        app = web.Application()
        app.add_routes(MediaAddresses(Wherever(plane, OwnDirectory(), None), OpenGate(), lambda: LINKS).routes())
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield cls(plane, happened, f"http://127.0.0.1:{runner.addresses[0][1]}")
        await plane.close()
        await runner.cleanup()
