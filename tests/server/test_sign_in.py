"""How long a sign-in lasts: while it is used, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from liveroom import clock
from liveroom.errors import Unavailable
from liveroom.ports.people import SignIn
from liveroom.server import keys, sign_in
from liveroom.server.identity import RENEW_EVERY, SIGN_IN_LIFE, SIGN_IN_LONGEST
from tests.support.world import Wire, World


class Later:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.by = timedelta()
        self._now = clock.now

    def __call__(self) -> datetime:
        return self._now() + self.by


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    made = Later()
    monkeypatch.setattr(clock, "now", made)
    return made


@pytest.fixture
async def world(tmp_path: Path, later: Later) -> AsyncIterator[World]:
    made = await World.make(tmp_path)
    yield made
    await made.close()


async def test_a_sign_in_lasts_while_it_is_used_and_three_days_at_most(world: World, later: Later) -> None:
    used, left = await world.sign_in("office"), await world.sign_in("moderator")
    cookie = next(c for c in used.session.cookie_jar if c.key == "liveroom")
    assert int(cookie["max-age"]) == SIGN_IN_LONGEST.total_seconds()
    while later.by + timedelta(hours=11) < SIGN_IN_LONGEST:
        later.by += timedelta(hours=11)
        assert (await used.get("/office")).status == 200
    assert (await left.get("/rooms/r/desk")).status == 401, "12 hours without use"
    later.by = SIGN_IN_LONGEST + timedelta(seconds=1)
    assert (await used.get("/office")).status == 401


async def test_an_open_socket_is_use(world: World, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveroom.server.socket.SIGN_IN_EVERY", 0.01)
    client = await world.sign_in("moderator")
    desk, people, looks = await Wire.open(client, "desk"), world.app[keys.PEOPLE], 0
    look = people.sign_in

    async def counted(secret: str, now: datetime) -> SignIn | None:
        nonlocal looks
        looks += 1
        return await look(secret, now)

    monkeypatch.setattr(people, "sign_in", counted)
    for _ in range(3):
        later.by += SIGN_IN_LIFE / 2
        enough = looks + 2
        while looks < enough:
            await desk.wish(type="ping")
    assert (await client.get("/rooms/r/desk")).status == 200


async def test_using_a_sign_in_is_written_once_an_hour_and_refused_writing_shuts_nobody_out(
    world: World, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, written = await world.sign_in("office"), []

    async def renew(secret: str, until: datetime) -> None:
        written.append(until)
        raise Unavailable("disk full")

    monkeypatch.setattr(world.app[keys.PEOPLE], "renew_sign_in", renew)
    for _ in range(5):
        assert (await client.get("/office")).status == 200
    assert written == []
    later.by = RENEW_EVERY
    assert (await client.get("/office")).status == 200
    assert len(written) == 1


def test_a_name_that_nobody_has_costs_as_much_as_one_that_is_known() -> None:
    """The hash that is compared for nobody was made with what hashes are made with today."""
    assert not sign_in._hasher.check_needs_rehash(sign_in._NOBODY)
    assert not sign_in.check_password(None, "nobody has this password")
