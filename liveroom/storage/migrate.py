"""Brings a database up to the newest schema. Knows Alembic, no table."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from liveroom.errors import Unavailable
from liveroom.storage.folder import Turn


def upgrade(path: Path) -> None:
    """Apply every migration that is missing to a SQLite file; a new file gets the whole schema.

    Raises `Unavailable` when the file cannot be changed, or was made by a newer version of the program.
    """
    engine = sa.create_engine(f"sqlite:///{path}", hide_parameters=True)
    try:
        with Turn(path).ours_in_thread(), engine.begin() as connection:
            to_newest(connection, str(path))
    except sa.exc.DBAPIError as error:
        raise Unavailable(f"{path} cannot be opened or changed: {error.orig}") from error
    finally:
        engine.dispose()


def to_newest(connection: sa.Connection, place: str) -> None:
    """The same inside a transaction; the caller has made sure that no other process does it meanwhile."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
        raise Unavailable(f"{place} was made by a newer version of liveroom: install that version")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
