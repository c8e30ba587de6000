"""Whoever asked or seconded is heard to the end: what waits for it, what they said, outcomes that are told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAME = "uq_notices_receiver_matter_seq"
NEW_NAME = "uq_notices_receiver_matter_question_seq"


def upgrade() -> None:
    op.add_column("purges", sa.Column("held", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "matter_voices",
        sa.Column("matter", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("matter", name="pk_matter_voices"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_voices_matter"),
    )
    steps = sa.table("matter_steps", sa.column("matter"), sa.column("by"), sa.column("event"))
    accounts = sa.table("accounts", sa.column("id"))
    # The system rates in silence; staff rate for whoever is on the telephone.
    theirs = sa.and_(steps.c.by != "system", steps.c.by.not_in(sa.select(accounts.c.id)))
    said = sa.or_(steps.c.event.like('%"what":"check"%'), steps.c.event.like('%"what":"rate"%'))
    heard = sa.select(steps.c.matter).where(theirs, said).distinct()
    voices = sa.table("matter_voices", sa.column("matter"))
    op.get_bind().execute(sa.insert(voices).from_select(["matter"], heard))
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("question", sa.String(32), nullable=False, server_default=""))
        batch_op.drop_constraint(NAME, type_="unique")
        batch_op.create_unique_constraint(NEW_NAME, ["receiver", "matter", "question", "seq"])
    with op.batch_alter_table("identity_accesses", schema=None) as batch_op:
        batch_op.alter_column("first", existing_type=sa.String(32), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("identity_accesses", schema=None) as batch_op:
        batch_op.alter_column("first", existing_type=sa.String(32), nullable=False)
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_constraint(NEW_NAME, type_="unique")
        batch_op.create_unique_constraint(NAME, ["receiver", "matter", "seq"])
        batch_op.drop_column("question")
    op.drop_table("matter_voices")
    op.drop_column("purges", "held")
