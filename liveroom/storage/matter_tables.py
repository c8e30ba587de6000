"""Tables of matters: a narrow row to list and find them by, the record whole, whom it concerns. Knows no query."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from liveroom.matters.matter import Matter
from liveroom.matters.sight import Sight, sight
from liveroom.storage.schema import Instant, metadata

NEVER = date(9999, 12, 31)
"""When something without a date falls due, for the order of lists."""

units = sa.Table(
    "units",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
)

matters = sa.Table(
    "matters",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    # In the order in which they began; pages of lists go on after it, and the words of a matter are kept under it.
    sa.Column("place", sa.Integer, nullable=False, unique=True),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("rules", sa.String(32), nullable=False),
    sa.Column("number", sa.String(20), unique=True),
    sa.Column("state", sa.String(24), nullable=False),
    sa.Column("end", sa.String(8), nullable=False),
    sa.Column("turn", sa.String(8), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("deputy", sa.String(32), nullable=False),
    sa.Column("deputy_name", sa.String(80), nullable=False),
    sa.Column("unit", sa.String(32), nullable=False),
    sa.Column("unit_name", sa.String(80), nullable=False),
    sa.Column("clock", sa.String(24), nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("falls_due", sa.Date, nullable=False),
    sa.Column("guessed", sa.Boolean, nullable=False),
    sa.Column("letter", sa.String(4), nullable=False),
    sa.Column("result", sa.String(24), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("votes", sa.Integer, nullable=False),
    # It has a number and is not confidential.
    sa.Column("public", sa.Boolean, nullable=False),
    sa.Column("confidential", sa.Boolean, nullable=False),
    sa.Column("supervised", sa.Boolean, nullable=False),
    sa.Column("late", sa.String(8), nullable=False, server_default=""),
    sa.Column("dissatisfied", sa.Integer, nullable=False),
    sa.Column("returns", sa.Integer, nullable=False),
    sa.Column("extended", sa.Integer, nullable=False),
    sa.Column("reopenings", sa.Integer, nullable=False),
    sa.Column("assigned_on", sa.Date),
    sa.Column("first_due", sa.Date),
    sa.Column("said_due", sa.Date),
    sa.Column("first_reply_on", sa.Date),
    sa.Column("first_letter", sa.String(4), nullable=False),
    sa.Column("closed_on", sa.Date),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Index("ix_matters_public_place", "public", "place"),
    sa.Index("ix_matters_kind_place", "kind", "place"),
    sa.Index("ix_matters_state_place", "state", "place"),
    sa.Index("ix_matters_unit_place", "unit", "place"),
    sa.Index("ix_matters_deputy_place", "deputy", "place"),
    sa.Index("ix_matters_end_falls_due", "end", "falls_due", "place"),
    sa.Index("ix_matters_supervised_place", "supervised", "place"),
    sa.Index("ix_matters_late_place", "late", "place"),
    sa.Index("ix_matters_assigned_on", "assigned_on"),
    sa.Index("ix_matters_first_due", "first_due"),
    sa.Index("ix_matters_first_reply_on", "first_reply_on"),
    sa.Index("ix_matters_closed_on", "closed_on"),
)

records = sa.Table(
    "matter_records",
    metadata,
    sa.Column("matter", sa.ForeignKey("matters.id"), primary_key=True),
    # The whole of it as JSON.
    sa.Column("record", sa.Text, nullable=False),
)

parties = sa.Table(
    "matter_parties",
    metadata,
    sa.Column("party", sa.String(60), primary_key=True),
    sa.Column("matter", sa.ForeignKey("matters.id"), primary_key=True, index=True),
)

steps = sa.Table(
    "matter_steps",
    metadata,
    sa.Column("matter", sa.ForeignKey("matters.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, server_default=""),
)

voices = sa.Table(
    "matter_voices",
    metadata,
    # Whoever asked or seconded has said something of its result, and who that was is still known.
    sa.Column("matter", sa.ForeignKey("matters.id"), primary_key=True),
)

rule_sets = sa.Table(
    "rule_sets",
    metadata,
    sa.Column("reference", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

_encode = msgspec.json.Encoder()
_decode = msgspec.json.Decoder(Matter)


def row(matter: Matter) -> dict[str, Any]:
    """What lists see of a matter; `place` and `created_at` are given once."""
    return {
        "id": matter.id,
        "kind": matter.kind,
        "rules": matter.rules,
        "number": matter.number or None,
        "state": matter.state,
        "end": matter.end,
        "turn": matter.turn,
        "title": matter.title,
        "deputy": matter.deputy,
        "deputy_name": matter.deputy_name,
        "unit": matter.unit,
        "unit_name": matter.unit_name,
        "clock": matter.clock,
        "due": matter.due,
        "falls_due": matter.due or NEVER,
        "guessed": matter.clock in matter.guessed,
        "letter": matter.letter,
        "result": matter.result,
        "round": matter.round,
        "votes": matter.votes,
        "public": sight(matter) >= Sight.STANDING,
        "confidential": matter.confidential,
        "supervised": matter.supervised,
        "late": matter.late,
        "dissatisfied": matter.dissatisfied,
        "returns": matter.returns,
        "extended": len(matter.extensions),
        "reopenings": matter.reopenings,
        "assigned_on": matter.assigned_on,
        "first_due": matter.first_due,
        "said_due": matter.said_due,
        "first_reply_on": matter.first_reply_on,
        "first_letter": matter.first_letter,
        "closed_on": matter.closed_on,
        "seq": matter.seq,
    }


def record(matter: Matter) -> str:
    return _encode.encode(matter).decode()


def matter_of(text: str) -> Matter:
    return _decode.decode(text)


def text(matter: Matter) -> str:
    """Everything by which a matter is found. Words of questions that were never public are not among it."""
    parts = [matter.number, matter.title, matter.body, matter.deputy_name, matter.unit_name]
    parts += [named.name for named in (*matter.joint, *matter.co_units)]
    parts += [source.text for source in matter.sources if source.was_public]
    parts += [source.label for source in matter.sources]
    return "\n".join([*parts, matter.reply.text if matter.reply else ""])
