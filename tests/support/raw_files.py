"""Changes to the files of a raw folder: cells, lines, formats."""

import gzip
import zipfile

import pandas as pd


def rewrite(file, change):
    """Applies a change to the lines of a CSV file."""
    lines = file.read_text().splitlines()
    file.write_text("\n".join(change(lines)) + "\n")


def put(file, column, number, text):
    """Writes a text into a cell; row 1 is the first below the header."""

    def change(lines):
        cells = lines[number].split(",")
        cells[lines[0].split(",").index(column)] = text
        return [*lines[:number], ",".join(cells), *lines[number + 1 :]]

    # No category of these tables' rows may hold a comma here; the rows are made without.
    rewrite(file, change)


def as_gzip(file):
    """Writes the file beside itself, compressed by gzip."""
    with gzip.open(file.with_suffix(".csv.gz"), "wb") as packed:
        packed.write(file.read_bytes())


def as_zip(file):
    """The same as a zip file."""
    with zipfile.ZipFile(file.with_suffix(".zip"), "w") as archive:
        archive.write(file, file.name)


def as_kaggle_zip(file):
    """The same as a zip file, named as Kaggle does."""
    with zipfile.ZipFile(file.with_suffix(".csv.zip"), "w") as archive:
        archive.write(file, file.name)


def as_parquet(file):
    """The same as Parquet."""
    table = pd.read_csv(file, keep_default_na=False, na_values=[""])
    table.to_parquet(file.with_suffix(".parquet"))


def truncate(file):
    """Cuts a file in half."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
