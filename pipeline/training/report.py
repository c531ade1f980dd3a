"""The model card of a training run: gathers what the card is computed from."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.card.build import NewClients, Newest, Validation, build_card
from pipeline.card.document import ModelCard
from pipeline.evaluation.fairness import age_band
from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.runtime import ScoringModel
from pipeline.progress import Progress
from pipeline.tables.layout import layout
from pipeline.training.dataset import Dataset
from pipeline.training.develop import Development

_GENDER, _BIRTH, _REGION = "CODE_GENDER", "DAYS_BIRTH", "REGION_RATING_CLIENT"
_DAYS_A_YEAR = 365.25
# Clients of each side that drift is looked for in: a PSI of 0.01 is certain with so many, and memory stays bounded.
_COMPARED = 20_000
_ROWS = 8192


def model_card(
    model: ScoringModel,
    features: Path,
    data: Dataset,
    developed: Development,
    *,
    newest: Newest | None,
    cost_ratio: float,
    seed: int,
    progress: Progress,
) -> ModelCard:
    """Computes the card of a model that was developed on a features file."""
    out_of_fold = developed.selected.out_of_fold
    validation = Validation(
        labels=data.target,
        probability=developed.choice.out_of_fold,
        uncalibrated=out_of_fold.probability,
        folds=out_of_fold.fold,
        groups=_groups(features, data.dictionary),
    )
    gains = developed.booster.feature_importance("gain")
    origin = model.manifest.training_data.origin
    return build_card(
        model.manifest,
        model.dictionary,
        validation,
        developed.choice,
        dict(zip(developed.booster.feature_name(), map(float, gains), strict=True)),
        new_clients=_new_clients(model, features, seed),
        newest=newest,
        absent_tables=[name for name in layout() if name != "application" and name not in origin.tables],
        cost_ratio=cost_ratio,
        seed=seed,
        progress=progress,
    )


def _groups(features: Path, dictionary: FeatureDictionary) -> dict[str, npt.NDArray[np.str_]]:
    """The group of each labelled client by gender, age and region; an attribute that the file lacks is left out."""
    known = dictionary.by_name
    clients = _read(features, [store.TARGET, *(name for name in (_GENDER, _BIRTH, _REGION) if name in known)])
    clients = clients.filter(clients[store.TARGET].is_valid())
    groups: dict[str, npt.NDArray[np.str_]] = {}
    if _GENDER in known:
        groups["gender"] = np.array(clients[_GENDER].fill_null("XNA").to_pylist())
    if _BIRTH in known:
        groups["age_band"] = age_band(-clients[_BIRTH].to_numpy() / _DAYS_A_YEAR)
    if _REGION in known:
        groups["region_rating"] = np.array(["?" if r is None else f"{r:g}" for r in clients[_REGION].to_pylist()])
    return groups


def _new_clients(model: ScoringModel, features: Path, seed: int) -> NewClients | None:
    """Labelled clients against those without a TARGET; None where every client has one."""
    unlabelled = _read(features, [store.TARGET])[store.TARGET].is_null().to_numpy()
    if not unlabelled.any():
        return None
    random = np.random.default_rng(seed)
    before, after = (_sampled(np.flatnonzero(side), random) for side in (~unlabelled, unlabelled))
    reference, current = (_rows(features, model.encoder.features, rows) for rows in (before, after))
    rates = model.expected_default_rate(model.encoder.table(current))
    return NewClients(_columns(reference), _columns(current), rates)


def _read(features: Path, columns: list[str]) -> pa.Table:
    with store.Reader(features) as file:
        return pa.Table.from_batches(file.iter_batches(_ROWS, columns=columns))


def _sampled(rows: npt.NDArray[np.intp], random: np.random.Generator) -> npt.NDArray[np.intp]:
    return rows if len(rows) <= _COMPARED else np.sort(random.choice(rows, _COMPARED, replace=False))


def _rows(features: Path, columns: list[str], rows: npt.NDArray[np.intp]) -> pa.Table:
    """Those rows of the features file, which is read in blocks."""
    blocks, start = [], 0
    with store.Reader(features) as file:
        for batch in file.iter_batches(_ROWS, columns=columns):
            first, last = np.searchsorted(rows, [start, start + batch.num_rows])
            blocks.append(batch.take(pa.array(rows[first:last] - start)))
            start += batch.num_rows
    return pa.Table.from_batches(blocks)


def _columns(clients: pa.Table) -> dict[str, npt.NDArray[np.generic]]:
    return {
        name: np.array(column.to_pylist(), dtype=object) if pa.types.is_string(column.type) else column.to_numpy()
        for name, column in zip(clients.column_names, clients.columns, strict=True)
    }
