"""The suites of this folder run on every kind of database there is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liveroom.storage.database import Database
from liveroom.storage.postgres import PostgresDatabase
from liveroom.storage.sqlite import SqliteDatabase
from tests.support import island as islands
from tests.support import year as years
from tests.support.island import Island
from tests.support.newest import furnish
from tests.support.year import Year


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database on the newest schema."""
    opened: Database
    if kind == "sqlite":
        opened = SqliteDatabase(furnish(tmp_path / "test.sqlite3"))
    else:
        opened = PostgresDatabase(request.getfixturevalue("postgres").fresh())
    yield opened
    await opened.close()


@pytest.fixture
async def year(database: Database, tmp_path: Path) -> Year:
    return await years.opened(database, tmp_path)


@pytest.fixture
async def island(database: Database, tmp_path: Path) -> Island:
    return await islands.opened(database, tmp_path)
