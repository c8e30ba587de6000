"""Work in the background outlives an error that nobody foresaw."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from liveroom import background
from liveroom.background import keep_running


async def test_what_breaks_is_told_and_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PAUSE", 0.0)
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ValueError("nobody foresaw this")

    with capture_logs() as logs:
        await keep_running("counting", work)
    assert begun == 3
    assert [(line["event"], line["work"]) for line in logs] == [("broke_off", "counting")] * 2


async def test_what_is_cancelled_ends() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    going = asyncio.create_task(keep_running("waiting", wait))
    await asyncio.sleep(0)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
