"""Each migration, but one that says otherwise by its name, leaves the version before it working (ADR 10)."""

from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from services.portfolio.engines import parse, sync_engine
from services.portfolio.migrations import run

_CONFIG = Config()
_CONFIG.set_main_option("script_location", str(Path(run.__file__).parent))
_SCRIPTS = list(ScriptDirectory.from_config(_CONFIG).walk_revisions())[::-1]
_STEPS = [(old.revision, new.revision) for old, new in pairwise(_SCRIPTS)]


def _since(revision: str) -> int:
    """From which revision on code works with this one."""
    return int(revision.partition("_since_")[2] or 0)


# Steps that take something away say so by their name, and are judged by people.
_EXPANDING = [(old, new) for old, new in _STEPS if _since(new) == _since(old)]
_NAMES = [
    ("0004", "0005", True),
    ("0004", "0012_since_0004", True),
    ("0004", "0012_since_0005", False),
    ("0006_since_0005", "0007_since_0005", True),
    ("0004", "0003", False),
    ("0004", "a1b2c3", False),
]

_SAMPLES = {
    sa.Text: ("a", "b"),
    sa.BigInteger: (1, 2),
    sa.Integer: (1, 2),
    sa.Boolean: (False, False),
    sa.Double: (0.25, 0.5),
    sa.Float: (0.25, 0.5),
    sa.JSON: ({"a": 1}, {}),
    sa.DateTime: (sa.func.current_timestamp(), sa.func.current_timestamp()),
}


def reflected(connection) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return metadata


def taken_away(connection, old: sa.MetaData) -> list[str]:
    """What statements made for the schema ``old`` can no longer rely on, by what the database says of itself."""
    new = reflected(connection)
    faults = []
    for table in old.tables.values():
        if table.name not in new.tables:
            faults.append(f"table {table.name} is gone")
            continue
        now = new.tables[table.name]
        for column in table.columns:
            if column.name not in now.columns:
                faults.append(f"column {column} is gone")
                continue
            other = now.columns[column.name]
            if str(other.type) != str(column.type):
                faults.append(f"column {column}: {column.type} has become {other.type}")
            if column.nullable and not other.nullable:
                faults.append(f"column {column} must be given now")
        for column in now.columns:
            if column.name not in table.columns and not column.nullable and column.server_default is None:
                faults.append(f"column {column} is new and must be given")
        faults += [f"{table.name} has a new rule: {rule}" for rule in sorted(_rules(now) - _rules(table))]
    return faults


def _rules(table: sa.Table) -> set[str]:
    """What a row may be refused for, beside types and nulls."""
    rules = {f"unique {sorted(index.columns.keys())}" for index in table.indexes if index.unique}
    for constraint in table.constraints:
        if isinstance(constraint, sa.CheckConstraint):
            rules.add(f"check {constraint.sqltext}")
        elif isinstance(constraint, sa.ForeignKeyConstraint):
            rules.add(f"reference {constraint.column_keys} to {constraint.referred_table.name}")
        else:
            rules.add(f"unique {sorted(constraint.columns.keys())}")
    return rules


def use(connection, old: sa.MetaData) -> None:
    """Writes, reads, changes and deletes rows with statements that know only the schema ``old``."""
    for table in old.sorted_tables:
        if table.name == "alembic_version":
            continue
        for which in (0, 1):
            row = {column.name: _sample(column, which) for column in table.columns}
            connection.execute(sa.insert(table).values(row))
        assert len(connection.execute(sa.select(table)).all()) == 2
    for table in reversed(old.sorted_tables):
        if table.name == "alembic_version":
            continue
        connection.execute(sa.update(table).values({column.name: column for column in table.columns}))
        connection.execute(sa.delete(table))


def _sample(column: sa.Column, which: int):
    if which and column.nullable:
        return None
    kind = next(kind for kind in type(column.type).__mro__ if kind in _SAMPLES)
    return _SAMPLES[kind][which]


@pytest.fixture
def at(database_url):
    """Gives a connection with the schema of a revision."""
    with sync_engine(parse(database_url)).connect() as connection, connection.begin():

        def at(revision: str):
            _CONFIG.attributes["connection"] = connection
            command.upgrade(_CONFIG, revision)
            return connection

        yield at


def test_every_revision_has_a_name_that_says_whom_it_suits():
    for number, (old, new) in enumerate(_STEPS, start=2):
        assert new.startswith(f"{number:04}")
        assert run.works_with(old, new), f"{new} must leave the code of {old} working"
    # What once was taken away stays so.
    since = [_since(script.revision) for script in _SCRIPTS]
    assert since == sorted(since)


@pytest.mark.parametrize(("before", "after"), _EXPANDING)
def test_a_step_takes_nothing_away(at, before, after):
    old = reflected(at(before))
    assert taken_away(at(after), old) == []


@pytest.mark.parametrize(("before", "after"), _EXPANDING)
def test_statements_of_the_version_before_work_after_a_step(at, before, after):
    old = reflected(at(before))
    use(at(after), old)


def _alter(table: str, how):
    def step(operations):
        with operations.batch_alter_table(table) as batch:
            how(batch)

    return step


_FAULTS = {
    "table scenarios is gone": lambda op: op.drop_table("scenarios"),
    "table applications is gone": lambda op: op.rename_table("applications", "requests"),
    "column scenarios.overrides is gone": lambda op: op.drop_column("scenarios", "overrides"),
    "column clients.income is gone": lambda op: op.execute("ALTER TABLE clients RENAME COLUMN income TO salary"),
    "column scenarios.author is new and must be given": _alter(
        "scenarios", lambda table: table.add_column(sa.Column("author", sa.Text(), nullable=False))
    ),
    "column applications.expected_default_rate must be given now": _alter(
        "applications", lambda table: table.alter_column("expected_default_rate", nullable=False)
    ),
    "column scenarios.name: TEXT has become VARCHAR(8)": _alter(
        "scenarios", lambda table: table.alter_column("name", type_=sa.String(8))
    ),
    "scenarios has a new rule: unique ['name']": lambda op: op.create_index("ix", "scenarios", ["name"], unique=True),
    "scenarios has a new rule: check length(name) < 9": _alter(
        "scenarios", lambda table: table.create_check_constraint("short", "length(name) < 9")
    ),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_step_that_takes_something_away_is_found(at, fault):
    connection = at("0004")
    old = reflected(connection)
    _FAULTS[fault](Operations(MigrationContext.configure(connection)))
    assert fault in taken_away(connection, old)


@pytest.mark.parametrize("fault", [fault for fault in _FAULTS if "rule" not in fault and "VARCHAR" not in fault])
def test_statements_of_the_version_before_notice_what_is_taken_away(at, fault):
    connection = at("0004")
    old = reflected(connection)
    _FAULTS[fault](Operations(MigrationContext.configure(connection)))
    with pytest.raises((sa.exc.DBAPIError, AssertionError)):
        use(connection, old)


@pytest.mark.parametrize(("code", "schema", "works"), _NAMES)
def test_a_later_schema_says_by_its_name_whether_code_works_with_it(code, schema, works):
    assert run.works_with(code, schema) is works
