"""Where the records are by the settings: a file in the data folder, or a PostgreSQL database. Knows no table."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from liveroom.settings import Settings
from liveroom.storage import folder
from liveroom.storage.database import Database
from liveroom.storage.sqlite import SqliteDatabase


def database_of(settings: Settings) -> Database:
    """The database, not yet brought up to date (`upgrade`); a missing data folder is made."""
    if not settings.database:
        return SqliteDatabase(folder.prepare(settings.data))
    # Offices that keep a file never load the other driver.
    from liveroom.storage.postgres import PostgresDatabase

    return PostgresDatabase(settings.database)


async def opened(settings: Settings) -> Database:
    """The database on the newest schema. Raises `Unavailable`; then nothing is left open."""
    database = database_of(settings)
    try:
        await database.upgrade()
    except BaseException:
        await database.close()
        raise
    return database


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """Held while a process serves the records. A file has one such process, others raise `Unavailable`."""
    with contextlib.ExitStack() as held:
        if not settings.database:
            folder.prepare(settings.data)
            held.enter_context(folder.serving(settings.data))
        yield
