"""What is published of all matters together: a row beside each, and quarters that are frozen."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NO_PROMISE = {"withdrawn", "not_admitted"}

OPENNESS = sa.table(
    "matter_openness",
    *(sa.column(name) for name in ("matter", "session", "promise", "asked", "said_solved", "said_unsolved")),
    sa.column("told_at", INSTANT),
    sa.column("promised", sa.Date),
)


def upgrade() -> None:
    op.create_table(
        "matter_openness",
        sa.Column("matter", sa.String(32), nullable=False),
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("promise", sa.String(10), nullable=False),
        sa.Column("promised", sa.Date),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("said_solved", sa.Integer, nullable=False),
        sa.Column("said_unsolved", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("matter", name="pk_matter_openness"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_openness_matter"),
    )
    op.create_table(
        "frozen_quarters",
        sa.Column("quarter", sa.String(8), nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name="pk_frozen_quarters"),
    )
    _fill(op.get_bind())
    op.create_index("ix_matter_openness_told_at", "matter_openness", ["told_at"])
    op.create_index("ix_matter_openness_promise_promised_matter", "matter_openness", ["promise", "promised", "matter"])
    for name in ("assigned_on", "first_due", "first_reply_on", "closed_on"):
        op.create_index(f"ix_matters_{name}", "matters", [name])


def _fill(connection: sa.Connection) -> None:
    """From what is there: the records, and when the newest line of each was written."""
    steps = sa.table("matter_steps", sa.column("matter"), sa.column("at", INSTANT))
    matters = sa.table("matters", sa.column("id"), sa.column("created_at", INSTANT))
    records = sa.table("matter_records", sa.column("matter"), sa.column("record"))
    told = sa.select(steps.c.matter, sa.func.max(steps.c.at).label("at")).group_by(steps.c.matter).subquery()
    query = (
        sa.select(matters.c.id, records.c.record, sa.func.coalesce(told.c.at, matters.c.created_at).label("at"))
        .join(records, records.c.matter == matters.c.id)
        .outerjoin(told, told.c.matter == matters.c.id)
    )
    rows = [_row(matter, json.loads(record), at) for matter, record, at in connection.execute(query)]
    if rows:
        connection.execute(sa.insert(OPENNESS), rows)


def _row(matter: str, record: dict[str, Any], at: Any) -> dict[str, Any]:
    sources, checks = record.get("sources", []), record.get("checks", [])
    promised = record.get("promised") or record.get("clocks", {}).get("promise") or record.get("promise_due")
    state, end = record.get("state", ""), record.get("end", "")
    stands = ""
    if promised and state not in NO_PROMISE:
        stands = "kept" if end == "solved" else "open" if not end else "broken" if state == "broken" else "explained"
    return {
        "matter": matter,
        "session": sources[0]["session"] if sources else "",
        "told_at": at,
        "promise": stands,
        "promised": date.fromisoformat(promised) if promised else None,
        "asked": sum(source["votes"] + 1 for source in sources),
        "said_solved": sum(bool(check["solved"]) for check in checks),
        "said_unsolved": sum(not check["solved"] for check in checks),
    }


def downgrade() -> None:
    for name in ("assigned_on", "first_due", "first_reply_on", "closed_on"):
        op.drop_index(f"ix_matters_{name}", "matters")
    op.drop_table("frozen_quarters")
    op.drop_table("matter_openness")
