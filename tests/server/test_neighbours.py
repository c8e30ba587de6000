"""The door between processes, and who is asked where: a real plane behind real HTTP, all in the test's own process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import msgspec
import pytest
from aiohttp import web

from liveroom.errors import Refused
from liveroom.media.plane import MediaPlane
from liveroom.ports.directory import Place
from liveroom.server.calls import BODY_LIMIT, FACTS, PATH, SEALED_FOR, Call, is_sealed, key_of, seal
from liveroom.server.internal import internal_app
from liveroom.server.neighbours import HttpNeighbours
from liveroom.server.planes import Wherever
from liveroom.server.whip import MediaAddresses
from tests.support.cheap import Cheap, offer
from tests.support.media_server import OpenGate

KEY = key_of(b"secret")
STREAM = "a"


@dataclass
class Entries:
    """A directory that says what it is told to say."""

    name: str = "here"
    known: bool = True
    there: dict[str, Place] = field(default_factory=dict)
    doubted: list[str] = field(default_factory=list)

    def places(self) -> Sequence[Place]:
        return [place for place in self.there.values() if place.name not in self.doubted]

    def place(self, name: str) -> Place | None:
        return next((place for place in self.places() if place.name == name), None)

    def holder(self, stream: str) -> Place | None:
        return next((place for place in self.places() if stream in place.streams), None)

    def holds(self, stream: str) -> bool:
        return False

    def doubt(self, place: Place) -> None:
        self.doubted.append(place.name)

    async def hold(self, stream: str) -> None: ...

    async def release(self, stream: str) -> None: ...


class CountingGate(OpenGate):
    """Counts whom it was asked about; lets in three, and nobody with the token "wrong"."""

    def __init__(self) -> None:
        self.counted = 0

    def count(self, request: web.Request) -> None:
        self.counted += 1
        if self.counted > 3:
            raise Refused("slow_down", retry_after=60)


@dataclass
class Two:
    """The process without media (`base`), and the one with them behind its internal door (`door`)."""

    base: str
    door: str
    plane: MediaPlane
    gate: CountingGate
    entries: Entries
    client: aiohttp.ClientSession
    forbidden: set[str]
    holder: web.AppRunner

    def holds(self, *streams: str) -> None:
        self.entries.there["m"] = Place("m", self.door, True, dict.fromkeys(streams, 1))


async def serve(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@asynccontextmanager
async def two() -> AsyncIterator[Two]:
    forbidden: set[str] = set()

    async def may_flow(stream: str) -> None:
        if stream in forbidden:
            raise Refused("session_cut")

    plane = await MediaPlane.open(host="127.0.0.1", port=0, announce=None, observer=lambda _: None, name="m")
    holder, door = await serve(internal_app(KEY, plane, may_flow, lambda: b"figures"))
    entries, gate = Entries(), CountingGate()
    async with HttpNeighbours(entries, KEY) as neighbours, aiohttp.ClientSession() as client:
        app = web.Application()
        app.add_routes(MediaAddresses(Wherever(None, entries, neighbours), gate).routes())
        runner, base = await serve(app)
        made = Two(base, door, plane, gate, entries, client, forbidden, holder)
        made.holds()
        yield made
        await runner.cleanup()
    await holder.cleanup()
    await plane.close()


@pytest.fixture
async def pair() -> AsyncIterator[Two]:
    async with two() as made:
        yield made


async def post(pair: Two, kind: str, direction: str, **headers: str) -> tuple[int, Mapping[str, str], str]:
    sent = {"Content-Type": "application/sdp", **headers}
    async with pair.client.post(f"{pair.base}/rooms/a/{kind}", data=offer(direction), headers=sent) as answer:
        return answer.status, answer.headers, await answer.text()


async def test_publishing_and_watching_reach_the_process_that_has_the_media(pair: Two) -> None:
    publisher, viewer = Cheap(), Cheap()
    assert await publisher.negotiate(pair.client, f"{pair.base}/rooms/a/whip", "sendonly") == 201
    await publisher.connect()
    publisher.send_picture()
    pair.holds(STREAM)
    while not pair.plane.is_live(STREAM):
        publisher.check()
        await asyncio.sleep(0.02)
    assert await viewer.negotiate(pair.client, f"{pair.base}/rooms/a/whep", "recvonly") == 201
    await viewer.connect()
    while not viewer.received["picture"]:
        publisher.send_picture()
        await asyncio.sleep(0.02)
    name = viewer.location.rsplit("/", 1)[1]
    assert name.startswith("m."), "the name of the peer says where it is"
    async with pair.client.get(viewer.location) as answer:
        assert answer.status == 204
    # At another endpoint it is not found, here as there.
    async with pair.client.get(viewer.location.replace("/whep/", "/whip/")) as answer:
        assert answer.status == 404
    pair.gate.counted = 0
    async with pair.client.delete(viewer.location) as answer:
        assert answer.status == 200
    async with pair.client.get(viewer.location) as answer:
        assert answer.status == 404
    publisher.transport.close()
    viewer.transport.close()


async def test_the_gate_is_asked_where_the_client_comes_in_and_its_limits_hold(pair: Two) -> None:
    assert (await post(pair, "whip", "sendonly", Authorization="Bearer wrong"))[0] == 401
    for _ in range(2):
        assert (await post(pair, "whip", "sendonly"))[0] == 201
    status, headers, _ = await post(pair, "whip", "sendonly")
    assert (status, headers["Retry-After"]) == (429, "60")
    assert pair.plane.facts()["publishers"] == 2, "what the gate refused never reached the media"


async def test_what_the_other_process_refuses_is_refused_with_the_same_words(pair: Two) -> None:
    status, _, text = await post(pair, "whip", "recvonly")
    assert (status, msgspec.json.decode(text)["code"]) == (422, "wrong_direction")
    pair.holds(STREAM)
    status, headers, text = await post(pair, "whep", "recvonly")
    assert (status, headers["Retry-After"], msgspec.json.decode(text)["code"]) == (409, "2", "not_live")


async def test_a_session_that_was_cut_off_on_the_way_is_refused_by_the_process_that_has_the_media(pair: Two) -> None:
    pair.forbidden.add(STREAM)
    status, _, text = await post(pair, "whip", "sendonly")
    assert msgspec.json.decode(text)["code"] == "session_cut"
    assert status >= 400
    assert pair.plane.facts()["publishers"] == 0


async def test_a_call_without_the_right_seal_does_nothing(pair: Two) -> None:
    call = msgspec.json.encode(Call("publish", "/rooms/a/whip", stream=STREAM, body=offer("sendonly")))
    other = msgspec.json.encode(Call("publish", "/rooms/b/whip", stream="b", body=offer("sendonly")))
    late = seal(KEY, PATH, call, time.time() - SEALED_FOR - 5)
    for header in (
        "",
        "Bearer token",
        seal(b"guessed", PATH, call),
        seal(KEY, PATH, other),
        seal(KEY, FACTS, call),
        late,
    ):
        async with pair.client.post(pair.door + PATH, data=call, headers={"Authorization": header}) as answer:
            assert answer.status == 403, header
    async with pair.client.get(pair.door + FACTS) as answer:
        assert answer.status == 403
    assert pair.plane.facts()["publishers"] == 0
    async with pair.client.post(
        pair.door + PATH, data=call, headers={"Authorization": seal(KEY, PATH, call)}
    ) as answer:
        assert (answer.status, pair.plane.facts()["publishers"]) == (200, 1)


async def test_the_door_takes_no_more_than_an_offer_and_no_word_that_it_does_not_know(pair: Two) -> None:
    for body, status in ((b"x" * (BODY_LIMIT + 1), 413), (b'{"does": "everything", "door": "d"}', 400), (b"", 400)):
        headers = {"Authorization": seal(KEY, PATH, body)}
        async with pair.client.post(pair.door + PATH, data=body, headers=headers) as answer:
            assert answer.status == status


@pytest.mark.parametrize("known", [True, False])
async def test_media_that_cannot_be_reached_are_asked_for_again_soon(pair: Two, known: bool) -> None:
    pair.holds(STREAM)
    await pair.holder.cleanup()
    for kind, direction in (("whep", "recvonly"), ("whip", "sendonly")):
        pair.entries.doubted.clear()
        status, headers, text = await post(pair, kind, direction)
        assert (status, headers["Retry-After"], msgspec.json.decode(text)["code"]) == (503, "2", "holder_away")
    assert pair.entries.doubted == ["m"], "who does not answer is not asked again at once"
    pair.entries.there.clear()
    pair.entries.known = known
    status, _, text = await post(pair, "whep", "recvonly")
    assert msgspec.json.decode(text)["code"] == ("not_live" if known else "holder_away")
    async with pair.client.get(f"{pair.base}/rooms/a/whep/m.gone") as answer:
        assert answer.status == (404 if known else 503)


def test_a_seal_holds_for_what_it_was_made_for_and_not_for_long() -> None:
    made = seal(KEY, PATH, b"body", 1000.0)
    assert is_sealed(KEY, PATH, b"body", made, 1010.0)
    assert not is_sealed(KEY, PATH, b"body", made, 1000.0 + SEALED_FOR + 1)
    assert not is_sealed(KEY, PATH, b"body", made, 1000.0 - SEALED_FOR - 1)
    assert not is_sealed(KEY, PATH, b"other", made, 1000.0)
    assert not is_sealed(KEY, FACTS, b"body", made, 1000.0)
    assert not is_sealed(key_of(b"other"), PATH, b"body", made, 1000.0)
    for damaged in (
        "",
        "Liveroom",
        "Liveroom .",
        made[:-1],
        made.replace("1000", "٢000"),
        made.replace("1000", "9" * 20),
    ):
        assert not is_sealed(KEY, PATH, b"body", damaged, 1000.0), damaged
