"""What Alembic runs at each upgrade: ``data.migrate`` gives the connection and owns the transaction."""

from __future__ import annotations

from alembic import context

from data.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    # The job queue keeps its own tables in the same database.
    include_name=lambda name, kind, _parents: kind != "table" or name in Base.metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
