"""A clock that a test sets back, and lets run on, under an application in this process."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liveroom import clock


class Shifted:
    """The true time, and what a test has added to it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._true = clock.now
        self._by = timedelta()
        # Applications take the clock when they are made: it must be there before.
        patch.setattr(clock, "now", self)

    def __call__(self) -> datetime:
        return self._true() + self._by

    def step(self, by: timedelta) -> None:
        self._by += by
