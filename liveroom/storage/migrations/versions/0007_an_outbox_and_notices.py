"""An outbox: what is to be done at a time, once. And those who follow, with what they are told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("about", sa.String(100), nullable=False),
        sa.Column("due", INSTANT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lease", sa.String(24), nullable=False, server_default=""),
        sa.Column("leased_until", INSTANT),
        sa.Column("dead_at", INSTANT),
        sa.Column("error", sa.String(200), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("key", name="uq_jobs_key"),
    )
    op.create_index("ix_jobs_about", "jobs", ["about"])
    op.create_index("ix_jobs_due", "jobs", ["due"])
    op.create_table(
        "followers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("matter", sa.String(32), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("digest", sa.Boolean, nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_followers"),
    )
    for column in ("question", "matter", "device", "receiver"):
        op.create_index(f"ix_followers_{column}", "followers", [column])
    op.create_table(
        "notices",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("follower", sa.String(32), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("matter", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("due", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.String(200), nullable=False, server_default=""),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.ForeignKeyConstraint(["follower"], ["followers.id"], name="fk_notices_follower"),
        sa.UniqueConstraint("receiver", "matter", "seq", name="uq_notices_receiver_matter_seq"),
    )
    op.create_index("ix_notices_follower", "notices", ["follower"])
    op.create_index("ix_notices_message", "notices", ["message"])
    op.create_index("ix_notices_state_made_at", "notices", ["state", "made_at"])


def downgrade() -> None:
    for table in ("notices", "followers", "jobs"):
        op.drop_table(table)
