"""What Alembic runs: the migrations on the connection that ``run.upgrade`` gives."""

from alembic import context

from services.portfolio.tables import metadata

# DDL is transactional on PostgreSQL, and on SQLite because our engines begin transactions themselves.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
