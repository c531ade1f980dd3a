"""The features file: one Parquet file of one row per client, with its dictionary and its origin inside.

Columns: ``SK_ID_CURR`` (int64), ``TARGET`` (int8, null where unknown), then the dictionary's features in its order:
numbers as float64, categories as strings; null means missing. Rows are ordered by ``SK_ID_CURR``.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.features.dictionary import FeatureDictionary
from services.common.errors import InvalidInput, Violation

ID = "SK_ID_CURR"
TARGET = "TARGET"
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
        with pq.ParquetWriter(aside, schema, compression="zstd") as sink:
            yield sink
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def read_header(file: Path) -> tuple[FeatureDictionary, Origin]:
    """Reads dictionary and origin of a features file.

    Raises:
        InvalidInput: the file is not there, is not Parquet, or was not written by ``clairscore features``.
    """
    try:
        metadata = pq.read_schema(file).metadata or {}
        return (
            FeatureDictionary.model_validate_json(metadata[_DICTIONARY_KEY]),
            Origin.model_validate_json(metadata[_ORIGIN_KEY]),
        )
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput([Violation(str(file), "is not a readable Parquet file")]) from error
    except (KeyError, ValidationError) as error:
        raise InvalidInput([Violation(str(file), "was not written by `clairscore features`")]) from error


def sha256(file: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
