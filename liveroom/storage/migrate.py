"""Brings a database up to the newest schema. Knows Alembic, no table."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from liveroom.errors import Unavailable
from liveroom.storage.folder import Turn

_SCRIPTS = Path(__file__).parent / "migrations"
_REVISION_LENGTH = 4
"""Names of migrations begin with their revision (`0001_…`)."""


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
    known = sorted(script.name[:_REVISION_LENGTH] for script in (_SCRIPTS / "versions").glob("[0-9]*.py"))
    revision = _revision(connection)
    if revision == known[-1]:
        return
    if revision is not None and revision not in known:
        raise Unavailable(f"{place} was made by a newer version of liveroom: install that version")
    # Loading Alembic takes longer than all else that is done with records at a start, which seldom needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: sa.Connection) -> str | None:
    """What Alembic noted, None in a new database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found
