"""What is confidential and drafted anew is the office's, no longer everybody's who may draft."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MATTERS = sa.table("matters", sa.column("id"), sa.column("state"), sa.column("confidential", sa.Boolean))
PARTIES = sa.table("matter_parties", sa.column("matter"), sa.column("party"))
DRAFTERS = ("drafters", "turn:drafters")


def upgrade() -> None:
    op.execute(sa.delete(PARTIES).where(PARTIES.c.party.in_(DRAFTERS), PARTIES.c.matter.in_(_confidential_drafts())))


def downgrade() -> None:
    connection = op.get_bind()
    found = connection.execute(_confidential_drafts()).scalars().all()
    if found:
        rows = [{"matter": matter, "party": party} for matter in found for party in DRAFTERS]
        connection.execute(sa.insert(PARTIES), rows)


def _confidential_drafts() -> sa.Select[tuple[str]]:
    return sa.select(MATTERS.c.id).where(MATTERS.c.state == "draft", MATTERS.c.confidential.is_(sa.true()))
