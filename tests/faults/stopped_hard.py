"""What is done to a server and to its database while people ask, vote and moderate: both are stopped hard."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.machine import used
from liveroom.settings import Settings
from tests.support.command import liveroom
from tests.support.crew import Crew, account
from tests.support.postgres import PostgresServer
from tests.support.topology import SESSION, Served, furnish, sign_in_link

STOPS, COMMANDS, LONGEST = 50, 20_000, 900.0
"""How often, until how much was acknowledged, and after how many seconds it is enough in any case."""

READY_WITHIN = 2.0
KEY = "faults"


def served(folder: Path, settings: Settings) -> Served:
    """A server whose limits let a few devices be a crowd."""
    environment = {
        "LIVEROOM_HOST": "127.0.0.1",
        "LIVEROOM_DATA": str(settings.data),
        "LIVEROOM_DATABASE": settings.database,
        "LIVEROOM_ASK_PER_MINUTE": "100000",
        "LIVEROOM_NEW_DEVICE_VOTES_PER_MINUTE": "100000",
        "LIVEROOM_LOADTEST_KEY": KEY,
    }
    return Served(folder, environment, "server")


async def stopped(crew: Crew, server: Served, link: str, stop_and_start: Callable[[], float]) -> list[float]:
    """At random points, spread over all the commands; how many seconds it took to be ready again, each time."""
    chance, stop, took = random.Random(), asyncio.Event(), []
    until = time.monotonic() + LONGEST
    working = asyncio.create_task(crew.work(server.base, link, stop))

    async def acknowledged(count: int) -> None:
        while crew.acknowledged < count and time.monotonic() < until and not working.done():
            await asyncio.sleep(0.01)

    for number in range(STOPS):
        await acknowledged(round((number + chance.random()) * COMMANDS / (STOPS + 1)))
        if time.monotonic() > until or working.done():
            break
        await asyncio.sleep(chance.random() * 0.05)
        took.append(await asyncio.to_thread(stop_and_start))
    await acknowledged(COMMANDS)
    stop.set()
    await working
    return took


def told(what: str, crew: Crew, took: list[float], settings: Settings) -> list[str]:
    """The line of figures; raises where one misses its bar."""
    found = asyncio.run(account(crew, settings, SESSION))
    verified = liveroom("audit", "verify", LIVEROOM_DATA=str(settings.data), LIVEROOM_DATABASE=settings.database)
    whole = "the log is whole" if verified.returncode == 0 else verified.stdout + verified.stderr
    assert took, "stopped not once: nothing was acknowledged"
    took = sorted(took)
    lines = [
        f"{what} {len(took)} times: {found.told}; {whole}; ready after {took[len(took) // 2]:.2f} s (median), "
        f"{took[-1]:.2f} s at most; {crew.told_to_wait} times told to try again"
    ]
    print("  " + lines[0], flush=True)
    if crew.unexpected:
        print(crew.unexpected[:3])
    assert found.holds, lines
    assert verified.returncode == 0, lines
    if found.acknowledged < COMMANDS or len(took) < STOPS:
        lines.append(f"given up after {LONGEST:.0f} s: fewer than {COMMANDS:,} commands or {STOPS} stops")
    if took[-1] > READY_WITHIN:
        lines.append(f"MISSED: ready within {READY_WITHIN:.0f} s, {sum(t > READY_WITHIN for t in took)} times not")
    return lines


def kills(folder: Path) -> list[str]:
    """`kill -9` of the one process on SQLite."""
    settings, crew = Settings(data=folder / "data"), Crew(KEY)
    asyncio.run(furnish(settings))
    link = asyncio.run(sign_in_link(settings, "moderator"))
    server = served(folder, settings).start().until_ready()
    cpu = []

    def kill() -> float:
        server.kill()
        began = time.monotonic()
        server.start().until_ready()
        cpu.append(used(server.process.pid).cpu)
        return time.monotonic() - began

    try:
        took = asyncio.run(stopped(crew, server, link, kill))
    finally:
        server.stop()
    lines = told("`kill -9`", crew, took, settings)
    return [*lines, f"until ready {median(cpu):.2f} s of CPU (median), {max(cpu):.2f} s at most; the rest is waiting"]


def the_database_stops(folder: Path) -> list[str]:
    """PostgreSQL without a goodbye (`pg_ctl -m immediate`), under a process that stays."""
    postgres, crew = PostgresServer(), Crew(KEY)
    try:
        settings = Settings(data=folder / "data", database=postgres.fresh())
        asyncio.run(furnish(settings))
        link = asyncio.run(sign_in_link(settings, "moderator"))
        server = served(folder, settings).start().until_ready()

        def stop() -> float:
            postgres.stop("immediate")
            postgres.start()
            began = time.monotonic()
            server.until_ready()
            return time.monotonic() - began

        try:
            took = asyncio.run(stopped(crew, server, link, stop))
        finally:
            server.stop()
        return told("PostgreSQL stopped hard", crew, took, settings)
    finally:
        postgres.close()


FAULTS = {"kills": kills, "postgres": the_database_stops}
