"""`make bench`: what it costs a server to forward a packet to a viewer. Measures from outside, prints one table."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import janus
from benchmarks.machine import Used, facts, used
from benchmarks.servers import Janus, Liveroom, Server, Unrecorded
from benchmarks.traffic import PROFILES
from benchmarks.viewers import CONSENT_EVERY as MODES
from benchmarks.worker import Worker

WARM_UP = 2.5
STORM = 200
STORM_SECONDS = 5.0
SPREAD = 0.001
WAITED = 0.03
COMPLETE = 0.98
"""Below this share of packets that arrived, or that left the publisher in time, a round says so."""


@dataclass(frozen=True)
class Case:
    """What is measured: a server class under so many viewers with this traffic."""

    server: type[Server]
    viewers: int
    profile: str
    mode: str
    spread: bool

    @property
    def traffic(self) -> str:
        return f"{self.profile}{', spread' if self.spread else ''}, {self.mode}"


@dataclass(frozen=True)
class Round:
    """Figures of one run in seconds, but for the `micros` (µs of CPU a packet) and `memory` (KiB a viewer).

    `delivered` and `waited` are shares, of the packets and of the time.
    """

    user_micros: float
    system_micros: float
    delivered: float
    p50: float
    p99: float
    join: float
    memory: float
    waited: float
    notes: tuple[str, ...] = ()
    storm_p99: float | None = None

    @property
    def micros(self) -> float:
        return self.user_micros + self.system_micros


async def measure(case: Case, seconds: float, joins: bool) -> Round:
    """One server, from its start to its end."""
    profile = PROFILES[case.profile]
    async with (
        case.server() as server,
        Worker("benchmarks.publisher", first=True) as publisher,
        Worker("benchmarks.viewers") as crowd,
    ):
        await publisher.ask("open", target=server.publish)
        await crowd.ask(
            "open", target=server.watch, mode=case.mode, packets_per_second=case.viewers * profile.per_second
        )
        before = used(server.pid)
        joined = await crowd.ask("join", count=case.viewers)
        after = used(server.pid)
        await publisher.ask("play", profile=case.profile, spread=SPREAD if case.spread else 0.0)
        await asyncio.sleep(WARM_UP)
        await crowd.ask("begin")
        sent, cpu, arrived = await _count(publisher, server, crowd)
        await asyncio.sleep(seconds)
        sent_then, cpu_then, arrived_then = await _count(publisher, server, crowd)
        delays = sorted(arrived_then["delays"])
        packets = _packets(arrived, arrived_then)
        published = sent_then["sent"] - sent["sent"]
        present = case.viewers - joined["failed_joins"]
        notes = []
        if joined["failed_joins"]:
            notes.append(f"{joined['failed_joins']} viewers could not join")
        if published < COMPLETE * profile.per_second * seconds:
            notes.append("the publisher could not keep its pace")
        if packets < COMPLETE * published * present:
            notes.append(f"{1 - packets / (published * present):.1%} of the packets were lost")
        if arrived_then["damaged"] or arrived_then["closed"]:
            notes.append(f"{arrived_then['damaged']} packets damaged, {arrived_then['closed']} viewers sent away")
        waited = (cpu_then.waited - cpu.waited) / seconds
        if packets <= 0 or not delays:
            raise RuntimeError(f"{server.name} forwarded nothing")
        storm_p99 = None
        if joins:
            storm = await crowd.ask("join", count=STORM, within=STORM_SECONDS)
            storm_p99 = _quantile(sorted(storm["delays"]), 0.99)
            if storm["failed_joins"]:
                notes.append(f"{storm['failed_joins']} of {STORM} could not join in the rush")
        await crowd.ask("close")
        return Round(
            user_micros=(cpu_then.user - cpu.user) / packets * 1e6,
            system_micros=(cpu_then.system - cpu.system) / packets * 1e6,
            delivered=packets / (published * present),
            p50=_quantile(delays, 0.5),
            p99=_quantile(delays, 0.99),
            join=(after.cpu - before.cpu) / max(present, 1),
            memory=(cpu_then.resident - before.resident) / max(present, 1),
            waited=waited,
            notes=tuple(notes),
            storm_p99=storm_p99,
        )


def _packets(before: dict[str, Any], after: dict[str, Any]) -> float:
    """RTP packets that reached viewers in between. What the kernel dropped is counted, its kind known by the sample."""
    rtp, rtcp = after["rtp"] - before["rtp"], after["rtcp"] - before["rtcp"]
    return float(after["arrived"] - before["arrived"]) * rtp / (rtp + rtcp) if rtp else 0.0


async def _count(publisher: Worker, server: Server, crowd: Worker) -> tuple[dict[str, Any], Used, dict[str, Any]]:
    """What was sent, used and received so far, asked for within a few milliseconds."""
    sent = await publisher.ask("count")
    cpu = used(server.pid)
    return sent, cpu, await crowd.ask("count")


def _quantile(ordered: Sequence[int], share: float) -> float:
    """Seconds, out of nanoseconds in order."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e9 if ordered else float("nan")


def show(rounds: dict[Case, list[Round]], machine: Sequence[tuple[str, str]], console: Console) -> None:
    """Medians of the rounds, the CPU also from lowest to highest."""
    table = Table(title="CPU of the server process per forwarded packet", title_justify="left", pad_edge=False)
    stormy = any(figures.storm_p99 is not None for runs in rounds.values() for figures in runs)
    table.add_column("server")
    table.add_column("viewers", justify="right")
    table.add_column("traffic")
    for name in (
        "µs a packet",
        "lowest–highest",
        "user + kernel",
        "viewers a core",
        "delay p50, p99",
        "CPU a join",
        "memory a viewer",
    ):
        table.add_column(name, justify="right")
    if stormy:
        table.add_column(f"p99 while {STORM} join", justify="right")
    for case, runs in rounds.items():
        micros = [figures.micros for figures in runs]
        cost = statistics.median(micros)
        row = [
            case.server.name,
            str(case.viewers),
            case.traffic,
            f"[bold]{cost:.1f}[/bold]",
            f"{min(micros):.1f}–{max(micros):.1f}",
            f"{_median(runs, 'user_micros'):.1f} + {_median(runs, 'system_micros'):.1f}",
            f"{1e6 / (cost * PROFILES[case.profile].per_second):.0f}",
            f"{_median(runs, 'p50') * 1e3:.1f}, {_median(runs, 'p99') * 1e3:.1f} ms",
            f"{_median(runs, 'join') * 1e3:.1f} ms",
            f"{_median(runs, 'memory'):.0f} KiB",
        ]
        if stormy:
            row.append(f"{_median(runs, 'storm_p99') * 1e3:.1f} ms")
        table.add_row(*row)
    foot = [f"{name}: {value}" for name, value in machine]
    foot += _ratios(rounds)
    foot += [
        f"! {case.server.name}, {case.viewers} viewers, {case.traffic}: {note}"
        for case, runs in rounds.items()
        for note in _notes(runs)
    ]
    table.caption = "\n".join(foot)
    table.caption_justify = "left"
    console.print(table)


def _notes(runs: Sequence[Round]) -> list[str]:
    """What makes the figures of a case doubtful."""
    notes = list(dict.fromkeys(note for figures in runs for note in figures.notes))
    waited = max(figures.waited for figures in runs)
    if waited > WAITED:
        # Packets that pile up meanwhile share more system calls: the figure is better than it ought to be.
        notes.append(f"the server waited for a core for up to {waited:.0%} of the time, other work was going on")
    return notes


def _median(runs: Sequence[Round], name: str) -> float:
    return statistics.median(getattr(figures, name) for figures in runs)


def _ratios(rounds: dict[Case, list[Round]]) -> list[str]:
    """Our median over the other server's, and over our own when the packets of a frame come at once."""
    lines = []
    for case, runs in rounds.items():
        for other, others in rounds.items():
            ratio = f"{_median(runs, 'micros') / _median(others, 'micros'):.2f}"
            if case.server is Liveroom and other == replace(case, server=other.server) != case:
                lines.append(
                    f"{case.server.name} / {other.server.name}, {case.viewers} viewers, {case.traffic}: {ratio}"
                )
            elif case.spread and other == replace(case, spread=False):
                lines.append(f"spread / at once, {case.server.name}, {case.viewers} viewers, {case.profile}: {ratio}")
    return lines


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.relay", description=__doc__)
    parser.add_argument("--viewers", type=int, nargs="+", default=[100], metavar="N", help="default: 100")
    parser.add_argument("--profile", nargs="+", choices=PROFILES, default=["lecture"], help="default: lecture")
    parser.add_argument(
        "--mode", nargs="+", choices=MODES, default=["silent"], help="whether viewers report (default: silent)"
    )
    parser.add_argument(
        "--spread", action="store_true", help="measure also with the packets of a frame 1 ms apart, as on real uplinks"
    )
    parser.add_argument("--seconds", type=float, default=12.0, help="length of a measurement (default: 12)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each case, in turn (default: 3)")
    parser.add_argument(
        "--against", choices=["janus"], help="measure another server in the same run, in turn with ours"
    )
    parser.add_argument("--unrecorded", action="store_true", help="measure also, in turn, what it costs unrecorded")
    parser.add_argument(
        "--joins", action="store_true", help=f"afterwards {STORM} more viewers join within {STORM_SECONDS:.0f} seconds"
    )
    return parser.parse_args(arguments)


async def _run(
    options: argparse.Namespace, servers: Sequence[type[Server]], progress: Console
) -> dict[Case, list[Round]]:
    rounds: dict[Case, list[Round]] = {
        Case(server, viewers, profile, mode, spread): []
        for viewers in options.viewers
        for profile in options.profile
        for mode in options.mode
        for spread in ([False, True] if options.spread else [False])
        for server in servers
    }
    for number in range(1, options.rounds + 1):
        for case, runs in rounds.items():
            figures = await measure(case, options.seconds, options.joins)
            runs.append(figures)
            progress.print(
                f"round {number}/{options.rounds}: {case.server.name}, {case.viewers} viewers, {case.traffic}: "
                f"{figures.micros:.1f} µs, {figures.delivered:.1%} of the packets arrived",
                highlight=False,
                soft_wrap=True,
            )
    return rounds


def main() -> None:
    options = _options(sys.argv[1:])
    progress = Console(stderr=True)
    servers: list[type[Server]] = [Liveroom, *([Unrecorded] if options.unrecorded else [])]
    machine = facts()
    missing = janus.missing() if options.against else ""
    if missing:
        progress.print(f"{missing}: only liveroom is measured.")
    elif options.against:
        servers.append(Janus)
        machine.append(("janus", janus.version()))
    rounds = asyncio.run(_run(options, servers, progress))
    console = Console()
    show(rounds, machine, console if console.is_terminal else Console(width=170))


if __name__ == "__main__":
    main()
