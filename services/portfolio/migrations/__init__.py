"""The portfolio database's schema, step by step (Alembic)."""
