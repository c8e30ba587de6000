"""How long `liveroom serve` takes until it is ready, after `kill -9`: with few records and with many.

python -m benchmarks.starting                          # this checkout
python -m benchmarks.starting --beside ../before       # another checkout takes turns with it
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.machine import used
from liveroom import clock, ids
from liveroom.ports.rooms import Vote
from liveroom.qa.events import AnyEvent, QuestionAsked, QuestionPublished
from liveroom.rooms.roles import SYSTEM
from liveroom.rooms.room import Room
from liveroom.rooms.session import CameBack, Session, SessionScheduled, WentLive
from liveroom.settings import Settings
from liveroom.storage.opening import opened
from liveroom.storage.records import SqlRecords

ROOT = Path(__file__).resolve().parents[1]
READY = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE, LOOK_EVERY = 60.0, 0.005
AT_ONCE = 4_000
WORDS = ("轮渡", "停航", "码头", "候船", "补贴", "医保", "路灯", "水管", "垃圾", "渔船", "学校", "养老")


async def furnish(settings: Settings, questions: int) -> None:
    """One room with a session: so many questions, all of them published, and a vote for each."""
    database = await opened(settings)
    try:
        records = await SqlRecords.open(database)
        await records.add_room(Room("r", "直播间"))
        now = clock.now()
        planned = SessionScheduled("主题", now, ("deputy",))
        await records.add_session(Session("s", "r", "主题", now, ("deputy",)), planned, SYSTEM, now)
        sitting = await records.load("s")
        for first in range(0, questions, AT_ONCE):
            events: list[AnyEvent] = []
            for number in range(first, min(first + AT_ONCE, questions)):
                text = f"第 {number} 问：{WORDS[number % 12]}和{WORDS[number // 12 % 12]}的事，今年能不能解决？"
                asked = QuestionAsked(
                    f"q{number}", f"L{number}", ids.new_tracking_code(), ids.new_id(), f"d{number}", text, "", "", now
                )
                events += [asked, QuestionPublished(f"q{number}")]
            sitting = await records.save(sitting, events, SYSTEM, now)
            await records.second_all([Vote("s", event.question, "v", now) for event in events[::2]])
    finally:
        await database.close()


async def go_live(settings: Settings) -> None:
    """As a process leaves it that is killed in the middle of a broadcast."""
    database = await opened(settings)
    try:
        sitting = await (records := await SqlRecords.open(database)).load("s")
        now = clock.now()
        went = WentLive(now) if sitting.session.started_at is None else CameBack(now)
        await records.save(sitting, [went], SYSTEM, now)
    finally:
        await database.close()


@contextlib.contextmanager
def started(tree: Path, data: Path) -> Iterator[tuple[float, float]]:
    """Seconds from the start of the process until it is ready, and the CPU time that it used for that; then killed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = f"-m liveroom serve --host 127.0.0.1 --port {port} --udp-port 0 --data".split()
    log = data.with_name("log")
    began = time.monotonic()
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, *command, str(data)], cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)}, stderr=written
        )
    try:
        while not _ready(port):
            if process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise RuntimeError(f"{tree} does not get ready: {log.read_text()[-2000:]}")
            time.sleep(LOOK_EVERY)
        yield time.monotonic() - began, used(process.pid).cpu
    finally:
        process.kill()
        process.wait()


def _ready(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
            wire.sendall(READY)
            return b" 200 " in wire.recv(64)
    except OSError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.starting")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--questions", type=int, nargs="*", default=[0, 20_000])
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="other checkouts")
    options = parser.parse_args()
    trees = [*(tree.resolve() for tree in options.beside), ROOT]
    for questions in options.questions:
        taken: dict[Path, list[tuple[float, float]]] = {tree: [] for tree in trees}
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data=Path(folder) / "data")
            asyncio.run(furnish(settings, questions))
            for tree in trees * (1 + options.rounds):
                asyncio.run(go_live(settings))
                # The first start of each is not counted: it compiles, and warms the files.
                with started(tree, settings.data) as found:
                    taken[tree].append(found)
        for tree, both in taken.items():
            seconds, cpu = zip(*both[1:], strict=True)
            print(
                f"{questions:,} questions, {tree}: ready after {median(seconds):.2f} s "
                f"({min(seconds):.2f} to {max(seconds):.2f}), {median(cpu):.2f} s of CPU",
                flush=True,
            )


if __name__ == "__main__":
    main()
