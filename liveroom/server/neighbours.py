"""Speaks to the other processes that share the records: their media planes, their figures. Knows no right.

A call is made once, to one place, and never passed on there: nothing can go round in circles.
"""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
import structlog

from liveroom.errors import Refused
from liveroom.media.results import Accepted, Patched, Proposed
from liveroom.ports.directory import Directory, Place
from liveroom.server.calls import BODY_LIMIT, FACTS, PATH, Call, Outcome, seal
from liveroom.server.planes import Plane, away

log = structlog.get_logger()

TIMEOUT = aiohttp.ClientTimeout(total=5.0, connect=1.0)
FACTS_TIMEOUT = aiohttp.ClientTimeout(total=1.0)


class HttpNeighbours:
    """Satisfies `liveroom.server.planes.Neighbours`. Speaks while it is entered as a context."""

    def __init__(self, directory: Directory, key: bytes) -> None:
        self.directory = directory
        self._key = key
        self._client: aiohttp.ClientSession

    async def __aenter__(self) -> HttpNeighbours:
        # Never by a proxy of the environment: neighbours are on a private network.
        self._client = aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    def plane(self, place: Place) -> Plane:
        return RemotePlane(self, place)

    async def call(self, place: Place, call: Call) -> Outcome:
        """What the plane there answers. Raises `Refused`: what it refused, or `holder_away`."""
        body = msgspec.json.encode(call)
        headers = {"Authorization": seal(self._key, PATH, body), "Content-Type": "application/json"}
        try:
            async with self._client.post(place.address + PATH, data=body, headers=headers) as response:
                text = await response.content.read(BODY_LIMIT)
                if response.status != 200:
                    log.error("neighbour_refuses", process=place.name, status=response.status)
                    raise away()
                outcome = msgspec.json.decode(text, type=Outcome)
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError) as error:
            log.warning("neighbour_away", process=place.name, problem=type(error).__name__)
            self.directory.doubt(place)
            raise away() from None
        if outcome.kind == "refused":
            detail = {"problem": outcome.problem} if outcome.problem else {}
            raise Refused(outcome.code, retry_after=outcome.retry_after, **detail)
        return outcome

    async def metrics(self) -> dict[str, str]:
        """The figures of every neighbour that answers, by its name."""
        places = self.directory.places()
        texts = await asyncio.gather(*(self._metrics(place) for place in places))
        return {place.name: text for place, text in zip(places, texts, strict=True) if text}

    async def _metrics(self, place: Place) -> str:
        headers = {"Authorization": seal(self._key, FACTS, b"")}
        try:
            async with self._client.get(place.address + FACTS, headers=headers, timeout=FACTS_TIMEOUT) as response:
                return await response.text() if response.status == 200 else ""
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return ""


class RemotePlane:
    """The media plane of a neighbour; satisfies `liveroom.server.planes.Plane`."""

    def __init__(self, neighbours: HttpNeighbours, place: Place) -> None:
        self._neighbours = neighbours
        self._place = place

    async def publish(self, door: str, stream: str, offer: str) -> Accepted:
        found = await self._call(Call("publish", door, stream=stream, body=offer))
        return Accepted(found.peer, found.body, found.tag)

    async def subscribe(self, door: str, stream: str, offer: str, network: str) -> Accepted | Proposed:
        found = await self._call(Call("subscribe", door, stream=stream, body=offer, network=network))
        kind = Proposed if found.kind == "proposed" else Accepted
        return kind(found.peer, found.body, found.tag)

    async def answer(self, door: str, peer_id: str, answer: str) -> None:
        await self._call(Call("answer", door, peer=peer_id, body=answer))

    async def patch(self, door: str, peer_id: str, fragment: str, if_match: str | None) -> Patched:
        found = await self._call(Call("patch", door, peer=peer_id, body=fragment, tag=if_match))
        return Patched(found.body, found.tag)

    async def check(self, door: str, peer_id: str) -> None:
        await self._call(Call("check", door, peer=peer_id))

    async def hang_up(self, door: str, peer_id: str) -> None:
        await self._call(Call("hang_up", door, peer=peer_id))

    async def _call(self, call: Call) -> Outcome:
        return await self._neighbours.call(self._place, call)
