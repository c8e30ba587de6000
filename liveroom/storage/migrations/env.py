"""How Alembic runs a migration of ours: on the connection it is given, as one transaction."""

from __future__ import annotations

from alembic import context

from liveroom.storage import (  # noqa: F401 - register their tables
    addresses,
    attachments,
    hooks,
    imports,
    jobs,
    matter_tables,
    notices,
    openness,
    purges,
    saved_filters,
)
from liveroom.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
