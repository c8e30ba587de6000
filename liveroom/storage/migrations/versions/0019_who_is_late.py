"""Listed as overdue is a clock, and who was late with it; the days that were said before any extension are kept."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STEPS = sa.table("matter_steps", sa.column("matter"), sa.column("seq"), sa.column("event"))
RECORDS = sa.table("matter_records", sa.column("matter"), sa.column("record"))
MATTERS = sa.table("matters", sa.column("id"), sa.column("late"), sa.column("listed", sa.Boolean))


def upgrade() -> None:
    op.drop_index("ix_matters_listed_place", "matters")
    with op.batch_alter_table("matters", schema=None) as matters:
        matters.add_column(sa.Column("late", sa.String(8), nullable=False, server_default=""))
        matters.add_column(sa.Column("said_due", sa.Date))
        matters.drop_column("listed")
    with op.batch_alter_table("matter_openness", schema=None) as openness:
        openness.add_column(sa.Column("said_promise", sa.Date))
    op.execute("UPDATE matters SET said_due = first_due")
    op.execute("UPDATE matter_openness SET said_promise = promised")
    _list(op.get_bind())
    op.create_index("ix_matters_late_place", "matters", ["late", "place"])


def _list(connection: sa.Connection) -> None:
    """From the lines: which clock it was, and whose turn; what was listed before is so as long as that clock runs."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    query = sa.select(STEPS).where(STEPS.c.event.like('%"list_overdue"%')).order_by(STEPS.c.matter, STEPS.c.seq)
    for matter, _, text in connection.execute(query):
        event = json.loads(text)
        if event["what"] == "list_overdue":
            said = event["values"]
            found[matter].append({"clock": said["clock"], "due": said["due"], "late": event.get("turn", "")})
    for matter, listings in found.items():
        here = RECORDS.c.matter == matter
        record = json.loads(str(connection.scalar(sa.select(RECORDS.c.record).where(here))))
        record.pop("listed", None)
        record["listings"] = listings
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        connection.execute(sa.update(RECORDS).where(here).values(record=text))
        connection.execute(sa.update(MATTERS).where(MATTERS.c.id == matter).values(late=_late(record)))


def _late(record: dict[str, Any]) -> str:
    running = record.get("clocks", {})
    now = [listing["late"] for listing in record["listings"] if running.get(listing["clock"]) == listing["due"]]
    return "unit" if "unit" in now else next(iter(now), "")


def downgrade() -> None:
    op.drop_index("ix_matters_late_place", "matters")
    with op.batch_alter_table("matters", schema=None) as matters:
        matters.add_column(sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    late = sa.update(MATTERS).where(MATTERS.c.late != "")
    connection.execute(late.values(listed=True))
    for matter, text in connection.execute(sa.select(RECORDS).where(RECORDS.c.record.like('%"listings"%'))).all():
        record = json.loads(text)
        record["listed"] = bool(_late(record))
        del record["listings"]
        kept = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        connection.execute(sa.update(RECORDS).where(RECORDS.c.matter == matter).values(record=kept))
    with op.batch_alter_table("matters", schema=None) as matters:
        matters.drop_column("late")
        matters.drop_column("said_due")
    with op.batch_alter_table("matter_openness", schema=None) as openness:
        openness.drop_column("said_promise")
    op.create_index("ix_matters_listed_place", "matters", ["listed", "place"])
