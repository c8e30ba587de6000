"""A session under whose people the clock is stepped back five minutes, and what they find afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from liveroom.actions.claim import LEASE
from liveroom.rooms.session import SHIELD_MINUTES
from liveroom.server import keys
from tests.support.clocks import Shifted
from tests.support.world import Wire, World

BACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Stepped:
    """What is left to be judged."""

    asked: int
    lost: int
    marks: list[int]
    claimed_just_before_the_end: str
    claimed_at_the_end: str
    shielded_just_before_the_end: bool
    shielded_at_the_end: bool


async def step_back(folder: Path, patch: pytest.MonkeyPatch, questions: int) -> Stepped:
    """Half of the questions before, half after; one on air, one claimed and the shield up while it happens."""
    clock = Shifted(patch)
    world = await World.make(folder)
    try:
        await world.live()
        clock.step(timedelta(minutes=1))
        asker, colleague = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("lead"), "desk")
        desk = await Wire.open(await world.sign_in("moderator"), "desk")
        asked = [(await asker.ask(f"之前 {number}？"))["id"] for number in range(questions // 2)]
        on_air, claimed, late = asked[:3]

        async def do(kind: str, question: str) -> None:
            answer = await colleague.wish(type=kind, question=question)
            assert answer["type"] == "done", answer

        for kind in ("publish", "enqueue", "put_on_air"):
            await do(kind, on_air)
        assert (await desk.wish(type="claim", question=claimed))["type"] == "claimed"
        clock.step(-BACK)
        await do("answered", on_air)
        asked += [(await asker.ask(f"之后 {number}？"))["id"] for number in range(questions - len(asked))]
        for kind in ("publish", "enqueue", "put_on_air", "answered"):
            await do(kind, late)
        # The shield, raised before another step: both steps have gone by when it ends.
        assert (await colleague.wish(type="raise_shield", minutes=SHIELD_MINUTES))["type"] == "done"
        clock.step(-BACK)

        async def claim() -> str:
            answer = await colleague.wish(type="claim", question=claimed)
            return str(answer["type"])

        async def shielded() -> bool:
            return (await world.app[keys.RECORDS].load(world.session)).session.shielded(clock())

        clock.step(2 * BACK)
        just_before = await claim()
        clock.step(LEASE)
        at_the_end = await claim()
        up = await shielded()
        clock.step(timedelta(minutes=SHIELD_MINUTES) - BACK)
        sitting = await world.app[keys.RECORDS].load(world.session)
        kept = sitting.queue.questions
        marks = [mark for name in (on_air, late) for mark in (kept[name].mark_start, kept[name].mark_end)]
        return Stepped(
            len(asked),
            len(set(asked) - set(kept)),
            [-1 if mark is None else mark for mark in marks],
            just_before,
            at_the_end,
            up,
            await shielded(),
        )
    finally:
        await world.close()


def assert_kept(found: Stepped) -> None:
    assert found.lost == 0
    assert min(found.marks) >= 0, found
    first_begins, first_ends, second_begins, second_ends = found.marks
    assert first_ends >= first_begins and second_ends >= second_begins, found
    assert (found.claimed_just_before_the_end, found.claimed_at_the_end) == ("refused", "claimed"), found
    assert (found.shielded_just_before_the_end, found.shielded_at_the_end) == (True, False), found
