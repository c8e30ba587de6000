"""`make bench-crowd`: what a room with ten thousand open sockets costs, beside a bare send loop. Prints one table."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from benchmarks.machine import Used, facts, go_first, used
from benchmarks.servers import Liveroom, Server
from liveroom.loadtest.command import sign_in
from liveroom.loadtest.figures import Figures
from liveroom.loadtest.run import Plan, run

KEY = "benchmark"


class Room(Liveroom):
    """`liveroom demo`, which knows the load test's key and lets one room be asked enough."""

    async def _start(self) -> None:
        os.environ |= {"LIVEROOM_LOADTEST_KEY": KEY, "LIVEROOM_ASK_PER_MINUTE": "6000"}
        await super()._start()


class Bare(Server):
    """`benchmarks.bare_loop`: aiohttp and nothing else."""

    name = "bare loop"

    def __init__(self, size: int, per_second: float) -> None:
        self._arguments = [str(size), str(per_second)]

    async def _start(self) -> None:
        command = (sys.executable, "-m", "benchmarks.bare_loop", *self._arguments)
        process = await self._run(*command, output=asyncio.subprocess.PIPE)
        if process.stdout is None:
            raise OSError("no standard output")
        port = int(await process.stdout.readline())
        self.addresses = {"room": f"http://127.0.0.1:{port}/rooms/bare"}


class Watched:
    """The server's CPU and memory from the first measured second to the last."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.began: Used | None = None
        self.ended: Used | None = None
        self.most = 0
        self.idle = used(pid).resident

    def hear(self, phase: str, _counts: dict[str, int]) -> None:
        now = used(self.pid)
        self.most = max(self.most, now.resident)
        if phase == "measuring" and self.began is None:
            self.began = now
        if phase == "measured" and self.ended is None:
            self.ended = now

    @property
    def cpu(self) -> float:
        return self.ended.cpu - self.began.cpu if self.began and self.ended else 0.0


async def measure(server: Server, options: argparse.Namespace, **more: Any) -> tuple[Figures, Watched]:
    """Play a session against a server that is started for it and ended."""
    async with server:
        room = server.addresses["room"]
        authority, _, path = room.removeprefix("http://").partition("/")
        desk = server.addresses.get("desk")
        plan = Plan(
            host="127.0.0.1",
            address="127.0.0.1",
            port=int(authority.rpartition(":")[2]),
            authority=authority,
            path=f"/{path}/socket",
            tls=False,
            viewers=options.viewers,
            seconds=options.seconds,
            questions_per_second=more.get("questions", 0.0),
            votes_per_second=more.get("votes", 0.0),
            joins_per_second=options.joins,
            deaf=more.get("deaf", 0),
            cookie=sign_in(desk, urlsplit(room), insecure=False) if desk else "",
            key=KEY,
        )
        watched = Watched(server.pid)
        return await run(plan, watched.hear), watched


def _table(rows: Sequence[tuple[str, Figures, Watched, float]], bare: float) -> Table:
    table = Table(title="a queue for many")
    for column in ("", *(name for name, *_ in rows)):
        table.add_column(column)
    lines: list[tuple[str, list[str]]] = [
        ("connected", [f"{f.connected} of {f.wanted} in {f.connecting_seconds:.1f} s" for _, f, _, _ in rows]),
        ("deliveries a second", [f"{f.deliveries / seconds:.0f}" for _, f, _, seconds in rows]),
        ("delivery p50, p99", [_pair(f.delivery) for _, f, _, _ in rows]),
        ("question acknowledged p50, p99", [_pair(f.asking) for _, f, _, _ in rows]),
        ("vote acknowledged p50, p99", [_pair(f.voting) for _, f, _, _ in rows]),
        ("questions, votes a second", [f"{f.asking.total / s:.1f}, {f.voting.total / s:.0f}" for _, f, _, s in rows]),
        ("dropped, unanswered, refused", [f"{f.dropped}, {f.unanswered}, {f.refusals.total()}" for _, f, _, _ in rows]),
        ("memory before, most", [f"{w.idle / 1024:.0f}, {w.most / 1024:.0f} MiB" for _, _, w, _ in rows]),
        ("CPU of the server", [f"{w.cpu / seconds:.0%}" for _, _, w, seconds in rows]),
        ("CPU a delivery", [f"{_micros(f, w):.1f} µs ({_micros(f, w) / bare:.2f}×)" for _, f, w, _ in rows]),
    ]
    for name, cells in lines:
        table.add_row(name, *cells)
    return table


def _pair(delays: Any) -> str:
    return f"{delays.quantile(0.5)}, {delays.quantile(0.99)} ms" if delays.total else "—"


def _micros(figures: Figures, watched: Watched) -> float:
    return watched.cpu / max(1, figures.deliveries) * 1e6


async def _main(options: argparse.Namespace) -> None:
    rows: list[tuple[str, Figures, Watched, float]] = []
    room, watched = await measure(Room(), options, questions=options.questions, votes=options.votes)
    rows.append(("room", room, watched, options.seconds))
    if options.deaf:
        deaf = await measure(Room(), options, questions=options.questions, votes=options.votes, deaf=options.deaf)
        rows.append((f"room, {options.deaf} read nothing", *deaf, options.seconds))
    # As large and as often as the room's own messages were.
    size, rate = room.bytes // max(1, room.deliveries), room.deliveries / options.seconds / max(1, room.connected)
    bare, alone = await measure(Bare(size, rate), options)
    rows.append(("bare loop", bare, alone, options.seconds))
    console = Console(width=120)
    console.print(_table(rows, _micros(bare, alone)))
    for name, value in facts():
        console.print(f"{name}: {value}", style="dim")
    console.print(
        f"messages: {size} B, {rate:.1f} a second and viewer; load after: {os.getloadavg()[0]:.1f}", style="dim"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__)
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--questions", type=float, default=5.0, help="a second")
    parser.add_argument("--votes", type=float, default=300.0, help="a second")
    parser.add_argument("--joins", type=float, default=400.0, help="a second")
    parser.add_argument("--deaf", type=int, default=0, help="viewers that read nothing, in a second run")
    go_first()  # the crowd, too: who waits for a core measures the waiting
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
