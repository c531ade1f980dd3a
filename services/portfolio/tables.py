"""The tables of the portfolio database. They change together with a migration in ``migrations/versions``."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. SQLite forgets the zone of a timestamp, so every instant is stored, and read, as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Converts to UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Adds the zone that SQLite leaves out."""
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Every publication that ever was live, for the record; the live one and the last ones before it have clients and a
# features file.
publications = Table(
    "publications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model_version", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("clients", BigInteger, nullable=False),
    Column("lowest_id", BigInteger, nullable=False),
    Column("highest_id", BigInteger, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("feature_contract", Text, nullable=False),
    Column("dictionary", JSON, nullable=False),
    Column("features_file", Text, nullable=False, unique=True),
    Column("features_sha256", Text, nullable=False),
    Column("live", Boolean, nullable=False),
)

# The database itself refuses a second live publication.
Index(
    "uq_publications_live",
    publications.c.live,
    unique=True,
    sqlite_where=text("live"),
    postgresql_where=text("live"),
)

# Age in years, amounts in the portfolio's currency, probabilities in 0..1. The key clusters a publication's clients
# by identifier, which is the order of every search; a filter reads along it.
clients = Table(
    "clients",
    metadata,
    Column("publication_id", ForeignKey(publications.c.id), primary_key=True),
    Column("sk_id_curr", BigInteger, primary_key=True, autoincrement=False),
    Column("gender", Text),
    Column("age", Double),
    Column("income", Double),
    Column("credit", Double),
    Column("contract_type", Text),
    Column("income_type", Text),
    Column("education", Text),
    Column("family_status", Text),
    Column("probability_of_default", Double, nullable=False),
    Column("probability_of_repayment", Double, nullable=False),
    Column("band", Text, nullable=False),
    Column("decision", Text, nullable=False),
    # Absent where an earlier version of Clairscore published.
    Column("expected_default_rate", Double),
    sqlite_with_rowid=False,
)

# Named changes of clients. They belong to a client's identifier, not to a publication, and outlive every one.
scenarios = Table(
    "scenarios",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sk_id_curr", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    # Values by feature name; null: not known.
    Column("overrides", JSON, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    UniqueConstraint("sk_id_curr", "name"),
)

# Applications of persons who are not in the portfolio, with the score that they were given. They belong to no
# publication and outlive every one; their order is that of their numbers.
applications = Table(
    "applications",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    # Chosen by the caller: a save that is repeated stores nothing again.
    Column("request_id", Text, nullable=False, unique=True),
    Column("reference", Text, nullable=False),
    # Values by feature name; null: not known.
    Column("record", JSON, nullable=False),
    Column("probability_of_default", Double, nullable=False),
    Column("probability_of_repayment", Double, nullable=False),
    Column("band", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("expected_default_rate", Double),
    Column("stored_at", UtcDateTime, nullable=False),
)
