"""DiCE (dice-ml) on our model: the same clients, features and ranges; derived features follow for it too.

Its requirements are not ours, so it is installed into a folder of its own, after which our own packages come first.
"""

import io
import subprocess
import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.features.derived import DERIVED
from pipeline.features.ratio import ratio
from pipeline.model.applicants import Applicant
from services.explain.counterfactual.candidates import Candidates
from services.explain.explainer import Explainer

# XGBoost, which it also asks for, it never imports.
_PACKAGES = ("dice-ml==0.12", "raiutils", "jsonschema", "jsonschema-specifications", "referencing", "rpds-py", "attrs")
OUTCOME = "accepted"


def install(cache: Path) -> str:
    """Makes dice-ml importable; returns its version.

    Raises:
        RuntimeError: it cannot be installed; says why.
    """
    target = cache / "dice"
    if not (target / "installed").exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), *_PACKAGES]
        result = subprocess.run([*command, "tqdm", "requests"], capture_output=True, text=True, check=False)
        if result.returncode:
            last = (result.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"dice-ml is not installed: {last}")
        (target / "installed").touch()
    sys.path.append(str(target))
    return _PACKAGES[0].split("==")[1]


class Accepting:
    """What DiCE sees of the model, for one client: a classifier over the features that the client may change."""

    def __init__(self, explainer: Explainer, applicant: Applicant, moves: Sequence[Candidates]) -> None:
        self._model = explainer.model
        self._applicant = applicant
        inputs = list(enumerate(explainer.model.manifest.inputs))
        names = {move.feature.name for move in moves}
        self._numbers = [(k, i.feature) for k, i in inputs if i.feature in names and i.category is None]
        self._categories = [(k, i.feature, i.category) for k, i in inputs if i.feature in names and i.category]
        # DiCE asks for row after row: plain divisions, for a query a row would make it look slower than it is.
        following = {d.name: d.inputs for d in DERIVED if d.expression is ratio and not names.isdisjoint(d.inputs)}
        self._ratios = [(k, following[i.feature]) for k, i in inputs if i.feature in following]

    def predict_proba(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Probabilities of refusal and acceptance, shape (n, 2), put on a scale on which the threshold is 1/2."""
        matrix = np.repeat(self._applicant.vector, len(frame), axis=0)
        for k, name in self._numbers:
            matrix[:, k] = frame[name].to_numpy(np.float64)
        for k, name, category in self._categories:
            matrix[:, k] = (frame[name] == category).to_numpy()
        for k, (above, below) in self._ratios:
            matrix[:, k] = self._column(frame, above) / self._column(frame, below)
        repayment = 1 - self._model.probability_of_default(matrix)
        threshold = self._model.manifest.threshold
        odds = repayment / (1 - repayment) * (1 - threshold) / threshold
        return np.column_stack([1 / (1 + odds), odds / (1 + odds)])

    def _column(self, frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
        if name in frame:
            return frame[name].to_numpy(np.float64)
        own = self._applicant.base[name]
        return np.full(len(frame), np.nan if own is None else float(own))

    def predict(self, frame: pd.DataFrame) -> npt.NDArray[np.int64]:
        """1 where the client is accepted."""
        return (self.predict_proba(frame)[:, 1] >= 0.5).astype(np.int64)


def counterfactuals(
    explainer: Explainer,
    applicant: Applicant,
    moves: Sequence[Candidates],
    portfolio: pd.DataFrame,
    method: str,
    count: int,
) -> list[dict[str, Any]]:
    """Answers of one client, each with the values of the features that differ; empty: it found none.

    Args:
        explainer: of the model.
        applicant: the client.
        moves: what may change, and within which range; the client's other features are not shown to DiCE at all.
        portfolio: clients with the features of the moves, all known, and whether they were accepted.
        method: "random" or "genetic".
        count: answers that are asked for.
    """
    import dice_ml  # noqa: PLC0415

    names = [move.feature.name for move in moves]
    own = {move.feature.name: move.own for move in moves}
    numbers = [name for name in names if not isinstance(own[name], str)]
    data = dice_ml.Data(dataframe=portfolio[[*names, OUTCOME]], continuous_features=numbers, outcome_name=OUTCOME)
    model = dice_ml.Model(model=Accepting(explainer, applicant, moves), backend="sklearn")
    ranges = {
        m.feature.name: [m.own, *m.values]
        if isinstance(m.own, str)
        else [float(min(m.own, *map(float, m.values))), float(max(m.own, *map(float, m.values)))]
        for m in moves
    }
    options: dict[str, Any] = {"random_seed": 0} if method == "random" else {}
    np.random.seed(0)
    # Its progress bars.
    silence = io.StringIO()
    with warnings.catch_warnings(), redirect_stdout(silence), redirect_stderr(silence):
        warnings.simplefilter("ignore")
        try:
            found = dice_ml.Dice(data, model, method=method).generate_counterfactuals(
                pd.DataFrame([own]),
                total_CFs=count,
                desired_class=1,
                features_to_vary=names,
                permitted_range=ranges,
                **options,
            )
        except Exception as error:
            # Its own way to say that there is none.
            if "No counterfactuals found" in str(error):
                return []
            raise
    frame = found.cf_examples_list[0].final_cfs_df
    rows = [] if frame is None else frame.to_dict("records")
    return [{n: row[n] for n in names if not _same(row[n], own[n])} for row in rows]


def _same(value: Any, own: float | str) -> bool:
    return value == own if isinstance(own, str) else abs(float(value) - own) < 1e-6
