"""Tables of rooms, sessions, questions and people. Knows no queries."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite forgets the zone, so it is put back on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)

rooms = sa.Table(
    "rooms",
    metadata,
    sa.Column("slug", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("about", sa.String(400), nullable=False, server_default=""),
    # Another number whenever the room or one of its sessions changes, their questions aside.
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("room", sa.ForeignKey("rooms.slug"), nullable=False, index=True),
    sa.Column("topic", sa.String(200), nullable=False),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("deputies", sa.JSON, nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("started_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("archived_at", Instant),
    sa.Column("cut_reason", sa.String(400), nullable=False, server_default=""),
    sa.Column("shield_until", Instant),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
)

questions = sa.Table(
    "questions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("session", sa.ForeignKey("sessions.id"), nullable=False, index=True),
    sa.Column("label", sa.String(8), nullable=False),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("device", sa.String(32), nullable=False),
    sa.Column("text", sa.String(600), nullable=False),
    sa.Column("original_text", sa.String(600), nullable=False, server_default=""),
    sa.Column("nickname", sa.String(40), nullable=False, server_default=""),
    sa.Column("island", sa.String(40), nullable=False, server_default=""),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("source", sa.String(20), nullable=False, server_default="web"),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("held_because", sa.String(20)),
    sa.Column("hits", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("tags", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("assigned_to", sa.String(32), nullable=False, server_default=""),
    sa.Column("assigned_name", sa.String(80), nullable=False, server_default=""),
    sa.Column("merged_into", sa.String(32), nullable=False, server_default=""),
    sa.Column("merged_from", sa.String(20)),
    sa.Column("place", sa.Float, nullable=False, server_default="0"),
    sa.Column("refusal", sa.String(20)),
    sa.Column("refused_at", Instant),
    sa.Column("note", sa.String(600), nullable=False, server_default=""),
    sa.Column("appeal", sa.String(600), nullable=False, server_default=""),
    sa.Column("appeal_rejected", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("on_air_at", Instant),
    sa.Column("mark_start", sa.Integer),
    sa.Column("mark_end", sa.Integer),
    sa.Column("commitment", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("was_public", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("outcome", sa.String(20)),
    sa.Column("outcome_note", sa.String(600), nullable=False, server_default=""),
    sa.Column("matter", sa.String(32), nullable=False, server_default=""),
    sa.Column("erased", sa.String(12), nullable=False, server_default=""),
    sa.UniqueConstraint("session", "label"),
    # An asker's key names one question, however often it is sent.
    sa.UniqueConstraint("session", "device", "key"),
)

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("question", sa.ForeignKey("questions.id"), primary_key=True),
    sa.Column("voter", sa.String(32), primary_key=True),
    sa.Column("session", sa.String(32), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("ix_votes_session_voter", "session", "voter"),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("session", sa.String(32), primary_key=True),
    sa.Column("question", sa.ForeignKey("questions.id"), primary_key=True),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    sa.Column("until", Instant, nullable=False),
)

feed = sa.Table(
    "feed",
    metadata,
    sa.Column("session", sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    sa.Column("question", sa.String(32)),
    sa.Column("event", sa.Text, nullable=False),
    # Of this line and the one before it (`liveroom.rooms.chain`).
    sa.Column("hash", sa.String(64), nullable=False, server_default=""),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("login", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("unit", sa.String(32)),
    sa.Column("password", sa.String(200), nullable=False, server_default=""),
)

sign_ins = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("secret", sa.String(64), primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("until", Instant, nullable=False),
    sa.Column("last", Instant),
)

links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("secret", sa.String(64), primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("target", sa.String(200), nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("used_at", Instant),
)

tokens = sa.Table(
    "publishing_tokens",
    metadata,
    sa.Column("secret", sa.String(64), primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False),
)

# Keys of programs, which act for an account in one of its roles.
api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("secret", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),
)

# Calls of programs that may come twice, with what they were answered; status 0 while they are under way.
api_calls = sa.Table(
    "api_calls",
    metadata,
    sa.Column("who", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("headers", sa.JSON, nullable=False),
)

word_lists = sa.Table(
    "word_lists",
    metadata,
    sa.Column("list", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    # As people write them: one a line.
    sa.Column("entries", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    sa.Column("why", sa.String(400), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, server_default=""),
)

# The vault: contacts are sealed, and known again by a digest that needs the key. Questions are not named here.
identities = sa.Table(
    "identities",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("contact", sa.String(64), nullable=False, unique=True),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("verified_at", Instant, nullable=False),
)

identity_devices = sa.Table(
    "identity_devices",
    metadata,
    sa.Column("device", sa.String(32), primary_key=True),
    sa.Column("identity", sa.ForeignKey("identities.id"), nullable=False, index=True),
    sa.Column("verified_at", Instant, nullable=False),
)

identity_codes = sa.Table(
    "identity_codes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("device", sa.String(32), nullable=False, index=True),
    sa.Column("network", sa.String(64), nullable=False, index=True),
    sa.Column("contact", sa.String(64), nullable=False, index=True),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("used", sa.Boolean, nullable=False, server_default=sa.false()),
)

identity_accesses = sa.Table(
    "identity_accesses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("question", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(600), nullable=False),
    # Empty once it was kept long enough, as the two above: that there was a look stays.
    sa.Column("first", sa.ForeignKey("accounts.id")),
    # Nobody where the asker had consented: then one of the unit looks alone.
    sa.Column("second", sa.ForeignKey("accounts.id")),
)

identity_consents = sa.Table(
    "identity_consents",
    metadata,
    sa.Column("question", sa.String(32), primary_key=True),
    sa.Column("device", sa.String(32), nullable=False, index=True),
    sa.Column("given_at", Instant, nullable=False),
)
