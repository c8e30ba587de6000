"""Every version of a word list carries a hash of itself and the version before; those that are there get theirs."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

from liveroom.rooms.chain import START, Link, seal
from liveroom.storage.schema import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = ("list", "version", "name", "entries", "by", "by_name", "why", "hash")


def upgrade() -> None:
    with op.batch_alter_table("word_lists", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
    table = sa.table("word_lists", *(sa.column(name) for name in COLUMNS), sa.column("at", Instant))
    connection = op.get_bind()
    before: dict[str, str] = {}
    for row in connection.execute(sa.select(table).order_by(table.c.list, table.c.version)).mappings().all():
        said = {"what": "list", "name": row["name"], "why": row["why"], "entries": row["entries"]}
        event = msgspec.json.encode(said).decode()
        line = Link(row["version"], row["at"], row["by"], row["by_name"], None, event)
        before[row["list"]] = seal(f"words:{row['list']}", before.get(row["list"], START), line)
        here = sa.and_(table.c.list == row["list"], table.c.version == row["version"])
        connection.execute(sa.update(table).where(here).values(hash=before[row["list"]]))


def downgrade() -> None:
    with op.batch_alter_table("word_lists", schema=None) as batch_op:
        batch_op.drop_column("hash")
