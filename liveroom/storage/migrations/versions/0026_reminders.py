"""Notices are for followers or for people of the staff, who are reached by an address of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False, server_default=""),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("proved", sa.Boolean, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_addresses"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_addresses_account"),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.alter_column("follower", existing_type=sa.String(32), nullable=True)
        batch_op.add_column(sa.Column("account", sa.String(32), server_default="", nullable=False))
        batch_op.add_column(sa.Column("why", sa.String(16), server_default="", nullable=False))
        batch_op.add_column(sa.Column("read_at", sa.DateTime(timezone=True)))
        batch_op.create_index("ix_notices_account_read_at", ["account", "read_at"])


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM notices WHERE follower IS NULL"))
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index("ix_notices_account_read_at")
        for column in ("read_at", "why", "account"):
            batch_op.drop_column(column)
        batch_op.alter_column("follower", existing_type=sa.String(32), nullable=False)
    op.drop_table("addresses")
