"""Chooses, calibrates and judges the classifier: nested cross-validation, so that no product judges what it chose.

Varma, S. and Simon, R. (2006), "Bias in error estimation when using cross-validation for model selection", BMC
Bioinformatics 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedKFold

from pipeline.evaluation.proportion import wilson
from pipeline.evaluation.result import Interval
from pipeline.products.classifier.model import (
    CANDIDATES,
    Candidate,
    Floats,
    Labels,
    Model,
    Rows,
    Texts,
    Words,
    temperature,
)
from pipeline.progress import Progress, silent
from services.embedding.products.classifier import softmax

_CALIBRATION_BINS = 10


@dataclass(frozen=True, slots=True)
class Developed:
    """The classifier, and what nested cross-validation says of it; ``held_out`` (n, classes) are probabilities."""

    model: Model
    held_out: Floats


def develop(
    texts: Texts,
    labels: Labels,
    *,
    candidates: Sequence[Candidate] = CANDIDATES,
    folds: int = 5,
    inner_folds: int = 3,
    seed: int = 0,
    progress: Progress = silent,
) -> Developed:
    """Chooses and fits a classifier on all products; every product's probabilities come from one that has not seen it.

    Args:
        texts: the products.
        labels: their categories, shape (n,).
        candidates: what is chosen from.
        folds: of the outer cross-validation, which judges.
        inner_folds: of the inner one, which chooses and calibrates on the outer one's training products alone.
        seed: of all folds.
        progress: hears of every step.
    """
    step = "Nested cross-validation"
    classes = np.unique(labels)
    held_out = np.zeros((len(labels), len(classes)))
    progress(step, 0.0)
    for number, (training, test) in enumerate(_folds(labels, folds, seed), start=1):
        model = _fit(texts[training], labels[training], candidates, inner_folds, seed)
        held_out[test] = model.probabilities(texts[test])
        progress(step, number / (folds + 1))
    model = _fit(texts, labels, candidates, inner_folds, seed)
    progress(step, 1.0)
    return Developed(model, held_out)


def figures(held_out: Floats, labels: Labels, threshold: float) -> dict[str, float]:
    """Figures of held-out probabilities, by name; ``x_low`` and ``x_high`` are the 95 % interval of ``x``.

    Args:
        held_out: probabilities, shape (n, classes), classes in alphabetical order.
        labels: true categories, shape (n,).
        threshold: probability below which the answer is "don't know".
    """
    classes = np.unique(labels)
    predicted, confidence = classes[held_out.argmax(axis=1)], held_out.max(axis=1)
    right, sure = predicted == labels, confidence >= threshold
    found = {
        **_named("accuracy", wilson(int(right.sum()), len(right))),
        "macro_f1": float(f1_score(labels, predicted, average="macro")),
        "log_loss": float(log_loss(labels, held_out, labels=list(classes))),
        "expected_calibration_error": calibration_error(confidence, right),
        "answered_share": float(sure.mean()),
    }
    if sure.any():
        found |= _named("accuracy_answered", wilson(int(right[sure].sum()), int(sure.sum())))
    return found


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error of the answers given, over bins of equal numbers (0..1)."""
    order = np.argsort(confidence, kind="stable")
    gaps = [
        len(rows) * abs(float(confidence[rows].mean()) - float(right[rows].mean()))
        for rows in np.array_split(order, min(_CALIBRATION_BINS, len(order)))
    ]
    return sum(gaps) / len(order)


def _fit(texts: Texts, labels: Labels, candidates: Sequence[Candidate], folds: int, seed: int) -> Model:
    """Chooses by held-out accuracy, then log loss; calibrates on the same held-out decisions; fits on everything."""
    classes = np.unique(labels).tolist()
    decisions = np.zeros((len(candidates), len(labels), len(classes)))
    for training, test in _folds(labels, folds, seed):
        words = Words(texts[training])
        for place, candidate in enumerate(candidates):
            decisions[place, test] = Model(candidate, words, texts[training], labels[training]).decision(texts[test])
    temperatures = [temperature(decision, labels, classes) for decision in decisions]
    ranks = [
        _rank(decision, degrees, labels, classes) for decision, degrees in zip(decisions, temperatures, strict=True)
    ]
    best = max(range(len(candidates)), key=ranks.__getitem__)
    model = Model(candidates[best], Words(texts), texts, labels)
    model.temperature = temperatures[best]
    return model


def _rank(decision: Floats, degrees: float, labels: Labels, classes: Sequence[str]) -> tuple[float, float]:
    probabilities = softmax(decision / degrees)
    right = np.asarray(classes)[probabilities.argmax(axis=1)] == labels
    return float(right.mean()), -float(log_loss(labels, probabilities, labels=list(classes)))


def _folds(labels: Labels, folds: int, seed: int) -> list[tuple[Rows, Rows]]:
    return list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(labels, labels))


def _named(name: str, value: Interval) -> dict[str, float]:
    return {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
