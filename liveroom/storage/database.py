"""Connections and transactions. Knows no table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from liveroom.errors import Unavailable
from liveroom.storage.folder import Turn

READERS = 4


class Database:
    """One SQLite file: exactly one writing connection, which takes turns with other processes, a few that only read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        url = sa.URL.create("sqlite+aiosqlite", database=str(path))
        self._turn = Turn(path)
        # Errors name the statement, never its values: they reach the log.
        self._writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=20, hide_parameters=True)
        self._readers = create_async_engine(
            url, pool_size=READERS, max_overflow=0, pool_timeout=20, hide_parameters=True
        )
        _prepare(self._writer, begin="BEGIN IMMEDIATE", read_only=False)
        _prepare(self._readers, begin="BEGIN", read_only=True)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes something, committed at the end of the block.

        Raises `Unavailable` when the disk or the database refuses; then nothing was kept.
        """
        try:
            async with self._writer.connect() as connection, self._turn.ours(), connection.begin():
                yield connection
        except IntegrityError:
            raise
        except (DBAPIError, TimeoutError, sa.exc.TimeoutError) as error:
            raise Unavailable(f"the records cannot be written now: {_problem(error)}") from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent look at the records."""
        try:
            async with self._readers.begin() as connection:
                yield connection
        except (DBAPIError, TimeoutError, sa.exc.TimeoutError) as error:
            raise Unavailable(f"the records cannot be read now: {_problem(error)}") from error

    async def close(self) -> None:
        await self._readers.dispose()
        await self._writer.dispose()
        self._turn.close()


def _problem(error: Exception) -> str:
    """What SQLite says, such as “database or disk is full”; it never quotes a value."""
    return str(error.orig) if isinstance(error, DBAPIError) else "nobody let go in time"


def _prepare(engine: AsyncEngine, *, begin: str, read_only: bool) -> None:
    @sa.event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are ours: sqlite3 would begin them too late
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 5000")
        if not read_only:
            cursor.execute("PRAGMA journal_mode = WAL")
            # An acknowledged question must outlive a power cut, not only a crash of the process.
            cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)
