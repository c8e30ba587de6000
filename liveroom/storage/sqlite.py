"""The records as one SQLite file, which one process serves. Knows no table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from liveroom.storage.database import POOL_SECONDS, Database
from liveroom.storage.folder import Turn
from liveroom.storage.migrate import upgrade

READERS = 4


class SqliteDatabase(Database):
    """One file: exactly one writing connection, which takes turns with other processes, a few that only read."""

    shared = False

    def __init__(self, path: Path) -> None:
        super().__init__(
            str(path),
            _engine(path, 1, begin="BEGIN IMMEDIATE", read_only=False),
            _engine(path, READERS, begin="BEGIN", read_only=True),
        )
        self.path = path
        self._turn = Turn(path)
        # First come, first served: the pool gives the connection to whoever asks at the moment it is given back, and
        # one who writes again and again would keep all others out.
        self._queue = asyncio.Lock()

    def insert(self, table: sa.Table) -> sqlite.Insert:
        return sqlite.insert(table)

    async def upgrade(self) -> None:
        await asyncio.to_thread(upgrade, self.path)

    async def scrub(self) -> None:
        """The log that is written ahead still holds pages as they were: it goes into the file and is emptied.

        While somebody reads an older state that cannot be; the next one who erases, or the end of the process, does it.
        """
        async with self._queue, self._writers.connect() as connection, self._turn.ours():
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    async def close(self) -> None:
        await super().close()
        self._turn.close()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with asyncio.timeout(POOL_SECONDS):
            await self._queue.acquire()
        try:
            async with self._writers.connect() as connection, self._turn.ours(), connection.begin():
                yield connection
        finally:
            self._queue.release()


def _engine(path: Path, connections: int, *, begin: str, read_only: bool) -> AsyncEngine:
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        # Errors name the statement, never its values: they reach the log.
        hide_parameters=True,
        json_deserializer=msgspec.json.decode,
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are ours: sqlite3 would begin them too late
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 5000")
        if not read_only:
            cursor.execute("PRAGMA journal_mode = WAL")
            # An acknowledged question must outlive a power cut, not only a crash of the process.
            cursor.execute("PRAGMA synchronous = FULL")
            # What is erased or changed is written over with zeros, not only forgotten.
            cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA foreign_keys = ON")
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
