"""Publishes a model's scores of all clients: fills the portfolio that the service reads."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.batch import score_table
from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary, Kind
from pipeline.features.store import ID, TARGET
from pipeline.live import ASIDE, switch, switching
from pipeline.model.runtime import ScoringModel
from pipeline.model.validation import Value
from pipeline.progress import Progress, silent
from pipeline.registry.registry import Registry
from services.common.errors import InvalidInput, Violation
from services.portfolio import features as published
from services.portfolio.attributes import ATTRIBUTES, AttributeKind
from services.portfolio.database import Database
from services.portfolio.domain import Publication

# Clients scored and inserted at once: some 30 MB of features.
_BLOCK_ROWS = 10_000


def publish(
    model_dir: Path,
    features: Path,
    database_url: str,
    portfolio_dir: Path,
    progress: Progress = silent,
    *,
    registry: Registry | None = None,
    keep: int = 1,
) -> Publication:
    """Scores every client of a features file and makes them, their features and the model live.

    The model is added to the registry and the clients are prepared next to those that are live; one transaction then
    adds the clients, switches to them and to the model, and removes the publications that are not kept. Until it is
    committed, an error or an interruption changes nothing that is live. Runs an event loop of its own: a caller that
    is inside of one runs it in a thread.

    Args:
        model_dir: as ``clairscore train`` writes it.
        features: as ``clairscore features`` writes it, with the feature contract that the model was trained on.
        database_url: ``sqlite:///FILE`` or ``postgresql://…``; its schema is made or brought up to date.
        portfolio_dir: folder of the published features of this database alone; made when it is not there.
        progress: told the steps "Checking", "Scoring" and "Filling the database".
        registry: where scoring finds the live model; None when it serves ``model_dir`` itself.
        keep: publications that remain, the live one among them: what ``rollback`` can return to.

    Raises:
        Misconfigured: the model does not load, or the database URL is wrong.
        InvalidInput: the features file is not one, has another contract than the model, or holds faulty values.
        FailedPrecondition: another publish is running, or the registry has another model of the same version.
        Unavailable: the database or the registry does not answer.
    """
    progress("Checking", 0)
    # On one thread, the leaves are summed up in the order of `clairscore score`, to the same bit.
    model = ScoringModel.load(model_dir)
    dictionary, origin = store.read_header(features)
    _check_contract(model, dictionary, features)
    with store.Reader(features) as file, switching(database_url, portfolio_dir, registry):
        _check_columns(file.schema, dictionary, features)
        if registry is not None:
            registry.add(model_dir)
        progress("Checking", 1)
        name = f"{uuid.uuid4().hex}{published.SUFFIX}"
        with _aside(portfolio_dir / name) as aside, published.FeaturesWriter(aside, dictionary) as writer:
            clients = _score(model, file, features, writer, progress)
        publication = Publication(
            model_version=model.manifest.version,
            published_at=datetime.now(UTC).replace(microsecond=0),
            clients=clients.num_rows,
            lowest_id=clients["sk_id_curr"][0].as_py(),
            highest_id=clients["sk_id_curr"][-1].as_py(),
            synthetic=origin.synthetic,
            dictionary=dictionary,
            features_file=name,
            features_sha256=store.sha256(features),
        )
        asyncio.run(_fill(database_url, publication, clients, progress, registry, keep))
    return publication


def _check_contract(model: ScoringModel, dictionary: FeatureDictionary, features: Path) -> None:
    if dictionary.contract != model.manifest.feature_contract:
        raise InvalidInput(
            [
                Violation(
                    str(features),
                    f"has another feature contract than model {model.manifest.version}: "
                    "train on this file, or publish the file that the model was trained on",
                )
            ]
        )


def _check_columns(schema: pa.Schema, dictionary: FeatureDictionary, features: Path) -> None:
    expected = {ID: pa.int64(), TARGET: pa.int8()}
    expected |= {f.name: pa.float64() if f.kind is Kind.NUMBER else pa.string() for f in dictionary.features}
    found = {field.name: field.type for field in schema}
    faults = [
        Violation(f"{features}: {name}", f"must be a column of type {kind}")
        for name, kind in expected.items()
        if found.get(name) != kind
    ]
    if faults:
        raise InvalidInput(faults)


def _score(
    model: ScoringModel, file: store.Reader, features: Path, writer: published.FeaturesWriter, progress: Progress
) -> pa.Table:
    """Copies the features; returns the columns of the ``clients`` table, in the order of the file."""
    if file.num_rows == 0:
        raise InvalidInput([Violation(str(features), "holds no clients")])
    progress("Scoring", 0)
    blocks: list[pa.Table] = []
    last_id, done = 0, 0
    for batch in file.iter_batches(_BLOCK_ROWS):
        table = pa.Table.from_batches([batch])
        _check_values(table, last_id, features)
        last_id = table[ID][-1].as_py()
        scores = score_table(model, table)
        blocks.append(_client_columns(table, scores))
        writer.append(table, scores)
        done += table.num_rows
        progress("Scoring", done / file.num_rows)
    return pa.concat_tables(blocks)


def _check_values(table: pa.Table, last_id: int, features: Path) -> None:
    faults = []
    ids = table[ID].to_numpy() if not table[ID].null_count else np.zeros(1)
    if (np.diff(ids, prepend=last_id) <= 0).any():
        faults.append(Violation(f"{features}: {ID}", "must be positive, unique and in rising order"))
    for column in table.column_names:
        if pa.types.is_floating(table.schema.field(column).type) and not _all_finite(table[column]):
            faults.append(Violation(f"{features}: {column}", "holds NaN or infinite values; a missing value is null"))
    if faults:
        raise InvalidInput(faults)


def _all_finite(column: pa.ChunkedArray) -> bool:
    return pc.all(pc.is_finite(column), min_count=0).as_py() is not False


def _client_columns(table: pa.Table, scores: pa.RecordBatch) -> pa.Table:
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"sk_id_curr": table[ID]}
    for attribute in ATTRIBUTES.values():
        if attribute.feature is None:
            continue
        if attribute.feature not in table.column_names:
            kind = pa.float64() if attribute.kind is AttributeKind.NUMBER else pa.string()
            columns[attribute.name] = pa.nulls(table.num_rows, kind)
        elif attribute.kind is AttributeKind.NUMBER:
            columns[attribute.name] = pc.divide(table[attribute.feature], attribute.divisor)
        else:
            columns[attribute.name] = table[attribute.feature]
    return pa.table(columns | {name: scores[name] for name in (*published.SCORE, "expected_default_rate")})


async def _fill(
    database_url: str,
    publication: Publication,
    clients: pa.Table,
    progress: Progress,
    registry: Registry | None,
    keep: int,
) -> None:
    def blocks() -> Iterator[list[dict[str, Value]]]:
        for start in range(0, clients.num_rows, _BLOCK_ROWS):
            progress("Filling the database", start / clients.num_rows)
            yield clients.slice(start, _BLOCK_ROWS).to_pylist()

    database = Database(database_url)
    try:
        async with database.writing() as unit:
            await unit.publications.add(publication)
            await unit.clients.add(publication, blocks())
            await switch(unit, publication, registry, keep)
    finally:
        await database.close()
    progress("Filling the database", 1)


@contextmanager
def _aside(file: Path) -> Iterator[Path]:
    """Gives another name to write to, which becomes ``file`` when the block ends without an error."""
    aside = file.with_suffix(ASIDE)
    try:
        yield aside
        aside.rename(file)
    finally:
        aside.unlink(missing_ok=True)
