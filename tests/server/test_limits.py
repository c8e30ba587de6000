"""Too often is 429 with the time to wait, for those who do it too often and for nobody else."""

from __future__ import annotations

import time

import pytest

from liveroom.errors import Refused
from liveroom.server import keys
from liveroom.server.limits import Limits
from tests.support.world import World

SDP = {"Content-Type": "application/sdp"}
TOKEN = SDP | {"Authorization": "Bearer token"}


async def test_a_minute_may_be_used_at_once_and_comes_back_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    limits = Limits(30, 240, 6000)
    for _ in range(10):
        await limits.require("sign_in", "one")
        limits.take("sign_in", "one")
    with pytest.raises(Refused, match="slow_down"):
        await limits.require("sign_in", "one")
    with pytest.raises(Refused, match="slow_down") as refused:
        limits.take("sign_in", "one")
    assert refused.value.retry_after == 6
    limits.take("sign_in", "another")
    limits.take("sign_in_network", "one")
    now += 6.001
    limits.take("sign_in", "one")
    with pytest.raises(Refused, match="slow_down"):
        await limits.require("sign_in", "one")
    now += 60
    for _ in range(10):
        limits.take("sign_in", "one")


@pytest.mark.parametrize("now", [210.605, 8174.326, 32724.141])
def test_one_a_minute_is_one_whatever_a_clock_is_rounded_to(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: now)
    limits = Limits(30, 240, 6000)
    limits.per_minute["follow"] = 1
    limits.take("follow", "one")
    with pytest.raises(Refused, match="slow_down"):
        limits.take("follow", "one")


def test_whoever_has_rested_costs_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    limits = Limits(30, 240, 6000)
    for number in range(10_000):
        now += 0.01
        limits.take("ask", str(number))
    assert len(limits._rested_at) < 1500


async def test_publishing_without_a_right_too_often_is_429_and_takes_nobody_elses_turn(world: World) -> None:
    client, deputy = await world.visitor(), await world.sign_in("deputy")
    statuses = [(await client.post("/rooms/r/whip", data="v=0", headers=SDP)).status for _ in range(300)]
    assert set(statuses[:240]) == {401}
    assert 429 in statuses[240:]
    refused = await client.post("/rooms/r/whip", data="v=0", headers=SDP)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert (await refused.json())["code"] == "slow_down"
    # The same network: 400 says that the door was passed and the offer was read.
    assert (await client.post("/rooms/r/whip", data="v=0", headers=TOKEN)).status == 400
    assert (await deputy.post("/rooms/r/whip", data="v=0", headers=SDP)).status == 400


async def test_wrong_tokens_too_often_are_429(world: World) -> None:
    client = await world.visitor()
    wrong = SDP | {"Authorization": "Bearer wrong"}
    statuses = [(await client.post("/rooms/r/whip", data="v=0", headers=wrong)).status for _ in range(300)]
    assert set(statuses[:240]) == {401}
    assert 429 in statuses[240:]


async def test_watching_too_often_from_one_network_is_429(world: World) -> None:
    client = await world.visitor()
    world.app[keys.LIMITS].per_minute["watch"] = 5
    statuses = [(await client.post("/rooms/r/whep", data="v=0", headers=SDP)).status for _ in range(8)]
    assert statuses == [400] * 5 + [429] * 3
    refused = await client.post("/rooms/r/whep", data="v=0", headers=SDP)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.content_type == "application/problem+json"
