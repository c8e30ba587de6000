"""Suggestions of earlier years: which import brought each, and what the file of an import was called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported_matters",
        sa.Column("matter", sa.String(32), nullable=False),
        sa.Column("import", sa.String(32), nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("matter", name="pk_imported_matters"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_imported_matters_matter"),
        sa.ForeignKeyConstraint(["import"], ["imports.id"], name="fk_imported_matters_import"),
    )
    op.create_index("ix_imported_matters_import", "imported_matters", ["import"])
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file", sa.String(120), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.drop_column("file")
    op.drop_index("ix_imported_matters_import", "imported_matters")
    op.drop_table("imported_matters")
