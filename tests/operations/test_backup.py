"""Copies of a running server's records, and how they are put back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from liveroom.storage.folder import DATABASE
from tests.support.command import liveroom
from tests.support.demo import Demo


async def ask(demo: Demo, *texts: str) -> dict[str, Any]:
    """Ask; the snapshot that the page saw first."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await (await client.get(demo["room"])).read()
        async with client.ws_connect(demo["socket"], max_msg_size=64_000_000) as socket:
            await socket.send_json({"type": "hello", "view": "room"})
            first: dict[str, Any] = json.loads(await socket.receive_str(timeout=30))
            for text in texts:
                await socket.send_json({"type": "ask", "id": 1, "key": f"key-of-{text}", "text": text})
                while json.loads(await socket.receive_str(timeout=30))["type"] != "asked":
                    pass
            return first


async def greeted(demo: Demo, **place: object) -> str:
    """What a page hears first that says what it has seen."""
    async with aiohttp.ClientSession() as client, client.ws_connect(demo["socket"]) as socket:
        await socket.send_json({"type": "hello", "view": "room", **place})
        return str(json.loads(await socket.receive_str(timeout=30))["type"])


def texts_in(file: Path) -> set[str]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return {row[0] for row in connection.execute("SELECT text FROM questions")}


def records_of(copy: Path) -> Path:
    """The records in a copy, beside it."""
    with tarfile.open(copy) as packed:
        packed.extract(DATABASE, copy.with_suffix(".unpacked"), filter="data")
    return copy.with_suffix(".unpacked") / DATABASE


async def test_a_copy_of_a_running_server_is_put_back_with_a_new_epoch(demo: Demo, tmp_path: Path) -> None:
    data, copy = ("--data", str(demo.data)), tmp_path / "copy.tar"
    seen = await ask(demo, "before")
    made = liveroom("backup", str(copy), *data)
    assert (made.returncode, made.stderr) == (0, "")
    await ask(demo, "after")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert {"before", "after"} & texts_in(records_of(copy)) == {"before"}
    shutil.rmtree(copy.with_suffix(".unpacked"))
    assert sorted(p.name for p in tmp_path.glob("copy*")) == [copy.name], "one file, and nothing unfinished"
    again = liveroom("backup", str(copy), *data)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)

    refused = liveroom("restore", str(copy), *data, "--force")
    assert (refused.returncode, "a server is running" in refused.stderr) == (2, True)
    port = demo.port
    demo.stop()
    refused = liveroom("restore", str(copy), *data)
    assert (refused.returncode, "--force" in refused.stderr) == (2, True)
    assert "after" in texts_in(demo.data / DATABASE)
    restored = liveroom("restore", str(copy), *data, "--force")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert {"before", "after"} & texts_in(demo.data / DATABASE) == {"before"}
    aside = sorted(demo.data.glob(f"{DATABASE}.before-*"))[0]
    assert str(aside) in restored.stdout.replace("\n", "")
    assert "after" in texts_in(aside)

    demo.start(port)
    assert await greeted(demo, epoch=seen["epoch"], seq=seen["seq"]) == "snapshot"
    now = await ask(demo)
    assert now["epoch"] != seen["epoch"]
    assert await greeted(demo, epoch=now["epoch"], seq=now["seq"]) == "feed"


async def test_a_copy_holds_what_was_acknowledged_before_a_kill(demo: Demo, tmp_path: Path) -> None:
    await ask(demo, "acknowledged")
    demo.kill()
    copy, fresh = tmp_path / "copy.tar", tmp_path / "fresh"
    assert liveroom("backup", str(copy), "--data", str(demo.data)).returncode == 0
    assert "acknowledged" in texts_in(records_of(copy))
    assert liveroom("restore", str(copy), "--data", str(fresh)).returncode == 0
    assert "acknowledged" in texts_in(fresh / DATABASE)
    demo.start()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, None])
def test_what_is_no_copy_is_refused_and_changes_nothing(tmp_path: Path, content: bytes | None) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert liveroom("migrate", *data).returncode == 0
    before = (tmp_path / "data" / DATABASE).read_bytes()
    if content is not None:
        (tmp_path / "junk").write_bytes(content)
    result = liveroom("restore", str(tmp_path / "junk"), "--force", *data)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert (tmp_path / "data" / DATABASE).read_bytes() == before
    assert list((tmp_path / "data").glob("*.partial*")) == []


def test_a_database_of_a_newer_version_is_told_in_one_sentence(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    assert liveroom("migrate", *data).returncode == 0
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    connection.close()
    newer = tmp_path / "newer.tar"
    assert liveroom("backup", str(newer), *data).returncode == 0
    for command in (["serve", *data], ["demo", *data], ["migrate", *data], ["user", "list", *data],
                    ["restore", str(newer), "--data", str(tmp_path / "other")]):  # fmt: skip
        result = liveroom(*command, LIVEROOM_PORT="0", LIVEROOM_UDP_PORT="0")
        assert result.returncode == 2
        assert "newer version" in result.stderr.replace("\n", " ")
        assert "Traceback" not in result.stderr
