"""`liveroom loadtest` against a real server, and the crowd's promises in their short form."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from websockets.frames import Frame, Opcode

from liveroom.loadtest import wire
from liveroom.loadtest.command import loadtest
from liveroom.loadtest.figures import Delays, Figures
from liveroom.loadtest.run import Plan
from tests.support.demo import Demo
from tests.support.pages import drop_at_random

pytestmark = pytest.mark.timeout(240)
KEY = "of this test"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    started = Demo(tmp_path / "data", environment={"LIVEROOM_LOADTEST_KEY": KEY}).start()
    yield started
    started.stop()


def options_of(viewers: int, questions: int, votes: int, seconds: int, processes: int = 1, deaf: int = 0) -> list[str]:
    command = f"--viewers {viewers} --questions-per-second {questions} --votes-per-second {votes} --seconds {seconds}"
    return f"{command} --processes {processes} --deaf {deaf}".split()


def play(demo: Demo, *options: str, key: str = KEY) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "liveroom", "loadtest", "--url", demo["room"], "--json", *options],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LIVEROOM_LOADTEST_KEY": key},
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_an_audience_is_played_in_two_processes_and_everything_is_counted(demo: Demo, figures: list[str]) -> None:
    options = [
        "--viewers",
        "60",
        "--questions-per-second",
        "4",
        "--votes-per-second",
        "40",
        "--seconds",
        "4",
        "--processes",
        "2",
    ]
    # As `liveroom user link` prints it where the site has no public address.
    status, found = play(demo, *options, "--desk", urlsplit(demo["desk"]).path)
    figures.append(f"60 viewers: delivery {found['delivery']}, questions {found['asking']}, votes {found['voting']}")
    assert (found["connected"], found["dropped"], found["unanswered"]) == (60, 0, 0)
    assert found["asking"]["n"] == found["asked"] >= 14
    assert found["published"] >= 1
    assert found["voting"]["n"] >= 1
    assert found["deliveries"] >= 60 * 4
    assert set(found["refusals"]) <= {"second: own_question"}
    assert status == (1 if found["refusals"] else 0)


def test_without_the_key_one_machine_meets_the_limits_of_one_network(demo: Demo) -> None:
    options = options_of(viewers=20, questions=3, votes=40, seconds=4)
    status, found = play(demo, *options, "--desk", demo["desk"], key="")
    assert status == 1
    assert found["refusals"]["second: slow_down"] > 0
    # Answers are more: a vote that is there already is no new one.
    with urllib.request.urlopen(f"{demo['home'].rstrip('/')}/metrics", timeout=10) as metrics:
        kept = re.search(r"^liveroom_votes_kept (\S+)$", metrics.read().decode(), re.MULTILINE)
    assert kept is not None
    assert 0 < float(kept[1]) <= 30


def test_nobody_else_reads_worse_when_some_read_nothing(demo: Demo, figures: list[str]) -> None:
    """The short form of 200 of 1,000; the long one is `make faults ARGS=deaf`."""
    options = [
        "--viewers",
        "100",
        "--deaf",
        "20",
        "--questions-per-second",
        "3",
        "--votes-per-second",
        "30",
        "--seconds",
        "5",
    ]
    _, found = play(demo, *options, "--desk", demo["desk"])
    figures.append(f"20 of 100 read nothing: the others' delivery {found['delivery']}")
    assert (found["connected"], found["dropped"]) == (100, 0)
    assert found["deliveries"] >= 80 * 5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--url", "http://8.8.8.8/rooms/r"], "yes-it-is-mine"),
        (["--url", "http://127.0.0.1:1/elsewhere"], "address of a room"),
        (["--url", "ftp://127.0.0.1/rooms/r"], "address of a room"),
        (["--url", "http://127.0.0.1:99999/rooms/r"], "leads nowhere"),
        (["--url", "http://127.0.0.1/rooms/r", "--viewers", "1000000"], "50000"),
        (["--url", "http://127.0.0.1/rooms/r", "--seconds", "100000"], "3600"),
        (["--url", "http://127.0.0.1/rooms/r", "--desk", "http://127.0.0.2/sign-in/x"], "same site"),
    ],
)
def test_it_refuses_servers_of_others_and_has_bounds(options: list[str], words: str) -> None:
    done = CliRunner().invoke(loadtest, options)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_its_frames_are_what_another_library_reads() -> None:
    for size in (0, 5, 125, 126, 3000):
        text = b"x" * size
        head = wire.frame(text)
        assert head.endswith(text)
        assert head[1] & 0x80, "a client's frames are masked"
    whole = b"".join(Frame(Opcode.TEXT, b"y" * size).serialize(mask=False) for size in (0, 126, 70_000))
    assert [len(content) for _, content, _ in wire.frames(whole + b"\x81")] == [0, 126, 70_000]
    assert wire.status(b"HTTP/1.1 101 Switching\r\n\r\nrest") == (101, 26)
    assert wire.status(b"HTTP/1.1 101") is None


def test_figures_of_several_processes_are_added_and_survive_a_line_of_json() -> None:
    one, two = Figures(connected=1, connecting_seconds=3), Figures(connected=2, connecting_seconds=2)
    for milliseconds in range(100):
        (one if milliseconds % 2 else two).delivery.add(milliseconds)
    one.add(Figures.read(json.loads(json.dumps(two.plain()))))
    assert (one.connected, one.connecting_seconds) == (3, 3)
    assert (one.delivery.quantile(0.5), one.delivery.quantile(0.99), Delays().quantile(0.5)) == (49, 98, None)


def test_the_processes_share_all_of_the_plan() -> None:
    plan = Plan("h", "127.0.0.1", 1, "h", "/", False, 10, 1, 4, 8, 100, processes=3, deaf=4, cookie="c")
    parts = [plan.part(worker) for worker in range(3)]
    assert sum(part["viewers"] for part in parts) == 10
    assert sum(part["deaf"] for part in parts) == 4
    assert [bool(part["cookie"]) for part in parts] == [True, False, False]


async def test_pages_that_were_dropped_at_random_end_with_the_servers_state(demo: Demo, figures: list[str]) -> None:
    """The short form of 300 pages and 5,000 commands."""
    found = await drop_at_random(demo["socket"], demo["desk"], KEY, pages=30, rounds=2)
    figures.append(found.told)
    assert found.questions >= 30
