"""The one Alembic tree. ``store.schema`` runs it; nobody calls Alembic by hand except to write a revision."""
