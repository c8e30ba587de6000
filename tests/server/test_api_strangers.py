"""Whatever is sent to the API: no errors of the server, no answers but those described, nothing for the wrong eyes."""

from __future__ import annotations

from tests.support.strangers import call_a_world
from tests.support.world import World

CALLS = 400
"""`python -m tests.faults api` is the long form."""


async def test_nothing_that_is_sent_breaks_it_or_shows_what_is_not_for_the_caller(
    world: World, figures: list[str]
) -> None:
    told = await call_a_world(world, CALLS)
    assert told.leaks == []
    assert told.calls >= CALLS
    assert max(told.by_status) < 500
    assert told.by_status[200] > CALLS / 10, "calls that mean something are made, too"
    figures.append(f"{told.calls:,} calls of the API that nobody foresaw: {told.by_status}")
