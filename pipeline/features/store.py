"""The features file: one Parquet file of one row per client, with its dictionary and its origin inside.

A features folder (which Spark writes) holds the same in several Parquet files, of which each continues the one before
it in the order of their names; dictionary and origin are in its file ``_common_metadata``.

Columns: ``SK_ID_CURR`` (int64), ``TARGET`` (int8, null where unknown), then the dictionary's features in its order:
numbers as float64, categories as strings; null means missing. Rows are ordered by ``SK_ID_CURR``.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline import hashing
from pipeline.features.dictionary import FeatureDictionary
from services.common.errors import InvalidInput, Violation

ID = "SK_ID_CURR"
TARGET = "TARGET"
# The file of a features folder that holds its schema, dictionary and origin.
COMMON_METADATA = "_common_metadata"
_DICTIONARY_KEY = b"clairscore.dictionary"
_ORIGIN_KEY = b"clairscore.origin"


class Origin(BaseModel):
    """Where the features come from."""

    model_config = ConfigDict(frozen=True)

    synthetic: bool
    # Raw tables that were there; the features of the others are missing.
    tables: tuple[str, ...]
    # Oldest and newest history entry, in days relative to the application. The layout holds no calendar dates.
    history_days: tuple[int, int] | None = None


def attach(schema: pa.Schema, dictionary: FeatureDictionary, origin: Origin) -> pa.Schema:
    """Returns the schema with dictionary and origin in its metadata."""
    return schema.with_metadata(
        {_DICTIONARY_KEY: dictionary.model_dump_json().encode(), _ORIGIN_KEY: origin.model_dump_json().encode()}
    )


@contextmanager
def writer(file: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Writes a Parquet file aside and puts it in place at the end; a failure leaves an earlier file as it was."""
    aside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        # Dictionaries pay for categories alone: numbers take more time with them, and hardly less room.
        categories = [field.name for field in schema if pa.types.is_string(field.type)]
        with pq.ParquetWriter(aside, schema, compression="zstd", use_dictionary=categories) as sink:
            yield sink
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def read_header(file: Path) -> tuple[FeatureDictionary, Origin]:
    """Reads dictionary and origin of a features file or folder.

    Raises:
        InvalidInput: the file is not there, is not Parquet, or was not written by ``clairscore features``.
    """
    try:
        metadata = pq.read_schema(file / COMMON_METADATA if file.is_dir() else file).metadata or {}
        return (
            FeatureDictionary.model_validate_json(metadata[_DICTIONARY_KEY]),
            Origin.model_validate_json(metadata[_ORIGIN_KEY]),
        )
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput([Violation(str(file), "is not a readable Parquet file")]) from error
    except (KeyError, ValidationError) as error:
        raise InvalidInput([Violation(str(file), "was not written by `clairscore features`")]) from error


class Reader:
    """The rows of a features file or folder, in their order; a context manager.

    Raises:
        InvalidInput: there is no Parquet file, or it cannot be read.
    """

    def __init__(self, features: Path) -> None:
        self._stack = ExitStack()
        try:
            self._files = [self._stack.enter_context(pq.ParquetFile(part)) for part in parts(features)]
        except (OSError, pa.ArrowInvalid) as error:
            self._stack.close()
            raise InvalidInput([Violation(str(features), "is not a readable Parquet file")]) from error
        self.schema: pa.Schema = self._files[0].schema_arrow
        self.num_rows: int = sum(file.metadata.num_rows for file in self._files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def iter_batches(self, rows: int, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Gives blocks of at most so many rows, of the columns named or all of them."""
        for file in self._files:
            yield from file.iter_batches(rows, columns=columns)


def parts(features: Path) -> list[Path]:
    """The Parquet files of a features file or folder, in the order of their rows.

    Raises:
        InvalidInput: a folder without Parquet files.
    """
    if not features.is_dir():
        return [features]
    found = sorted(features.glob("*.parquet"))
    if not found:
        raise InvalidInput([Violation(str(features), "holds no Parquet file")])
    return found


def sha256(file: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal; of a folder's features files, that of theirs one after the other."""
    if file.is_dir():
        each = "".join(sha256(part) for part in (file / COMMON_METADATA, *parts(file)))
        return hashlib.sha256(each.encode()).hexdigest()
    return hashing.sha256(file)
