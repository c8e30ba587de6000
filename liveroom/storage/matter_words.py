"""The words of matters, found in either kind of database: FTS5 of SQLite, text search of PostgreSQL. Knows no list.

The table `matter_words` is not one of SQLAlchemy's: what it is differs too much. Migration 0008 makes it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.storage.bigrams import pieces, wanted

TABLE = "matter_words"

_SQLITE = {
    "forget": "DELETE FROM matter_words WHERE rowid = :place",
    "keep": "INSERT INTO matter_words (rowid, words) VALUES (:place, :words)",
}
_POSTGRES = {
    "forget": "DELETE FROM matter_words WHERE place = :place",
    "keep": "INSERT INTO matter_words (place, words) VALUES (:place, array_to_tsvector(string_to_array(:words, ' ')))",
}


async def keep(connection: AsyncConnection, place: int, text: str) -> None:
    """What a matter is found by from now on, inside an open transaction."""
    statements = _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE
    await connection.execute(sa.text(statements["forget"]), {"place": place})
    await connection.execute(sa.text(statements["keep"]), {"place": place, "words": " ".join(pieces(text))})


def places(text: str, dialect: str) -> sa.Select[tuple[int]] | None:
    """The places of the matters that have every piece of a text; None when there is nothing to look for."""
    found = wanted(text)
    if not found:
        return None
    if dialect == "postgresql":
        query = " & ".join(f"'{piece}'{':*' if goes_on else ''}" for piece, goes_on in found)
        words = sa.table(TABLE, sa.column("place", sa.Integer), sa.column("words"))
        return sa.select(words.c.place).where(
            words.c.words.op("@@")(sa.text("CAST(:words AS tsquery)").bindparams(words=query))
        )
    query = " ".join(f'"{piece}"{"*" if goes_on else ""}' for piece, goes_on in found)
    words = sa.table(TABLE, sa.column("rowid", sa.Integer))
    return sa.select(words.c.rowid).where(sa.text("matter_words MATCH :words").bindparams(words=query))
