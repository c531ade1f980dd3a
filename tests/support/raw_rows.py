"""Random raw folders in the layout: valid in every value, far from real in every distribution."""

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.tables.layout import Column, ColumnType, Unit, layout
from pipeline.tables.placeholders import NO_DAY, PLACEHOLDERS

RawRow = dict[str, float | str | None]


def value(column: Column, chance: random.Random) -> float | str | None:
    """A value that the column can hold; missing values, placeholders and zeros are frequent, for they matter."""
    if chance.random() < 0.15:
        return None
    if column.type is ColumnType.CATEGORY:
        placeholder = column.table == "application" and chance.random() < 0.1
        return chance.choice(PLACEHOLDERS) if placeholder else chance.choice(column.categories).value
    if column.unit is Unit.FLAG:
        return chance.randint(0, 1)
    special = chance.random()
    if special < 0.2:
        return NO_DAY if special < 0.1 and column.unit is Unit.DAYS else 0
    whole = column.type is ColumnType.INTEGER
    return chance.randint(-3000, 3000) if whole else round(chance.uniform(-10, 1000), 3)


def row(table: str, chance: random.Random, **given: float | str | None) -> RawRow:
    """A row of a table without its identifiers, and with the values given."""
    columns = (
        c for c in layout()[table].columns.values() if c.type is not ColumnType.IDENTIFIER and c.name != "TARGET"
    )
    return {**{column.name: value(column, chance) for column in columns}, **given}


def tables(seed: int, clients: Iterable[int], *, test_clients: Iterable[int] = ()) -> dict[str, list[RawRow]]:
    """The rows of every file; each client has 0 to 4 rows of a history, each credit 0 to 4 monthly statements."""
    chance = random.Random(seed)
    made: dict[str, list[RawRow]] = {name: [] for name in layout() if name != "application"}
    made["application_train"] = [
        row("application", chance, SK_ID_CURR=client, TARGET=chance.randint(0, 1)) for client in clients
    ]
    made["application_test"] = [row("application", chance, SK_ID_CURR=client) for client in test_clients]
    for main in (*made["application_train"], *made["application_test"]):
        for name, table in layout().items():
            if table.parent_key == "SK_ID_CURR":
                made[name] += _histories(name, chance, len(made[name]), SK_ID_CURR=main["SK_ID_CURR"])
    for credit in made["bureau"]:
        made["bureau_balance"] += _histories("bureau_balance", chance, 0, SK_ID_BUREAU=credit["SK_ID_BUREAU"])
    return {name: rows for name, rows in made.items() if rows}


def _histories(table: str, chance: random.Random, start: int, **given: float | str | None) -> list[RawRow]:
    """0 to 4 rows whose keys do not repeat: other identifiers count on from ``start``, months go back from 0."""
    columns = layout()[table].columns
    rows = []
    for number in range(chance.randint(0, 4)):
        keys: RawRow = {
            c.name: start + number for c in columns.values() if c.type is ColumnType.IDENTIFIER and c.name not in given
        }
        if "MONTHS_BALANCE" in columns:
            keys["MONTHS_BALANCE"] = -number
        rows.append(row(table, chance, **given, **keys))
    return rows


def header(name: str) -> list[str]:
    """The columns of a file of the layout."""
    table = "application" if name.startswith("application_") else name
    return [column for column in layout()[table].columns if not (name == "application_test" and column == "TARGET")]


def write_csv(file: Path, columns: Sequence[str], rows: Iterable[RawRow]) -> None:
    """Writes rows as the layout's CSV files have them: a header, commas, nothing for a missing value."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def write_folder(folder: Path, made: dict[str, list[RawRow]]) -> Path:
    """Writes ``<table>.csv`` for every table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in made.items():
        write_csv(folder / f"{name}.csv", header(name), rows)
    return folder
