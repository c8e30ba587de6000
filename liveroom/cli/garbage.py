"""What Python's garbage collector looks through while the server runs: never all of it at once. Knows no request.

A look at everything stops the process, media too: for a third of a second with ten thousand open pages. Nearly all of
what it looks at stays, and what goes is freed by its last reference. So what a long look has found is left out of the
next ones (`gc.freeze`), until so many have left that the rings among what they left behind are worth a long look.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable

LONG = 0.02
"""Seconds of a look at everything after which its findings are left alone."""

LOOK_EVERY = 30.0
SPARE = 1000
"""Departures that are never worth a long look."""


class Garbage:
    """The collector's settings of this process, from `open` to `close`."""

    def __init__(self, connected: Callable[[], int], departed: Callable[[], int]) -> None:
        """`connected`: pages that are open now; `departed`: those that have left since the start."""
        self._connected = connected
        self._departed = departed
        self._began = 0.0
        self._departed_before = 0

    def open(self) -> None:
        """What is there by now stays: it is left alone, without a look that the first pages would wait for."""
        gc.freeze()
        gc.enable()
        gc.callbacks.append(self._looked)

    def close(self) -> None:
        gc.callbacks.remove(self._looked)
        gc.unfreeze()

    async def run(self) -> None:
        """For as long as the process serves."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.tidy()

    def tidy(self) -> None:
        """Look through everything once, when twice as many have left as are here."""
        if self._departed() - self._departed_before > 2 * self._connected() + SPARE:
            gc.unfreeze()
            self._settle()

    def _settle(self) -> None:
        gc.collect()
        gc.freeze()
        self._departed_before = self._departed()

    def _looked(self, phase: str, info: dict[str, int]) -> None:
        if info["generation"] < 2:
            return
        if phase == "start":
            self._began = time.perf_counter()
        elif time.perf_counter() - self._began > LONG:
            gc.freeze()
