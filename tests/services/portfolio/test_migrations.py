from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from services.common.errors import Misconfigured
from services.portfolio.engines import parse, sync_engine
from services.portfolio.migrations.run import upgrade
from services.portfolio.tables import metadata

_COLUMNS = "model_version, published_at, clients, lowest_id, highest_id, synthetic, feature_contract, dictionary"
_VALUES = "'m', CURRENT_TIMESTAMP, 1, 1, 1, true, 'c', '{}'"
_INSERT = f"INSERT INTO publications ({_COLUMNS}, features_file, features_sha256, live) VALUES ({_VALUES}, "


def test_the_migrations_make_what_the_tables_say(database_url):
    upgrade(database_url)
    with sync_engine(parse(database_url)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        found = inspect(connection)
        assert set(found.get_table_names()) == {"alembic_version", *metadata.tables}
        # What the comparison does not look at.
        for table in metadata.tables.values():
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]


def test_upgrading_again_changes_nothing(database_url):
    upgrade(database_url)
    with sync_engine(parse(database_url)).begin() as connection:
        connection.execute(text(_INSERT + "'one', 's', true)"))
    upgrade(database_url)
    with sync_engine(parse(database_url)).connect() as connection:
        assert connection.scalar(text("SELECT features_file FROM publications WHERE live")) == "one"


def test_several_processes_may_upgrade_at_once(database_url):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [database_url] * 4))
    with sync_engine(parse(database_url)).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_database_of_a_later_version_is_refused(database_url):
    upgrade(database_url)
    with sync_engine(parse(database_url)).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="DATABASE_URL"):
        upgrade(database_url)


def test_a_second_live_publication_is_impossible(database_url):
    upgrade(database_url)
    with sync_engine(parse(database_url)).begin() as connection:
        connection.execute(text(_INSERT + "'one', 's', false)"))
        connection.execute(text(_INSERT + "'two', 's', false)"))
        connection.execute(text(_INSERT + "'three', 's', true)"))
    with (
        sync_engine(parse(database_url)).begin() as connection,
        pytest.raises(Exception, match=r"(?i)unique"),
    ):
        connection.execute(text(_INSERT + "'four', 's', true)"))
