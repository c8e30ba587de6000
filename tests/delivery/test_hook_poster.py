"""Posting to other programs: nobody inside the house, whatever the name says; and what answers mean."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver
from aiohttp.test_utils import TestServer

from liveroom.delivery.hooks import HookPoster, is_public
from liveroom.errors import Refused, Unavailable
from liveroom.ports.hooks import Parcel

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::", "192.0.2.1", "name",
]  # fmt: skip
HOSTS = ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_the_house_are_seen_in_every_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2606:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_others_are_taken(address: str) -> None:
    assert is_public(address)


Seen = tuple[bytes, dict[str, str]]


class Receiver(TestServer):
    """A program of the house, and what has reached it."""

    def __init__(self, app: web.Application, seen: list[Seen]) -> None:
        super().__init__(app)
        self.seen = seen


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A program of the house that notes what reaches it."""
    seen: list[Seen] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((await request.read(), dict(request.headers)))
        status = int(request.match_info["status"])
        return web.Response(status=status, headers={"Location": "/204"} if status == 302 else {})

    app = web.Application()
    app.router.add_post("/{status}", take)
    server = Receiver(app, seen)
    await server.start_server()
    yield server
    await server.close()


def parcel(url: str) -> Parcel:
    return Parcel(url, b'{"a":1}', {"webhook-id": "m"})


async def test_a_parcel_arrives_and_redirections_are_not_followed(receiver: Receiver) -> None:
    poster = HookPoster(private=True)
    for status in (204, 302, 410, 500):
        assert await poster.post(parcel(str(receiver.make_url(f"/{status}")))) == status
    assert len(receiver.seen) == 4
    body, headers = receiver.seen[0]
    assert (body, headers["webhook-id"], headers["Content-Type"]) == (b'{"a":1}', "m", "application/json")
    assert "Authorization" not in headers


@pytest.mark.parametrize("host", HOSTS)
async def test_nothing_reaches_the_house(receiver: Receiver, host: str) -> None:
    with pytest.raises((Refused, Unavailable)):
        await HookPoster(private=False).post(parcel(f"http://{host}:{receiver.port}/204"))
    assert receiver.seen == []


async def test_a_name_that_becomes_an_address_of_the_house_reaches_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is connected to is what was checked: no second look-up lies between (DNS rebinding)."""
    asked: list[str] = []

    async def resolve(self: object, host: str, port: int = 0, family: int = socket.AF_INET) -> list[Any]:
        asked.append(host)
        inside = {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        outside = inside | {"host": "1.1.1.1"}
        return [outside, inside] if host == "both.example" else [inside]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    for host in ("inside.example", "both.example"):
        with pytest.raises(Refused, match="hook_address"):
            await HookPoster(private=False).post(parcel(f"http://{host}:{receiver.port}/204"))
    assert asked == ["inside.example", "both.example"]
    assert receiver.seen == []


async def test_silence_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            await HookPoster(private=True).post(parcel(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
