"""What is done to two processes that share a session: Redis goes away, or one of the two does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.crowd import Crowd
from tests.support.postgres import PostgresServer
from tests.support.topology import Front, Page, Served, Topology
from tests.support.valkey import Valkey

LAG, BACK_WITHIN = 2.0, 15.0


@contextlib.contextmanager
def two(folder: Path) -> Iterator[tuple[Topology, Served, Served]]:
    """The topology and its processes, ready."""
    postgres = PostgresServer()
    try:
        with Valkey.running() as valkey:
            topology = Topology(folder, postgres, valkey)
            pair = topology.served("first"), topology.served("second", LIVEROOM_MEDIA="0")
            for served in pair:
                served.start()
            for served in pair:
                served.until_ready()
            try:
                yield topology, *pair
            finally:
                for served in pair:
                    served.stop()
    finally:
        postgres.close()


async def ask_through(
    topology: Topology, first: Served, second: Served, fault: Callable[[], Coroutine[Any, Any, None]]
) -> tuple[int, int, float]:
    """Ask at one process without pause while the fault lasts and 5 s longer: acknowledged, lost, the longest lag."""
    asker = await Page.open(first.base)
    desk = await Page.open(second.base, "desk", await topology.link("moderator"))
    asked, lags = [], []
    ends_at: float | None = None
    doing = asyncio.create_task(fault())
    while ends_at is None or time.monotonic() < ends_at:
        question = (await asker.ask(f"第 {len(asked)} 问"))["id"]
        asked.append(question)
        lags.append(await desk.sees(question))
        if ends_at is None and doing.done():
            ends_at = time.monotonic() + 5
    await doing
    await desk.connect("desk")
    kept = {question["id"] for question in desk.heard[-1]["questions"]}
    for page in (asker, desk):
        await page.close()
    return len(asked), len(set(asked) - kept), max(lags)


def redis_goes_away(folder: Path) -> list[str]:
    """Killed for 1, 8 and 60 s, frozen for 30 s, flushed."""
    lines = []
    with two(folder) as (topology, first, second):
        valkey = topology.valkey

        async def killed(seconds: float) -> None:
            await asyncio.to_thread(valkey.kill)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(valkey.start)

        async def frozen(seconds: float) -> None:
            valkey.freeze()
            await asyncio.sleep(seconds)
            valkey.thaw()

        async def flushed(seconds: float) -> None:
            await asyncio.to_thread(valkey.do, "FLUSHALL")
            await asyncio.sleep(seconds)

        for does, seconds in ((killed, 1), (killed, 8), (killed, 60), (frozen, 30), (flushed, 5)):
            asked, lost, lag = asyncio.run(ask_through(topology, first, second, partial(does, seconds)))
            what = f"{does.__name__} for {seconds} s" if does is not flushed else "flushed"
            lines.append(f"Redis {what}: {asked} acknowledged, {lost} lost, the other process lags {lag:.2f} s at most")
            assert lost == 0, lines
            assert lag <= LAG, lines
    return lines


def a_process_is_killed(folder: Path, size: int = 1000) -> list[str]:
    """One of two, under a crowd that is spread over both."""

    async def kill(first: Served, second: Served) -> float:
        async with Front(first.port, second.port) as front:
            crowd = Crowd(front.base, size)
            await crowd.gather()
            killed_at = time.monotonic()
            await asyncio.to_thread(second.kill)
            took = await crowd.until_back(killed_at, 0.4, 0.99, 120)
            watcher = await Page.open(first.base)
            await watcher.until(lambda m: m["type"] == "counts" and m["viewers"] >= size, 30)
            await watcher.close()
            await crowd.leave()
        return took

    with two(folder) as (_topology, first, second):
        took = asyncio.run(kill(first, second))
    assert took <= BACK_WITHIN
    return [f"one of two processes killed under {size} sockets: 99 % are back at the other one after {took:.1f} s"]


FAULTS = {"redis": redis_goes_away, "process": a_process_is_killed}
