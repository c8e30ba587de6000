"""The suites of this folder run on every kind of database there is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liveroom.storage.database import Database
from liveroom.storage.migrate import upgrade
from liveroom.storage.postgres import PostgresDatabase
from liveroom.storage.sqlite import SqliteDatabase


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database on the newest schema."""
    opened: Database
    if kind == "sqlite":
        upgrade(tmp_path / "test.sqlite3")
        opened = SqliteDatabase(tmp_path / "test.sqlite3")
    else:
        opened = PostgresDatabase(request.getfixturevalue("postgres").fresh())
    yield opened
    await opened.close()
