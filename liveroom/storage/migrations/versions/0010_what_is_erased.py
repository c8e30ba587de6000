"""Questions say that what was personal in them is gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("questions", sa.Column("erased", sa.String(12), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("questions") as table:
        table.drop_column("erased")
