"""Frozen quarters are lines of a log that is sealed; those that are there get numbers and hashes."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

from liveroom.rooms.chain import START, Link, seal
from liveroom.storage.schema import Instant

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMNS = ("quarter", "statement", "key", "signature", "by", "by_name", "seq", "hash")


def upgrade() -> None:
    with op.batch_alter_table("frozen_quarters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seq", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
    table = sa.table("frozen_quarters", *(sa.column(name) for name in COLUMNS), sa.column("at", Instant))
    connection, before = op.get_bind(), START
    rows = connection.execute(sa.select(table).order_by(table.c.at, table.c.quarter)).mappings().all()
    for seq, row in enumerate(rows, 1):
        said = {"what": "freeze", **{name: row[name] for name in ("quarter", "key", "signature", "statement")}}
        event = msgspec.json.encode(said).decode()
        before = seal("figures:quarters", before, Link(seq, row["at"], row["by"], row["by_name"], None, event))
        here = table.c.quarter == row["quarter"]
        connection.execute(sa.update(table).where(here).values(seq=seq, hash=before))
    with op.batch_alter_table("frozen_quarters", schema=None) as batch_op:
        batch_op.alter_column("seq", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_frozen_quarters_seq"), ["seq"])


def downgrade() -> None:
    with op.batch_alter_table("frozen_quarters", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_frozen_quarters_seq"), type_="unique")
        batch_op.drop_column("hash")
        batch_op.drop_column("seq")
