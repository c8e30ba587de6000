"""What is done to the rules of the queue: moderators work against one another, and the clock is stepped back."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from liveroom.settings import Settings
from tests.support.moderators import history
from tests.support.postgres import PostgresServer
from tests.support.step_back import assert_kept, step_back

MOVES, QUESTIONS = 2000, 500


def moderators(folder: Path) -> list[str]:
    """Four of them, on two Sittings whose locks do not know one another."""
    postgres = PostgresServer()
    try:
        lines = []
        for name, settings in (
            ("SQLite", Settings(data=folder / "data")),
            ("PostgreSQL", Settings(database=postgres.fresh())),
        ):
            seed = random.randrange(2**32)
            found, attempts = asyncio.run(history(settings, MOVES, seed))
            refused = sum(bool(attempt.refused) for attempt in attempts)
            lines.append(
                f"{name}: {len(attempts):,} moves of four moderators, {refused:,} refused, "
                f"{len(found)} contradict a serial order (seed {seed})"
            )
            assert found == [], [*lines, *found[:5]]
        return lines
    finally:
        postgres.close()


def the_clock_steps_back(folder: Path) -> list[str]:
    """Under an application in this process: the machine's own clock is left alone."""
    with pytest.MonkeyPatch.context() as patch:
        found = asyncio.run(step_back(folder, patch, QUESTIONS))
    assert_kept(found)
    return [
        f"clock stepped back five minutes, twice: {found.asked} questions, {found.lost} lost, marks from "
        f"{min(found.marks)} ms, no answer ends before it begins; the claim and the shield end when the clock is there"
    ]


FAULTS = {"moderators": moderators, "clock": the_clock_steps_back}
