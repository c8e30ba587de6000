"""What every kind of database gives the tables: transactions that are kept whole or not at all. Knows no table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from liveroom.errors import Unavailable

POOL_SECONDS = 20
"""How long a transaction waits for a connection."""

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Insert = sqlite.Insert | postgresql.Insert
else:
    # The other dialect is not loaded to say what a type is.
    Insert = sa.Insert


class Database(ABC):
    """Connections that write and connections that only read.

    `place` says where it is, for people, without any password. `shared` says that other processes may change the
    records at any time: what was read before is then to be compared before it is used again.
    """

    shared: ClassVar[bool]
    _troubles: ClassVar[tuple[type[BaseException], ...]] = (DBAPIError, TimeoutError, sa.exc.TimeoutError)

    def __init__(self, place: str, writers: AsyncEngine, readers: AsyncEngine) -> None:
        self.place = place
        self._writers = writers
        self._readers = readers

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes something, committed at the end of the block.

        Raises `Unavailable` when the disk or the database refuses; then nothing was acknowledged.
        """
        try:
            async with self._writing() as connection:
                yield connection
        except IntegrityError:
            raise
        except self._troubles as error:
            raise Unavailable(f"the records cannot be written now: {self._problem(error)}") from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent look at the records."""
        try:
            async with self._readers.begin() as connection:
                yield connection
        except self._troubles as error:
            raise Unavailable(f"the records cannot be read now: {self._problem(error)}") from error

    @abstractmethod
    def insert(self, table: sa.Table) -> Insert:
        """An INSERT that knows what to do with a row that is there already (`on_conflict_do_…`)."""

    @abstractmethod
    async def upgrade(self) -> None:
        """Apply every migration that is missing, one process at a time. Raises `Unavailable`."""

    async def scrub(self) -> None:  # noqa: B027 - most have nothing to do
        """After something was erased: what was written over stays nowhere, as far as that is in the program's hands."""

    async def close(self) -> None:
        await self._readers.dispose()
        await self._writers.dispose()

    @abstractmethod
    def _writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction on a connection that writes."""

    def _problem(self, error: BaseException) -> str:
        """What the database says, such as “database or disk is full”; never a value or a password."""
        return str(error.orig) if isinstance(error, DBAPIError) else "nobody let go in time"
