"""Matters of every kind: the record whole beside a row to list it by, whom it concerns, its words, and the rule sets.

What was kept of suggestions becomes the record that replaying their lines gives. They come under a rule set when the
server starts, by a line of their own.
"""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NEVER = date(9999, 12, 31)
FINAL = {"not_admitted", "closed", "closed_explained", "closed_unsolved", "withdrawn"}
CLOCKS = {"assigned": "reply", "handling": "reply", "rehandling": "rehandling"}

INDEXES = {
    "ix_matters_public_place": ["public", "place"],
    "ix_matters_kind_place": ["kind", "place"],
    "ix_matters_state_place": ["state", "place"],
    "ix_matters_unit_place": ["unit", "place"],
    "ix_matters_deputy_place": ["deputy", "place"],
    "ix_matters_end_falls_due": ["end", "falls_due", "place"],
    "ix_matters_supervised_place": ["supervised", "place"],
    "ix_matters_listed_place": ["listed", "place"],
}


def new_columns() -> list[sa.Column[Any]]:
    def text(name: str, length: int) -> sa.Column[Any]:
        return sa.Column(name, sa.String(length), nullable=False, server_default="")

    def number(name: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Integer, nullable=False, server_default="0")

    def flag(name: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())

    return [
        number("place"),
        text("rules", 32),
        text("end", 8),
        text("turn", 8),
        text("clock", 24),
        sa.Column("falls_due", sa.Date, nullable=False, server_default="9999-12-31"),
        flag("guessed"),
        text("letter", 4),
        text("result", 24),
        number("votes"),
        flag("public"),
        flag("confidential"),
        flag("supervised"),
        flag("listed"),
        number("dissatisfied"),
        number("returns"),
        number("extended"),
        number("reopenings"),
        sa.Column("assigned_on", sa.Date),
        sa.Column("first_due", sa.Date),
        sa.Column("first_reply_on", sa.Date),
        text("first_letter", 4),
        sa.Column("closed_on", sa.Date),
    ]


def old_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("body", sa.Text, nullable=False, server_default=""),
        sa.Column("contacted", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reply_class", sa.String(1), nullable=False, server_default=""),
        sa.Column("reply_text", sa.Text, nullable=False, server_default=""),
        sa.Column("promise_due", sa.Date),
        sa.Column("evaluation", sa.String(24), nullable=False, server_default=""),
        sa.Column("sources", sa.Text, nullable=False, server_default="[]"),
    ]


OLD = sa.table(
    "matters",
    *(sa.column(name) for name in ("id", "kind", "number", "state", "title", "deputy", "deputy_name", "unit")),
    *(sa.column(name) for name in ("unit_name", "round", "seq", "created_at")),
    sa.column("due", sa.Date),
    *(sa.column(column.name, column.type) for column in (*old_columns(), *new_columns())),
)
STEPS = sa.table("matter_steps", sa.column("matter"), sa.column("seq"), sa.column("event"))
RECORDS = sa.table("matter_records", sa.column("matter"), sa.column("record"))
PARTIES = sa.table("matter_parties", sa.column("party"), sa.column("matter"))


def upgrade() -> None:
    connection = op.get_bind()
    postgres = connection.dialect.name == "postgresql"
    op.drop_index("ix_matters_state", "matters")
    with op.batch_alter_table("matters", schema=None) as matters:
        for column in new_columns():
            matters.add_column(column)
        matters.alter_column("kind", type_=sa.String(24), existing_type=sa.String(20), existing_nullable=False)
        matters.alter_column("number", type_=sa.String(20), existing_type=sa.String(16), existing_nullable=True)
    op.create_table(
        "matter_records",
        sa.Column("matter", sa.String(32), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("matter", name="pk_matter_records"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_records_matter"),
    )
    op.create_table(
        "matter_parties",
        sa.Column("party", sa.String(60), nullable=False),
        sa.Column("matter", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("party", "matter", name="pk_matter_parties"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_parties_matter"),
    )
    op.create_index("ix_matter_parties_matter", "matter_parties", ["matter"])
    op.create_table(
        "rule_sets",
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_rule_sets"),
    )
    if postgres:
        op.execute("CREATE TABLE matter_words (place integer PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_matter_words_words ON matter_words USING gin (words)")
    else:
        op.execute("CREATE VIRTUAL TABLE matter_words USING fts5(words, tokenize = 'unicode61')")
    _convert(connection, postgres)
    with op.batch_alter_table("matters", schema=None) as matters:
        for column in old_columns():
            matters.drop_column(column.name)
        matters.create_unique_constraint("uq_matters_place", ["place"])
    for name, columns in INDEXES.items():
        op.create_index(name, "matters", columns)


def _convert(connection: sa.Connection, postgres: bool) -> None:
    found = connection.execute(sa.select(OLD).order_by(OLD.c.created_at, OLD.c.id)).mappings().all()
    words = "array_to_tsvector(string_to_array(:words, ' '))" if postgres else ":words"
    keep = sa.text(f"INSERT INTO matter_words ({'place' if postgres else 'rowid'}, words) VALUES (:place, {words})")  # noqa: S608 - nothing of it comes from outside
    for place, row in enumerate(found, 1):
        steps = sa.select(STEPS.c.event).where(STEPS.c.matter == row["id"]).order_by(STEPS.c.seq)
        record = _record(row, [json.loads(event) for event in connection.scalars(steps)])
        connection.execute(sa.insert(RECORDS).values(matter=row["id"], record=json.dumps(record, ensure_ascii=False)))
        parties = [f"deputy:{row['deputy']}"] if row["deputy"] else []
        parties += [f"unit:{row['unit']}"] if row["unit"] else []
        parties += ["drafters", "turn:drafters"] if row["state"] == "draft" else []
        if parties:
            connection.execute(sa.insert(PARTIES), [{"party": party, "matter": row["id"]} for party in parties])
        clock = next(iter(record["clocks"]), "")
        due = row["due"] if clock else None
        values = {
            "place": place,
            "end": record["end"],
            "clock": clock,
            "due": due,
            "falls_due": due or NEVER,
            "letter": row["reply_class"],
            "first_letter": record["first_letter"],
            "result": row["evaluation"],
            "votes": sum(source["votes"] for source in record["sources"]),
            "public": bool(row["number"]),
            "dissatisfied": record["dissatisfied"],
        }
        connection.execute(sa.update(OLD).where(OLD.c.id == row["id"]).values(values))
        connection.execute(keep, {"place": place, "words": " ".join(_pieces(_text(row, record)))})


def _record(row: Any, events: list[dict[str, Any]]) -> dict[str, Any]:
    """What replaying the lines gives (`liveroom.matters.replay`), as it was when this was written."""
    contacts = dissatisfied = 0
    first_letter = ""
    for event in events:
        values = event.get("values", {})
        if event["what"] == "contact":
            contacts += 1
        elif event["what"] == "reply":
            first_letter = first_letter or values["class"]
        elif event["what"] == "evaluate":
            dissatisfied += values.get("evaluation") == "dissatisfied"
            contacts = 0 if event["to"] == "rehandling" else contacts
    clock, promise = CLOCKS.get(row["state"], ""), row["promise_due"]
    reply = {
        "letter": row["reply_class"],
        "text": row["reply_text"],
        "solved": row["reply_class"] == "A",
        "promise_due": promise.isoformat() if promise else None,
    }
    return {
        "id": row["id"],
        "kind": row["kind"],
        "number": row["number"] or "",
        "state": row["state"],
        "end": "" if row["state"] not in FINAL else "solved" if row["state"] == "closed" else "unsolved",
        "title": row["title"],
        "body": row["body"],
        "deputy": row["deputy"],
        "deputy_name": row["deputy_name"],
        "unit": row["unit"],
        "unit_name": row["unit_name"],
        "clocks": {clock: row["due"].isoformat()} if clock and row["due"] else {},
        "round": row["round"],
        "contacts": contacts,
        "reply": reply if row["reply_class"] else None,
        "promise_due": promise.isoformat() if promise else None,
        "attitude": row["evaluation"],
        "result": row["evaluation"],
        "dissatisfied": dissatisfied,
        "first_letter": first_letter,
        "sources": json.loads(row["sources"]),
        "seq": row["seq"],
    }


def _text(row: Any, record: dict[str, Any]) -> str:
    public = [source["wordings"][0] for source in record["sources"] if source.get("was_public", True)]
    labels = [source["label"] for source in record["sources"]]
    parts = (row["number"] or "", row["title"], row["body"], row["deputy_name"], row["unit_name"])
    return "\n".join([*parts, *public, *labels, row["reply_text"]])


def _pieces(text: str) -> list[str]:
    """As `liveroom.storage.bigrams` cuts it."""
    runs: list[str] = [""]
    for character in unicodedata.normalize("NFKC", text).casefold():
        if unicodedata.category(character)[0] not in "LN":
            runs.append("")
        elif runs[-1] and _han(runs[-1][0]) != _han(character):
            runs.append(character)
        else:
            runs[-1] += character
    found: dict[str, None] = {}
    for run in filter(None, runs):
        if _han(run[0]):
            found |= dict.fromkeys([a + b for a, b in pairwise(run)] + [run[-1]])
        else:
            found[run[:40]] = None
    return list(found)


def _han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def downgrade() -> None:
    connection = op.get_bind()
    for name in INDEXES:
        op.drop_index(name, "matters")
    with op.batch_alter_table("matters", schema=None) as matters:
        for column in old_columns():
            matters.add_column(column)
    records = connection.execute(sa.select(RECORDS)).all()
    for matter, text in records:
        record = json.loads(text)
        reply, promise, due = record.get("reply") or {}, record.get("promise_due"), record.get("clocks", {})
        values = {
            "body": record.get("body", ""),
            "contacted": bool(record.get("contacts")),
            "reply_class": reply.get("letter", "")[:1],
            "reply_text": reply.get("text", ""),
            "promise_due": date.fromisoformat(promise) if promise else None,
            "evaluation": record.get("result", ""),
            "sources": json.dumps(record.get("sources", []), ensure_ascii=False),
            "due": date.fromisoformat(next(iter(due.values()))) if due else None,
        }
        connection.execute(sa.update(OLD).where(OLD.c.id == matter).values(values))
    with op.batch_alter_table("matters", schema=None) as matters:
        matters.drop_constraint("uq_matters_place", type_="unique")
        for column in new_columns():
            matters.drop_column(column.name)
        matters.alter_column("kind", type_=sa.String(20), existing_type=sa.String(24), existing_nullable=False)
        matters.alter_column("number", type_=sa.String(16), existing_type=sa.String(20), existing_nullable=True)
    op.create_index("ix_matters_state", "matters", ["state"])
    for table in ("matter_words", "rule_sets", "matter_parties", "matter_records"):
        op.execute(f"DROP TABLE {table}")
