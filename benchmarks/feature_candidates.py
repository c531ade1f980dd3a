"""Which features of our own earn their place: cross-validation with a group of candidates and without it.

Usage: python benchmarks/feature_candidates.py RAW_FOLDER [REPEATS]

Every group is added to the 100 base features with the highest gain. Repeated stratified 5-fold; the same folds and the
same LightGBM settings with and without; the difference of ROC AUC is taken fold by fold. Its standard error is that of
Nadeau and Bengio (Inference for the Generalization Error, 2003), for the training sets overlap. Groups of shuffled
columns show what chance alone gives. A group that the recipe holds by now is taken out of the base to be judged.
"""

import sys
from pathlib import Path

import ibis
import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold

from benchmarks.candidates import DERIVED, HISTORIES
from pipeline.features.aggregate import aggregate
from pipeline.features.derived import derive
from pipeline.features.recipe import base
from pipeline.features.store import ID, TARGET
from pipeline.tables.read import open_tables

_FOLDS = 5
_TREES = 150
_BASE = 100
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    # No sampling of columns: it would draw others as soon as a column is added, and hide the small differences.
    "feature_fraction": 1.0,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l1": 1.0,
    "lambda_l2": 10.0,
    "max_bin": 63,
    "num_threads": 1,
    "force_row_wise": True,
    "verbosity": -1,
}


def main(folder: Path, repeats: int) -> None:
    """Prints one line for each group: difference of ROC AUC, its standard error, folds that are better."""
    features, target, groups = _read(folder)
    features = features.drop(columns=[name for group in groups.values() for name in group if name in features])
    features = features[_strongest(features, target)]
    without = _roc_auc(features, target, repeats)
    print(f"{folder}: {len(target)} clients, base of {_BASE} features: ROC AUC {without.mean():.4f}")
    for name, group in {**_shuffled(features), **groups}.items():
        gained = _roc_auc(features.join(group), target, repeats) - without
        error = np.sqrt((1 / len(gained) + 1 / (_FOLDS - 1)) * gained.var(ddof=1))
        print(f"{name:24} {gained.mean():+.4f} ± {error:.4f}, better in {(gained > 0).sum()}/{len(gained)}", flush=True)


def _read(folder: Path) -> tuple[pd.DataFrame, pd.Series, dict[str, pd.DataFrame]]:
    """Base features, target, and the columns of each group whose tables are there, of the labelled clients."""
    backend = ibis.duckdb.connect()
    tables = open_tables(folder, backend).tables
    labelled = tables["application"].filter(tables["application"][TARGET].notnull())
    target = labelled.select(ID, TARGET).to_pandas().set_index(ID)[TARGET].astype(int).sort_index()
    known = derive(base(tables))
    histories = {}
    for name, family in HISTORIES.items():
        if tables[family.table].count().execute():
            chosen = [a.name for a in family.aggregates if a.aggregation != "SHARE"]
            histories[name] = aggregate(tables, family).select(ID, *chosen)
    for history in histories.values():
        new = [column for column in history.columns if column not in known.columns]
        known = known.left_join(history, ID).select(known, *(history[column] for column in new))
    derived = {name: tuple(d for d in group if set(d.inputs) <= set(known.columns)) for name, group in DERIVED.items()}
    made = [d for group in derived.values() for d in group if d.name not in known.columns]
    known = known.mutate(**{d.name: d.expression(*(known[i] for i in d.inputs)) for d in made})
    frame = known.to_pandas().set_index(ID).loc[target.index]
    for column in frame.select_dtypes(exclude="number"):
        frame[column] = frame[column].astype("category")
    columns = {name: [c for c in history.columns if c != ID] for name, history in histories.items()}
    columns |= {name: [d.name for d in group] for name, group in derived.items() if group}
    return frame, target, {name: frame[chosen] for name, chosen in columns.items()}


def _strongest(features: pd.DataFrame, target: pd.Series) -> list[str]:
    data = lgb.Dataset(features, target, params=_PARAMETERS)
    gain = lgb.train({**_PARAMETERS, "feature_fraction": 0.3}, data, 2 * _TREES).feature_importance("gain")
    return [str(features.columns[i]) for i in np.sort(np.argsort(-gain)[:_BASE])]


def _shuffled(features: pd.DataFrame) -> dict[str, pd.DataFrame]:
    random = np.random.default_rng(5)
    numbers = features.select_dtypes("number")
    return {
        f"shuffled {k}": pd.DataFrame(
            random.permutation(numbers.sample(4, axis=1, random_state=k).to_numpy()),
            index=features.index,
            columns=[f"SHUFFLED_{column}" for column in range(4)],
        )
        for k in range(2)
    }


def _roc_auc(features: pd.DataFrame, target: pd.Series, repeats: int) -> npt.NDArray[np.float64]:
    """Held-out ROC AUC of every fold."""
    data = lgb.Dataset(features, target, params=_PARAMETERS, free_raw_data=False).construct()
    folds = RepeatedStratifiedKFold(n_splits=_FOLDS, n_repeats=repeats, random_state=1).split(features, target)
    found = []
    for seed, (train, held_out) in enumerate(folds):
        booster = lgb.train({**_PARAMETERS, "seed": seed}, data.subset(np.sort(train)), _TREES)
        found.append(roc_auc_score(target.iloc[held_out], booster.predict(features.iloc[held_out], num_threads=1)))
    return np.array(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
