"""The data folder between processes and between users of the machine."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from liveroom.errors import Unavailable
from liveroom.ports.matters import Unit
from liveroom.storage import folder
from liveroom.storage.folder import Turn, files_of, prepare, serving
from liveroom.storage.matters import SqlMatters
from liveroom.storage.migrate import upgrade
from liveroom.storage.sqlite import SqliteDatabase


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_folder_and_files_are_for_their_user_alone(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        file = prepare(tmp_path / "new" / "data")
        upgrade(file)
        database = SqliteDatabase(file)
        await SqlMatters(database).add_unit(Unit("u", "水务局"))
        assert mode(file.parent) == 0o700
        assert [mode(path) for path in files_of(file)] == [0o600] * 3
        await database.close()
    finally:
        os.umask(mask)


def test_what_was_open_to_others_is_closed_and_a_strange_folder_is_left_alone(tmp_path: Path) -> None:
    old, home = tmp_path / "old", tmp_path / "home"
    for path in (old, home):
        path.mkdir()
        path.chmod(0o755)
    (old / folder.DATABASE).touch()
    (old / folder.DATABASE).chmod(0o644)
    (home / "letters").touch()
    assert (mode(prepare(old)), mode(old)) == (0o600, 0o700)
    assert (mode(prepare(home)), mode(home)) == (0o600, 0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_makes_belongs_to_the_user_of_the_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    upgrade(prepare(data))
    with serving(data):
        assert {path.stat().st_uid for path in data.iterdir()} == {65534}


async def test_a_transaction_waits_while_another_process_writes(tmp_path: Path) -> None:
    file = prepare(tmp_path)
    upgrade(file)
    database, other = SqliteDatabase(file), Turn(file)
    async with other.ours():
        adding = asyncio.create_task(SqlMatters(database).add_unit(Unit("u", "水务局")))
        await asyncio.sleep(0.2)
        assert not adding.done()
        assert await SqlMatters(database).units() == [], "reading does not wait"
    await asyncio.wait_for(adding, 30)
    assert [unit.id for unit in await SqlMatters(database).units()] == ["u"]
    async with database.write():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(other.ours().__aenter__(), 0.1)
    other.close()
    await database.close()


async def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "PATIENCE", 0.05)
    file = prepare(tmp_path)
    upgrade(file)
    database, other = SqliteDatabase(file), Turn(file)
    async with other.ours():
        with pytest.raises(Unavailable):
            await SqlMatters(database).add_unit(Unit("u", "水务局"))
        with pytest.raises(Unavailable):
            upgrade(file)
    other.close()
    await database.close()


def test_one_process_serves_a_folder(tmp_path: Path) -> None:
    with serving(tmp_path), pytest.raises(Unavailable), serving(tmp_path):
        pass
    with serving(tmp_path):
        pass
