"""What Alembic runs: the connection comes from ``store.schema``, in the caller's transaction."""

from __future__ import annotations

from alembic import context

import digest.store.tables as _tables  # fills the metadata with every table

assert _tables.metadata is not None

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=_tables.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
