"""Work that goes on for as long as the process serves. Knows not what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds before work that broke off is begun again."""


async def keep_running(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work until it returns. An error that nobody foresaw is logged and the work begun again: a task that dies
    of one tells nobody, and what it did is missed by people only."""
    while True:
        try:
            return await work()
        except Exception:
            log.exception("broke_off", work=name)
            await asyncio.sleep(PAUSE)
