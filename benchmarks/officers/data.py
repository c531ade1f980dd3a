"""A published portfolio to measure with: a given model and its clients, or demonstration data made on the spot."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cli.progress import progress_bars
from pipeline.features import store
from pipeline.features.build import build
from pipeline.publish import publish
from pipeline.synthetic.generate import generate
from pipeline.training.train import train

_SEED = 42


@dataclass(frozen=True)
class Material:
    """A model folder and the features file of the clients that it scores."""

    model: Path
    features: Path


def demonstration(folder: Path, clients: int, trees: int) -> Material:
    """Makes synthetic clients, and a model of at most so many trees that learnt from them."""
    material = Material(folder / "model", folder / "features.parquet")
    with progress_bars() as progress:
        generate(folder / "data", clients, _SEED, progress)
        build(folder / "data", material.features, progress)
        train(material.features, material.model, progress, folds=2, trees=trees, tolerance=None)
    return material


def repeated(material: Material, clients: int, folder: Path) -> Material:
    """So many clients: those of a features file, again and again, under new identifiers."""
    table = pq.read_table(material.features)
    rows = table.take(pa.array(np.resize(np.arange(table.num_rows), clients)))
    position = rows.schema.get_field_index(store.ID)
    identifiers = pa.array(np.arange(100_001, 100_001 + clients)).cast(rows.schema.field(position).type)
    path = folder / "repeated.parquet"
    pq.write_table(rows.set_column(position, rows.schema.field(position), identifiers), path, compression="zstd")
    return Material(material.model, path)


def published(material: Material, folder: Path) -> dict[str, str]:
    """Publishes into an empty folder; gives the environment of the services that serve it."""
    folder.mkdir()
    database, portfolio = f"sqlite:///{folder / 'portfolio.db'}", folder / "portfolio"
    with progress_bars() as progress:
        publish(material.model, material.features, database, portfolio, progress)
    return {
        "DATABASE_URL": database,
        "CLAIRSCORE_PORTFOLIO_DIR": str(portfolio),
        "CLAIRSCORE_MODEL_DIR": str(material.model.resolve()),
        "CLAIRSCORE_EXPLANATIONS_DIR": str(folder / "explanations"),
    }
