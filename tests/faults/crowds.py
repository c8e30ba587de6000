"""What is done by crowds: links that are cut at random, sockets that read nothing, devices made by a script."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp

from liveroom.server import keys
from tests.support.demo import Demo
from tests.support.pages import drop_at_random
from tests.support.world import Wire, World

KEY, EQUAL_WITHIN, MOST_OF_A_NETWORK = "faults", 2.0, 30


def drops(folder: Path, pages: int = 300, rounds: int = 5) -> list[str]:
    """One page after another loses its link without a goodbye."""
    demo = Demo(folder / "data", environment={"LIVEROOM_LOADTEST_KEY": KEY}).start()
    try:
        found = asyncio.run(drop_at_random(demo["socket"], demo["desk"], KEY, pages, rounds, 0.02))
    finally:
        demo.stop()
    missed = found.seconds > EQUAL_WITHIN
    return [found.told, *([f"MISSED: within {EQUAL_WITHIN:.0f} s"] if missed else [])]


def deaf(folder: Path, viewers: int = 1000, silent: int = 200, seconds: int = 20) -> list[str]:
    """The others' delivery, with and without those that read nothing."""
    lines = []
    for count in (0, silent):
        demo = Demo(folder / f"data-{count}", environment={"LIVEROOM_LOADTEST_KEY": KEY}).start()
        try:
            options = f"--viewers {viewers} --deaf {count} --questions-per-second 3 --votes-per-second 30"
            done = subprocess.run(
                [sys.executable, "-m", "liveroom", "loadtest", "--url", demo["room"], "--desk", demo["desk"], "--json",
                 *options.split(), "--seconds", str(seconds)],
                capture_output=True,
                text=True,
                env=os.environ | {"LIVEROOM_LOADTEST_KEY": KEY},
            )  # fmt: skip
            found: dict[str, Any] = json.loads(done.stdout)
        finally:
            demo.stop()
        lines.append(
            f"{count} of {viewers:,} sockets read nothing: the others' delivery {found['delivery']}, "
            f"{found['dropped']} of them dropped"
        )
        assert (found["connected"], found["dropped"]) == (viewers, 0), lines
    return lines


def devices(folder: Path, fresh: int = 5000, votes: int = 1000) -> list[str]:
    """A script of one device, then, against other records, a script that makes devices."""
    return [asyncio.run(_one_device(folder / "one", votes)), asyncio.run(_fresh_devices(folder / "fresh", fresh))]


async def _one_device(folder: Path, votes: int) -> str:
    world = await World.make(folder)
    try:
        question = await _published(world)
        client = await world.visitor()
        await (await client.get("/rooms/r")).read()
        script = await Wire.open(client)
        answers = Counter(
            answer.get("code", answer["type"])
            for answer in [await script.wish(type="second", question=question) for _ in range(votes)]
        )
        counted = await _counted(world, question)
        line = f"{votes:,} votes of one device: {counted} counted; answers {dict(answers)}"
        assert counted == 1, line
        return line
    finally:
        await world.close()


async def _fresh_devices(folder: Path, fresh: int) -> str:
    world = await World.make(folder)
    try:
        question = await _published(world)
        address = f"http://{world.server.host}:{world.server.port}/rooms/r/socket"
        answers: Counter[str] = Counter()
        began = time.monotonic()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=20)) as client:

            async def vote() -> None:
                # Without a cookie each connection is a device of its own.
                async with client.ws_connect(address) as socket:
                    await socket.send_json({"type": "second", "id": 1, "question": question})
                    answer = await socket.receive_json(timeout=60)
                    answers[answer.get("code", answer["type"])] += 1

            for start in range(0, fresh, 20):
                await asyncio.gather(*(vote() for _ in range(min(20, fresh - start))))
        took, counted = time.monotonic() - began, await _counted(world, question)
        flagged = world.app[keys.NEWCOMERS].flagged
        line = (
            f"{fresh:,} fresh devices of one network in {took:.0f} s: {counted} counted, flagged {flagged} time(s); "
            f"answers {dict(answers)}"
        )
        # Those of the first minute, and as many again for each minute that the machine took beyond it.
        assert MOST_OF_A_NETWORK <= counted <= MOST_OF_A_NETWORK * (1 + took // 60), line
        assert flagged == 1 + int(took // 600), line
        return line
    finally:
        await world.close()


async def _published(world: World) -> str:
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("lead"), "desk")
    question = str((await asker.ask("为什么？"))["id"])
    assert (await desk.wish(type="publish", question=question))["type"] == "done"
    return question


async def _counted(world: World, question: str) -> int:
    return (await world.app[keys.RECORDS].votes(world.session)).get(question, 0)


FAULTS = {"drops": drops, "deaf": deaf, "devices": devices}
