"""The expected default rate of each published score; absent in what was published before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; what reads and writes without it goes on to work."""
    op.add_column("clients", sa.Column("expected_default_rate", sa.Double()))


def downgrade() -> None:
    """Drops the column."""
    op.drop_column("clients", "expected_default_rate")
