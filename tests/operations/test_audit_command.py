"""`liveroom audit`, as an operator types it, on the records of a demo."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from liveroom.storage.folder import DATABASE
from liveroom.storage.sqlite import SqliteDatabase
from tests.ports.test_audit import freeze
from tests.support.command import liveroom

pytestmark = pytest.mark.timeout(300)


def change(data: Path, *statements: str) -> None:
    with sqlite3.connect(data / DATABASE) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def one_value(data: Path, query: str) -> str:
    with sqlite3.connect(data / DATABASE) as connection:
        return str(connection.execute(query).fetchone()[0])


def test_the_log_is_verified_shown_and_compared_with_what_was_kept(furnished: Path, tmp_path: Path) -> None:
    shutil.copytree(furnished, tmp_path / "data")
    data, kept = ("--data", str(tmp_path / "data")), tmp_path / "heads"
    whole = liveroom("audit", "verify", *data)
    assert (whole.returncode, whole.stderr.count("nothing was changed")) == (0, 1), whole.stdout
    heads = liveroom("audit", "heads", *data)
    assert heads.stdout == whole.stdout
    kept.write_text(heads.stdout)
    assert liveroom("audit", "verify", "--against", str(kept), *data).returncode == 0

    longest = max(heads.stdout.splitlines(), key=lambda line: int(line.split()[1]))
    chain, length = longest.split()[2], int(longest.split()[1])
    shown = liveroom("audit", "show", chain.removeprefix("session:"), *data).stdout.splitlines()
    assert len(shown) == length
    assert any(re.search(r"审核员周（示例）  published #\w+$", line) for line in shown)
    assert any(re.search(r"代表工委（示例）  outcome #\w+  outcome: \w+, note: \w+", line) for line in shown)
    for name in ("nothing", "-begins_like_an_option"):
        missing = liveroom("audit", "show", name, *data)
        assert (missing.returncode, f"no log session:{name}; " in missing.stderr) == (2, True)

    session = chain.removeprefix("session:")
    change(tmp_path / "data", f"UPDATE feed SET by_name = 'X' WHERE session = '{session}' AND seq = 3")
    broken = liveroom("audit", "verify", *data)
    assert (broken.returncode, broken.stdout.count("was changed")) == (1, 1)
    assert f"{chain}: line 3 was changed." in broken.stdout
    assert "1 found wrong" in broken.stderr


def test_a_frozen_quarter_of_which_one_byte_was_changed_is_named(furnished: Path, tmp_path: Path) -> None:
    shutil.copytree(furnished, tmp_path / "data")
    data = ("--data", str(tmp_path / "data"))
    database = SqliteDatabase(tmp_path / "data" / DATABASE)

    async def frozen() -> None:
        await freeze(database, "2025-Q1", "2025-Q2")
        await database.close()

    asyncio.run(frozen())
    whole = liveroom("audit", "verify", *data)
    assert (whole.returncode, whole.stdout.count("figures:quarters")) == (0, 1), whole.stdout
    shown = liveroom("audit", "show", "figures:quarters", *data).stdout.splitlines()
    assert [line.split()[4] for line in shown] == ["freeze", "freeze"]
    assert "quarter: 2025-Q2" in shown[1]
    change(
        tmp_path / "data",
        "UPDATE frozen_quarters SET statement = replace(statement, '\"replies\":0', '\"replies\":9') WHERE seq = 2",
    )
    broken = liveroom("audit", "verify", *data)
    assert broken.returncode == 1
    assert "figures:quarters: line 2 was changed." in broken.stdout
    assert "figures:quarters: 2025-Q2 is not what was signed." in broken.stdout
    assert "2 found wrong" in broken.stderr


def test_a_log_that_was_cut_short_is_found_with_what_was_kept(furnished: Path, tmp_path: Path) -> None:
    shutil.copytree(furnished, tmp_path / "data")
    data, kept = ("--data", str(tmp_path / "data")), tmp_path / "heads"
    kept.write_text(liveroom("audit", "heads", *data).stdout)
    session = one_value(tmp_path / "data", "SELECT session FROM feed GROUP BY session HAVING max(seq) = 1 LIMIT 1")
    last = one_value(tmp_path / "data", "SELECT id FROM matters ORDER BY id LIMIT 1")
    change(
        tmp_path / "data",
        f"DELETE FROM feed WHERE session = '{session}'",
        f"DELETE FROM sessions WHERE id = '{session}'",
        f"DELETE FROM matter_steps WHERE matter = '{last}' AND seq > 1",
        f"UPDATE matters SET seq = 1 WHERE id = '{last}'",
    )
    found = liveroom("audit", "verify", "--against", str(kept), *data)
    assert found.returncode == 1
    assert f"session:{session}: the whole log is missing." in found.stdout
    assert re.search(rf"matter:{last}: line \d+, which was there then, is missing: the log was cut short", found.stdout)
    (tmp_path / "empty").touch()
    nothing = liveroom("audit", "verify", "--against", str(tmp_path / "empty"), *data)
    assert (nothing.returncode, "holds no heads" in nothing.stderr) == (2, True)


def test_other_software_comes_to_the_same_hashes(furnished: Path) -> None:
    """Ten lines of a stranger who has read docs/protocol.md, and nothing of ours."""
    with sqlite3.connect(furnished / DATABASE) as connection:
        rows = connection.execute("SELECT session, seq, at, by, by_name, question, event, hash FROM feed ORDER BY 1, 2")
        before: dict[str, str] = {}
        for session, seq, at, by, name, question, event, kept in rows:
            when = at.replace(" ", "T") + ("" if "." in at else ".000000") + "Z"
            chain = f"session:{session}"
            parts = [before.get(chain, "0" * 64), chain, str(seq), when, by, name, question or "", event]
            text = "".join(f"{len(part.encode())}:{part}," for part in parts)
            before[chain] = hashlib.sha256(text.encode()).hexdigest()
            assert kept == before[chain]
        assert before
