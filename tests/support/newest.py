"""A SQLite file on the newest schema: migrated once, then copied for every test that is not about migrations."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from liveroom.storage.migrate import upgrade


def furnish(file: Path) -> Path:
    """Fill a database file that is new or empty; one with records is left as it is."""
    if not file.exists() or not file.stat().st_size:
        file.write_bytes(_newest())
    return file


@functools.cache
def _newest() -> bytes:
    with tempfile.TemporaryDirectory(prefix="liveroom-newest-") as folder:
        file = Path(folder) / "newest.sqlite3"
        upgrade(file)
        return file.read_bytes()
