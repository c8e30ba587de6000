"""Questions that are held, merged, tagged, assigned and appealed; claims of moderators; the shield of a session."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def question_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("source", sa.String(20), nullable=False, server_default="web"),
        sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("held_because", sa.String(20)),
        sa.Column("hits", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("tags", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("assigned_to", sa.String(32), nullable=False, server_default=""),
        sa.Column("assigned_name", sa.String(80), nullable=False, server_default=""),
        sa.Column("merged_into", sa.String(32), nullable=False, server_default=""),
        sa.Column("merged_from", sa.String(20)),
        sa.Column("refused_at", INSTANT),
        sa.Column("appeal", sa.String(600), nullable=False, server_default=""),
        sa.Column("appeal_rejected", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def upgrade() -> None:
    with op.batch_alter_table("questions", schema=None) as questions:
        for column in question_columns():
            questions.add_column(column)
    with op.batch_alter_table("sessions", schema=None) as sessions:
        sessions.add_column(sa.Column("shield_until", INSTANT))
    op.create_table(
        "claims",
        sa.Column("session", sa.String(32), primary_key=True),
        sa.Column("question", sa.String(32), sa.ForeignKey("questions.id"), primary_key=True),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("claims")
    with op.batch_alter_table("sessions", schema=None) as sessions:
        sessions.drop_column("shield_until")
    with op.batch_alter_table("questions", schema=None) as questions:
        for column in question_columns():
            questions.drop_column(column.name)
