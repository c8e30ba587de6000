"""Four moderators at once: whatever they do could have been done one after another."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.settings import Settings
from tests.support.moderators import Attempt, history
from tests.support.postgres import PostgresServer

MOVES = 80


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
def test_conflicting_moves_of_four_moderators_are_linearizable(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found, attempts = asyncio.run(history(Settings(data=Path(folder)), MOVES, seed))
    assert found == []
    assert_that_they_met(attempts)


def test_they_are_on_postgresql_too(postgres: PostgresServer) -> None:
    found, attempts = asyncio.run(history(Settings(database=postgres.fresh()), MOVES, 11))
    assert found == []
    assert_that_they_met(attempts)


def assert_that_they_met(attempts: list[Attempt]) -> None:
    """Several got their way, and somebody was refused."""
    assert len({attempt.by.id for attempt in attempts if attempt.last >= attempt.first > 0}) > 1
    assert any(attempt.refused for attempt in attempts)
