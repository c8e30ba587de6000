"""Liaison stations, holidays that the program does not know, and who imported what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("island", sa.String(80), nullable=False, server_default=""),
        sa.Column("address", sa.String(200), nullable=False, server_default=""),
        sa.Column("jurisdictions", sa.JSON, nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("worked", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(40), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("day", name="pk_holidays"),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_at", "imports", ["at"])


def downgrade() -> None:
    for table in ("imports", "holidays", "stations"):
        op.drop_table(table)
