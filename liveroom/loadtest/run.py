"""The processes of a load test, started, listened to and ended. Knows no websocket and prints nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from liveroom.loadtest.figures import Figures

LINE_LIMIT = 1 << 24
"""The longest line of a child: its figures."""


@dataclass(frozen=True)
class Plan:
    """Against whom, how many, how much, how long."""

    host: str
    address: str
    port: int
    authority: str
    path: str
    tls: bool
    viewers: int
    seconds: float
    questions_per_second: float
    votes_per_second: float
    joins_per_second: float
    processes: int = 1
    deaf: int = 0
    cookie: str = ""
    key: str = ""
    insecure: bool = False

    def part(self, worker: int) -> dict[str, Any]:
        """What one of the processes does; the desk is in the first."""
        shares = {name: getattr(self, name) / self.processes for name in _SHARED}
        counts = {name: (getattr(self, name) + worker) // self.processes for name in ("viewers", "deaf")}
        desk = {"cookie": self.cookie if worker == 0 else ""}
        return {**asdict(self), **shares, **counts, **desk, "worker": worker}


_SHARED = ("questions_per_second", "votes_per_second", "joins_per_second")
Told = Callable[[str, dict[str, int]], None]
"""Hears the phase (joining, measuring, measured) and how many are connected, delivered to, dropped."""


async def run(plan: Plan, told: Told) -> Figures:
    """Play the session; what all processes measured together."""
    parts: list[dict[str, int]] = [{} for _ in range(plan.processes)]
    phases = ["joining"] * plan.processes

    def hear(worker: int, line: dict[str, Any]) -> None:
        phases[worker] = line.pop("phase", phases[worker])
        parts[worker].update(line)
        order = ("joining", "measuring", "measured")
        phase = min(phases, key=order.index)
        told(phase, {name: sum(part.get(name, 0) for part in parts) for name in ("connected", "deliveries", "dropped")})

    total = Figures()
    tasks = [asyncio.create_task(_worker(plan.part(n), partial(hear, n))) for n in range(plan.processes)]
    try:
        for figures in await asyncio.gather(*tasks):
            total.add(figures)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return total


async def _worker(part: dict[str, Any], hear: Callable[[dict[str, Any]], None]) -> Figures:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "liveroom.loadtest.crowd", json.dumps(part)),
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
    )
    try:
        if process.stdout is None:
            raise OSError("a process of the load test has no output")
        while line := await process.stdout.readline():
            said = json.loads(line)
            if "figures" in said:
                return Figures.read(said["figures"])
            hear(said)
        raise OSError("a process of the load test ended early")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
