"""The periods of tests, which are there."""

from __future__ import annotations

from liveroom.matters.periods import Period, read_period


def period(name: str) -> Period:
    found = read_period(name)
    assert found is not None, f"{name} is no period"
    return found
