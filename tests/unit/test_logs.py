"""What reaches the log, tried in a process of its own: setting up is for a whole process."""

import json
import subprocess
import sys
from pathlib import Path

CALLER = """
import asyncio, logging, structlog
from liveroom import logs
logs.set_up("json")
log = structlog.get_logger()
"""


def logged(script: str) -> list[dict[str, str]]:
    found = subprocess.run([sys.executable, "-c", CALLER + script], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    return [json.loads(line) for line in found.stderr.splitlines()]


def test_an_error_is_told_by_kind_and_place_without_its_words() -> None:
    (line,) = logged("""
def deep():
    int("phone 13800138000")
try:
    try:
        deep()
    except ValueError as error:
        raise KeyError("code ABCD-EFGH-JKLM-N") from error
except KeyError:
    log.exception("failed", route="/track/{code}", token="secret-token")
""")
    assert line["event"] == "failed"
    assert line["route"] == "/track/{code}"
    assert "builtins.KeyError" in line["exception"]
    assert "builtins.ValueError" in line["exception"]
    assert "in deep" in line["exception"]
    for private in ("13800138000", "ABCD", "secret-token"):
        assert private not in json.dumps(line)


def test_lines_of_libraries_come_without_values_and_tracebacks() -> None:
    first, second = logged("""
try:
    raise ValueError("from 203.0.113.77")
except ValueError:
    logging.getLogger("aiohttp.server").exception("Error handling request from %s %(x)d", "203.0.113.77")
async def main():
    async def fail():
        raise RuntimeError("phone 13800138000")
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(main())
""")
    assert first["event"] == "Error handling request from … …"
    assert (first["logger"], first["error"]) == ("aiohttp.server", "builtins.ValueError")
    assert second["event"] == "Task exception was never retrieved"
    for private in ("203.0.113.77", "13800138000", "Traceback"):
        assert private not in json.dumps([first, second])


def test_equal_lines_are_counted_and_not_written() -> None:
    lines = logged("""
for n in range(1000):
    log.error("unavailable", route="/track/{code}")
    log.warning("kind", number=n % 300)
logs.EQUAL_LINES_EVERY = 0.0
log.error("unavailable", route="/track/{code}")
for _ in range(3):
    log.info("stream", kind="flowing")
""")
    told = [line for line in lines if line["event"] == "unavailable"]
    assert [line.get("held_back") for line in told] == [None, 999]
    assert len([line for line in lines if line["event"] == "stream"]) == 3


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    script = (
        CALLER
        + """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
for number in range(100):
    log.warning("full", number=number)
print("went on")
"""
    )
    with (tmp_path / "log").open("wb") as log:
        done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=log, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"went on\n")
    assert (tmp_path / "log").stat().st_size <= 1024
