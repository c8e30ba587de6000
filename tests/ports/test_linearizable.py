"""Four moderators at once: whatever they do could have been done one after another."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.moderators import history

MOVES = 80


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
def test_conflicting_moves_of_four_moderators_are_linearizable(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found, attempts = asyncio.run(history(Path(folder) / "test.sqlite3", MOVES, seed))
    assert found == []
    assert len({attempt.by.id for attempt in attempts if attempt.last >= attempt.first > 0}) > 1
    assert any(attempt.refused for attempt in attempts)
