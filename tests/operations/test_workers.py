"""`liveroom serve --workers N`: several processes on one port, started again when they die, ended together."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveroom.cli import workers
from tests.support.postgres import PostgresServer
from tests.support.topology import Served, Topology
from tests.support.valkey import Valkey

pytestmark = [pytest.mark.alone, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    postgres = PostgresServer()
    try:
        with Valkey.running() as valkey:
            topology = Topology(tmp_path_factory.mktemp("workers"), postgres, valkey)
            served = topology.served("site", "--workers=2").start()
            yield served.until_ready()
            served.stop()
    finally:
        postgres.close()


def children(served: Served) -> dict[int, int]:
    """Process identifiers by the workers' numbers, the newest of each."""
    return {int(n): int(pid) for pid, n in re.findall(r"worker_started\s+pid=(\d+) worker=(\d+)", served.log_text())}


async def until_all_tell(served: Served, count: int) -> str:
    """The figures, as soon as so many processes are in them."""
    async with asyncio.timeout(60):
        while True:
            try:
                answer = await asyncio.to_thread(urllib.request.urlopen, served.base + "/metrics", timeout=20)
                text = str(answer.read().decode())
                if len(set(re.findall(r'liveroom_sockets\{process="(\w+)"\}', text))) == count:
                    return text
            except OSError:
                pass
            await asyncio.sleep(0.1)


async def test_any_process_tells_the_figures_of_all(site: Served) -> None:
    text = await until_all_tell(site, 2)
    assert len(re.findall(r"^process_resident_memory_bytes\{", text, re.M)) == 2
    assert len(re.findall(r"^liveroom_media_viewers\{", text, re.M)) == 1, "media are at the first one alone"
    assert text.count("# TYPE liveroom_sockets ") == 1


async def test_a_dead_process_is_started_again_while_the_other_one_serves(site: Served, figures: list[str]) -> None:
    await until_all_tell(site, 2)
    before = children(site)
    for number in (2, 1):
        os.kill(before[number], signal.SIGKILL)
        began = time.monotonic()
        while children(site)[number] == before[number]:
            # A call that the dying process had taken is lost with it; the next one is answered.
            answered = [await asyncio.to_thread(site.is_ready) for _ in range(3)]
            assert any(answered), "the port is answered meanwhile"
            await asyncio.sleep(0.05)
        await until_all_tell(site, 2)
        figures.append(f"worker {number} killed: all processes are there again after {time.monotonic() - began:.1f} s")
    assert "worker_ended" in site.log_text()


async def test_every_line_of_the_log_tells_which_process_wrote_it(site: Served) -> None:
    lines = [line for line in site.log_text().splitlines() if re.match(r"\d{4}-\d\d-\d\dT", line)]
    assert lines
    assert [line for line in lines if not re.search(r"worker=\d", line)] == []


async def test_a_second_supervisor_does_not_get_the_port(site: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        workers.hold_port("127.0.0.1", site.port)


async def test_all_end_on_sigterm_in_time_and_with_status_0(site: Served) -> None:
    took = await asyncio.to_thread(site.stop)
    assert took < 20
    assert site.process.returncode == 0
    for pid in children(site).values():
        assert not Path(f"/proc/{pid}").exists()


async def test_nobody_is_left_behind_when_the_supervisor_is_killed(site: Served) -> None:
    await asyncio.to_thread(site.stop)
    await asyncio.to_thread(site.start().until_ready)
    pids = children(site).values()
    await asyncio.to_thread(site.kill)
    async with asyncio.timeout(60):
        while any(Path(f"/proc/{pid}").exists() for pid in pids):
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    "given",
    [{}, {"LIVEROOM_DATABASE": "postgresql://u:p@127.0.0.1:1/x"}, {"LIVEROOM_REDIS": "redis://127.0.0.1:1"}],
)
def test_what_is_missing_for_several_is_said_at_the_start(given: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "liveroom", "serve", "--workers=2", "--port=0"],
        env=os.environ | {"LIVEROOM_DATA": str(tmp_path)} | given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert re.search(r"liveroom: .*LIVEROOM_DATABASE.*\.$", done.stderr.strip())


def test_a_database_that_is_not_there_ends_the_start_with_status_2(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = free.getsockname()[1]
    given = {
        "LIVEROOM_DATABASE": f"postgresql://u:p@127.0.0.1:{nowhere}/x",
        "LIVEROOM_REDIS": f"redis://127.0.0.1:{nowhere}",
        "LIVEROOM_HOST": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "liveroom", "serve", "--workers=2", "--port=0", "--udp-port=0"],
        env=os.environ | {"LIVEROOM_DATA": str(tmp_path)} | given,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 2, done.stderr
    assert "liveroom: " in done.stderr
