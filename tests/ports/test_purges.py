"""What is let go by its age on either database: days are those of the country, not of Greenwich."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from liveroom.storage.database import Database
from liveroom.storage.matter_tables import matters
from liveroom.storage.notices import followers
from liveroom.storage.purges import SqlPurges

NIGHT = datetime(2026, 3, 1, 19, 40, tzinfo=UTC)
"""Of the second of March in China."""

PLAIN: dict[type, Any] = {str: "", int: 1, bool: False, bytes: b"", date: date(2026, 3, 1)}


def row(table: sa.Table, **given: object) -> dict[str, object]:
    """A row in which everything else that must be there is plain."""
    needed = {
        c.name: PLAIN.get(c.type.python_type, NIGHT) for c in table.c if not c.nullable and c.server_default is None
    }
    return needed | given


async def test_contacts_go_with_the_first_night_after_their_days(database: Database, tmp_path: Path) -> None:
    purges = SqlPurges(database, tmp_path)
    async with database.write() as connection:
        await connection.execute(sa.insert(matters).values(row(matters, id="m", closed_on=date(2026, 3, 1))))
        await connection.execute(sa.insert(followers).values(row(followers, id="f", matter="m", sealed=b"contact")))
    assert await purges.contacts(NIGHT - timedelta(days=1)) == 0
    assert await purges.contacts(NIGHT) == 1
    assert await purges.contacts(NIGHT) == 0
