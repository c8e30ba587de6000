"""The records in a PostgreSQL database, which several processes may serve together. Knows no table."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from liveroom.errors import Unavailable
from liveroom.storage.database import POOL_SECONDS, Database
from liveroom.storage.migrate import to_newest

WRITERS, READERS = 4, 4
"""Connections of one process at most; a server of PostgreSQL allows 100 unless it is told otherwise."""

CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 15.0
"""A server that is frozen or cut off is given up after this; whoever waits is told to try again."""

MIGRATION_SECONDS = 60
_MIGRATING = 0x6C697665726F6F6D
"""The number of the lock (`pg_advisory_xact_lock`) that a migration holds: “liveroom” in ASCII."""


class PostgresDatabase(Database):
    """One database, by an address as libpq takes it (`postgresql://user:password@host/name?sslmode=…`)."""

    shared = True
    _troubles = (*Database._troubles, OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)

    def __init__(self, address: str) -> None:
        self._address = address
        # A row that somebody else has locked is waited for and read anew, so one statement compares and changes.
        writers = self._engine(WRITERS)
        # Several statements see the same moment, and none can change anything.
        readers = self._engine(READERS).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        super().__init__(_without_secrets(address), writers, readers)

    def insert(self, table: sa.Table) -> postgresql.Insert:
        return postgresql.insert(table)

    async def upgrade(self) -> None:
        engine = self._engine(1, command_timeout=None)
        try:
            async with engine.begin() as connection:
                await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{MIGRATION_SECONDS}s'")
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
                await connection.run_sync(to_newest, self.place)
        except self._troubles as error:
            raise Unavailable(f"{self.place} cannot be opened or changed: {self._problem(error)}") from error
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._writers.begin() as connection:
            yield connection

    def _engine(self, connections: int, command_timeout: float | None = COMMAND_SECONDS) -> AsyncEngine:
        connect = functools.partial(
            asyncpg.connect,
            self._address,
            timeout=CONNECT_SECONDS,
            command_timeout=command_timeout,
            server_settings={
                "application_name": "liveroom",
                # An acknowledged question must outlive a power cut, whatever the server's own default is.
                "synchronous_commit": "on",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "60s",
            },
        )
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            # A connection is tried before it is used: after a restart of the server nobody meets the old ones.
            pool_pre_ping=True,
            hide_parameters=True,
            json_deserializer=msgspec.json.decode,
        )
        sa.event.listen(engine.sync_engine, "before_cursor_execute", _without_nul, retval=True)
        return engine

    def _problem(self, error: BaseException) -> str:
        """As the server says it, unless it may quote what somebody typed, or a part of the address."""
        cause: Any = (error.orig.__cause__ or error.orig) if isinstance(error, DBAPIError) and error.orig else error
        if isinstance(cause, asyncpg.PostgresError) and not isinstance(cause, asyncpg.DataError):
            return str(cause.message)
        if isinstance(cause, TimeoutError | sa.exc.TimeoutError):
            return "nobody let go in time"
        return "the database server is not there" if isinstance(cause, OSError) else type(cause).__name__


def _without_nul(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    """PostgreSQL has no NUL in texts and refuses to look for one: whoever asks for such a name finds nothing."""

    def seen(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(v.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(v, str) else v for v in values)

    # Rows that SQLAlchemy writes into one statement are “many” with the values of one.
    return statement, [seen(values) for values in parameters] if isinstance(parameters, list) else seen(parameters)


def _without_secrets(address: str) -> str:
    """Host and name of the database; user, password and parameters stay out of logs."""
    parts = urlsplit(address)
    return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"
