"""A start finds out by names of files alone whether there is anything to migrate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from liveroom.storage import migrate

STARTED_AGAIN = """
import asyncio, sys
from pathlib import Path
from liveroom.storage.sqlite import SqliteDatabase
async def upgrade():
    database = SqliteDatabase(Path(sys.argv[1]))
    await database.upgrade()
    await database.close()
asyncio.run(upgrade())
print("alembic" in sys.modules)
"""


def test_names_of_migrations_begin_with_their_revisions_and_are_in_their_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate._SCRIPTS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [Path(script.path).name.partition("_")[0] for script in scripts] == [script.revision for script in scripts]
    assert [script.revision for script in scripts] == sorted((script.revision for script in scripts), reverse=True)


def test_alembic_is_loaded_for_a_new_database_and_not_at_the_next_start(tmp_path: Path) -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", STARTED_AGAIN, str(tmp_path / "some.sqlite3")], capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]
    assert said == ["True\n", "False\n"]
