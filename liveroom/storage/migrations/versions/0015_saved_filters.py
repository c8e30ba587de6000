"""Filters of the work list that people give a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("query", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name="pk_saved_filters"),
    )


def downgrade() -> None:
    op.drop_table("saved_filters")
