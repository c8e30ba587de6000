"""The book of what was let go by its age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purges",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("gone", sa.Integer, nullable=False),
        sa.Column("waits", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("at", "kind", name="pk_purges"),
    )


def downgrade() -> None:
    op.drop_table("purges")
