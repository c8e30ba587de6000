"""Time passes: what was kept long enough goes, what it did is written down, and the log stays whole."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from liveroom import clock
from liveroom.actions.purge import AT, PURGE
from liveroom.clock import next_at
from liveroom.qa.erasing import WORDS
from liveroom.qa.question import Outcome
from liveroom.server import keys
from tests.server.test_own_data import ISLAND, NAME, WORDING, ask, everything, wrong
from tests.support.world import Wire, World, csrf


@pytest.fixture
async def world(tmp_path: Path) -> Any:
    world = await World.make(tmp_path / "data")
    yield world
    await world.close()


class Calendar:
    """The clock of everything that the outbox does, turned by hand."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.now = clock.now()
        monkeypatch.setattr(world.app[keys.VERBS].purging, "_clock", lambda: self.now)

    async def sleep(self, days: float) -> dict[str, int]:
        """Nights pass; what the looks of these nights did, by class."""
        jobs, purging = self.world.app[keys.JOBS], self.world.app[keys.VERBS].purging
        until, done = self.now + timedelta(days=days), dict.fromkeys(purging.days, 0)
        while (due := await jobs.next_due(until, [PURGE])) is not None and due <= until:
            self.now = max(self.now, due)
            for job in await jobs.take(due, [PURGE], 1):
                await purging.look(job)
            for one in (await self.world.app[keys.VERBS].purging._purges.reports(1))[0].purged:
                done[one.kind] += one.gone
        self.now = until
        return done


def test_looks_are_at_night_in_china() -> None:
    assert next_at(datetime(2026, 3, 1, 12, tzinfo=UTC), AT) == datetime(2026, 3, 1, 19, 40, tzinfo=UTC)
    assert next_at(datetime(2026, 3, 1, 19, 40, tzinfo=UTC), AT) == datetime(2026, 3, 2, 19, 40, tzinfo=UTC)


async def test_a_session_keeps_its_sixty_days_and_then_what_was_public(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.live()
    time = Calendar(world, monkeypatch)
    asker, voter = await Wire.open(await world.visitor()), await Wire.open(await world.visitor())
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    public, private = await ask(world, asker), await ask(world, voter, "key-of-the-form-2")
    await desk.wish(type="publish", question=public.id)
    await voter.wish(type="second", question=public.id)
    records, verbs = world.app[keys.RECORDS], world.app[keys.VERBS]
    office = await world.app[keys.PEOPLE].account("office")
    assert office is not None
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, office.actor)
    votes = dict(await records.votes(world.session))
    assert votes == {public.id: 1}
    assert (await time.sleep(70))["live"] == 0, "not archived yet"
    page = await world.sign_in("office")
    place = {"csrf": await csrf(page, "/verify"), "way": "station", "place": "老周的小店", "language": "zh"}
    assert (await page.post(f"/track/{public.code}/follow", data=place, allow_redirects=False)).status == 303
    assert (await time.sleep(31))["contacts"] == 0, "not over yet"
    page = await world.sign_in("office")
    assert "还没有归档" in await (await page.get("/office/retention")).text()
    for question in (public, private):
        await verbs.concluding.give_outcome(world.session, [question.id], Outcome.ANSWERED_TEXT, "已修", office.actor)
    await verbs.concluding.archive(world.session, office.actor)
    done = await time.sleep(2)
    assert (done["live"], done["contacts"]) == (2, 1)
    assert (await time.sleep(30))["live"] == 0

    found = await everything(world)
    for gone in (NAME, ISLAND, "老周的小店", public.device, private.device, "key-of-the-form"):
        assert gone not in found, gone
    sitting = await records.load(world.session)
    assert sitting.queue.questions[public.id].text == WORDING
    assert sitting.queue.questions[private.id].text == WORDS["retention"]
    assert dict(await records.votes(world.session)) == votes
    assert await wrong(world) == []
    # Sign-ins of then have gone, too.
    page = await world.sign_in("office")
    shown = await (await page.get("/office/retention")).text()
    assert "没有公开的原话、称呼、申诉、浏览器代号：2" in shown
    track = await (await page.get(f"/track/{private.code}/data")).text()
    assert "保存期已满" in track
    assert WORDING not in track


async def test_each_class_goes_in_its_time_and_not_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Calendar(world, monkeypatch)
    client = await world.visitor()
    form = {"csrf": await csrf(client, "/verify"), "contact": "13800138000"}
    assert (await client.post("/verify/contact", data=form)).status == 200
    codes = world.app[keys.SETTINGS].data / "codes"
    assert len(list(codes.iterdir())) == 1
    await world.sign_in("office")
    assert (await time.sleep(0.9))["codes"] == 0
    for file in codes.iterdir():
        long_ago = (time.now - timedelta(days=1, hours=1)).timestamp()
        os.utime(file, (long_ago, long_ago))
    assert (await time.sleep(2))["codes"] == 2
    assert list(codes.iterdir()) == []
    assert (await time.sleep(4))["keys"] == 0
    assert (await time.sleep(9))["keys"] == 2, "the sign-in, and the link that began it"


async def test_a_look_that_is_interrupted_is_done_again_and_reports_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Calendar(world, monkeypatch)
    jobs, purging = world.app[keys.JOBS], world.app[keys.VERBS].purging
    due = await jobs.next_due(time.now + timedelta(days=2), [PURGE])
    assert due is not None
    time.now = due
    (job,) = await jobs.take(due, [PURGE], 1)
    await jobs.give_back(job)
    (job,) = await jobs.take(due, [PURGE], 1)
    await purging.look(job)
    assert len(await purging._purges.reports(10)) == 1
    assert await jobs.take(due, [PURGE], 1) == []
    assert await jobs.next_due(due, [PURGE]) == due + timedelta(days=1)
