import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from services.common.errors import Misconfigured
from services.portfolio.engines import parse, sync_engine
from services.portfolio.migrations.run import upgrade
from services.portfolio.tables import metadata

_ROOT = Path(__file__).parents[3]
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


def test_many_processes_at_once_migrate_once(database_url):
    command = [sys.executable, "-m", "cli.main", "migrate"]
    env = {**os.environ, "DATABASE_URL": database_url}
    started = [subprocess.Popen(command, cwd=_ROOT, env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=120)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0] * 4
    head = upgrade(database_url)[1]
    assert sorted(said) == [*[f"schema {head}, as it was"] * 3, f"schema none -> {head}"]


def test_a_database_of_a_later_version_is_refused_if_that_has_taken_away_what_this_one_needs(database_url):
    upgrade(database_url)
    _pretend(database_url, "9999_since_9998")
    with pytest.raises(Misconfigured, match=r"DATABASE_URL.*9999_since_9998"):
        upgrade(database_url)


@pytest.mark.parametrize("suffix", ["", "_since_{head}"])
def test_a_database_of_a_later_version_that_this_one_works_with_stays_as_it_is(database_url, suffix):
    _, head = upgrade(database_url)
    later = "9999" + suffix.format(head=head)
    _pretend(database_url, later)
    assert upgrade(database_url) == (later, later)


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


def _pretend(database_url, revision):
    with sync_engine(parse(database_url)).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
