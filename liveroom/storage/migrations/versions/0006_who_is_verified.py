"""Who is verified: sealed contacts, the devices that proved them, codes on their way, and every look into the vault."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("contact", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("verified_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("contact", name="uq_identities_contact"),
    )
    op.create_table(
        "identity_devices",
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("identity", sa.String(32), nullable=False),
        sa.Column("verified_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("device", name="pk_identity_devices"),
        sa.ForeignKeyConstraint(["identity"], ["identities.id"], name="fk_identity_devices_identity"),
    )
    op.create_index("ix_identity_devices_identity", "identity_devices", ["identity"])
    op.create_table(
        "identity_codes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("contact", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("used", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_identity_codes"),
    )
    op.create_index("ix_identity_codes_device", "identity_codes", ["device"])
    op.create_index("ix_identity_codes_network", "identity_codes", ["network"])
    op.create_index("ix_identity_codes_contact", "identity_codes", ["contact"])
    op.create_table(
        "identity_accesses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(600), nullable=False),
        sa.Column("first", sa.String(32), nullable=False),
        sa.Column("second", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_accesses"),
        sa.ForeignKeyConstraint(["first"], ["accounts.id"], name="fk_identity_accesses_first"),
        sa.ForeignKeyConstraint(["second"], ["accounts.id"], name="fk_identity_accesses_second"),
    )


def downgrade() -> None:
    for table in ("identity_accesses", "identity_codes", "identity_devices", "identities"):
        op.drop_table(table)
