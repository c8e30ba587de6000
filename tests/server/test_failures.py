"""What cannot be done is answered clearly, whatever it is and whoever asks."""

from __future__ import annotations

import re

import pytest

from liveroom.errors import Unavailable
from liveroom.server import keys
from tests.support.world import World

PAGE = {"Accept": "text/html"}


async def test_records_that_cannot_be_read_are_told_to_the_staff_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await world.sign_in("office")

    async def refuse(*_: object) -> None:
        raise Unavailable("disk on fire")

    monkeypatch.setattr(world.app[keys.PEOPLE], "sign_in", refuse)
    for path in ("/", "/office", "/rooms/r/desk"):
        answer = await client.get(path, headers=PAGE)
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "<h1" in await answer.text()
    assert (await client.get("/office")).content_type == "application/problem+json"
    style = re.search(r'href="(/static/[^"]+)"', await (await client.get("/", headers=PAGE)).text())
    assert style is not None
    for path in ("/healthz", "/readyz", "/metrics", style[1]):
        assert (await client.get(path)).status == 200
