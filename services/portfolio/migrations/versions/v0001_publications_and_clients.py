"""Publications and clients."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the two tables."""
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clients", sa.BigInteger(), nullable=False),
        sa.Column("lowest_id", sa.BigInteger(), nullable=False),
        sa.Column("highest_id", sa.BigInteger(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("feature_contract", sa.Text(), nullable=False),
        sa.Column("dictionary", sa.JSON(), nullable=False),
        sa.Column("features_file", sa.Text(), nullable=False),
        sa.Column("features_sha256", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("features_file", name="uq_publications_features_file"),
    )
    op.create_index(
        "uq_publications_live",
        "publications",
        ["live"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "clients",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("sk_id_curr", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("gender", sa.Text()),
        sa.Column("age", sa.Double()),
        sa.Column("income", sa.Double()),
        sa.Column("credit", sa.Double()),
        sa.Column("contract_type", sa.Text()),
        sa.Column("income_type", sa.Text()),
        sa.Column("education", sa.Text()),
        sa.Column("family_status", sa.Text()),
        sa.Column("probability_of_default", sa.Double(), nullable=False),
        sa.Column("probability_of_repayment", sa.Double(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "sk_id_curr", name="pk_clients"),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name="fk_clients_publication_id_publications"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drops the two tables."""
    op.drop_table("clients")
    op.drop_table("publications")
