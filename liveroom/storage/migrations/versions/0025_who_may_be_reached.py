"""Askers who wish that the unit reaches them, and looks into the vault by one person with their consent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from liveroom.storage.schema import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_consents",
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("question", name=op.f("pk_identity_consents")),
    )
    op.create_index(op.f("ix_identity_consents_device"), "identity_consents", ["device"])
    with op.batch_alter_table("identity_accesses", schema=None) as batch_op:
        batch_op.alter_column("second", existing_type=sa.String(length=32), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM identity_accesses WHERE second IS NULL")
    with op.batch_alter_table("identity_accesses", schema=None) as batch_op:
        batch_op.alter_column("second", existing_type=sa.String(length=32), nullable=False)
    op.drop_index(op.f("ix_identity_consents_device"), table_name="identity_consents")
    op.drop_table("identity_consents")
