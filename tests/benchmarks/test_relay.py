"""The benchmark runs, and measures what really arrived."""

from __future__ import annotations

import pytest

from benchmarks.relay import Case, measure
from benchmarks.servers import Liveroom


@pytest.mark.alone
async def test_a_small_room_is_measured() -> None:
    figures = await measure(Case(Liveroom, 5, "lecture", "reports", spread=False), seconds=2.0, joins=False)
    assert 0.8 < figures.delivered < 1.2
    assert figures.micros > 0
    assert 0 < figures.p50 <= figures.p99
