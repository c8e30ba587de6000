"""Every line of a log carries a hash of itself and the line before; lines that are there already get theirs.

Rooms get a version, by which a process sees that another one has changed their programme.
"""

from __future__ import annotations

import itertools

import sqlalchemy as sa
from alembic import op

from liveroom.rooms.chain import START, sealed
from liveroom.storage.log import link
from liveroom.storage.schema import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LOGS = (("feed", "session", "session"), ("matter_steps", "matter", "matter"))
TOGETHER = 1000


def upgrade() -> None:
    for name, owner, kind in LOGS:
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.add_column(sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
        _seal(name, owner, kind)
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.drop_column("version")
    for name, _, _ in LOGS:
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.drop_column("hash")


def _seal(name: str, owner: str, kind: str) -> None:
    columns = ["seq", "at", "by", "by_name", *(["question"] if name == "feed" else []), "event", "hash"]
    table = sa.table(name, sa.column(owner), *(sa.column(c, Instant if c == "at" else None) for c in columns))
    keep = (
        sa.update(table)
        .where(table.c[owner] == sa.bindparam("its_owner"), table.c.seq == sa.bindparam("its_seq"))
        .values(hash=sa.bindparam("its_hash"))
    )
    connection = op.get_bind()
    for of in connection.scalars(sa.select(table.c[owner]).distinct()).all():
        rows = connection.execute(sa.select(table).where(table.c[owner] == of).order_by(table.c.seq)).mappings()
        lines = [link(row) for row in rows]
        of_hashes = (
            {"its_owner": of, "its_seq": line.seq, "its_hash": line.hash}
            for line in sealed(f"{kind}:{of}", START, lines)
        )
        while part := list(itertools.islice(of_hashes, TOGETHER)):
            connection.execute(keep, part)
