"""The demo: whole from its first start on, also when that was interrupted."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.demo import Demo


def count(database: Path, table: str) -> int:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.Error:
        return 0


def heed_interrupts() -> None:
    """A shell lets what it starts in the background ignore them, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupt_first_start(data: Path, how: signal.Signals, table: str) -> None:
    """Start the demo and stop it as soon as the table has a row, wherever in the folder that is."""
    command = [sys.executable, "-m", "liveroom", "demo", "--host", "127.0.0.1", "--port", "0", "--udp-port", "0"]
    process = subprocess.Popen(
        [*command, "--json", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ,
        preexec_fn=heed_interrupts,
    )
    until = time.monotonic() + 60
    while not any(count(file, table) for file in data.rglob("*.sqlite3")):
        assert process.poll() is None, "it was furnished already"
        assert time.monotonic() < until
        time.sleep(0.005)
    process.send_signal(how)
    printed, _ = process.communicate(timeout=60)
    assert printed == b"", "it was furnished already"


def test_the_unit_that_answers_is_the_one_whose_work_it_is(tmp_path: Path) -> None:
    Demo(tmp_path / "data").start().stop()
    with closing(sqlite3.connect(tmp_path / "data" / "liveroom.sqlite3")) as connection:
        found = dict(connection.execute("SELECT title, unit FROM matters WHERE unit != '' AND kind = 'suggestion'"))
        by = connection.execute(
            "SELECT DISTINCT m.title, s.by FROM matter_steps s JOIN matters m ON m.id = s.matter "
            "WHERE m.kind = 'suggestion' AND json_extract(s.event, '$.what') IN ('accept', 'contact', 'reply')"
        ).fetchall()
    assert found == {"关于东礁岛海水淡化站扩容的建议": "shuiwu", "关于开通西屿夜间回岛航班的建议": "gangkou"}
    assert dict(by) == {"关于东礁岛海水淡化站扩容的建议": "shuiwu", "关于开通西屿夜间回岛航班的建议": "jiaotong"}


@pytest.mark.parametrize(
    ("how", "table"), [(signal.SIGINT, "units"), (signal.SIGKILL, "questions"), (signal.SIGINT, "matters")]
)
def test_a_first_start_that_is_interrupted_is_begun_again(tmp_path: Path, how: signal.Signals, table: str) -> None:
    data = tmp_path / "data"
    interrupt_first_start(data, how, table)
    demo = Demo(data).start()
    demo.stop()
    database = data / "liveroom.sqlite3"
    found = [count(database, name) for name in ("units", "rooms", "sessions", "questions", "matters")]
    assert found == [2, 1, 4, 20, 7]
    assert sorted(file.name for file in data.iterdir() if file.is_dir()) == []
    before = count(database, "feed")
    Demo(data).start().stop()
    assert count(database, "feed") == before, "nothing is made twice"
