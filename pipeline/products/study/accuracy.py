"""How well a classifier on a model's vectors tells the categories: the study's own protocol, and better ones."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.manifold import TSNE
from sklearn.metrics import adjusted_rand_score, classification_report, confusion_matrix, f1_score
from sklearn.model_selection import StratifiedKFold, train_test_split

from pipeline.products.study.document import CategoryReport, FewShot, Protocol, Robustness, Settings, Validation
from pipeline.products.study.resampling import draws_interval, mean_interval
from services.common.errors import InvalidInput, Violation

Labels = npt.NDArray[np.str_]
Rows = npt.NDArray[np.intp]
Make = Callable[[], Any]
Told = Callable[[float], None]

_SEED = 42
_TEST_SHARE = 0.2


def protocol(inputs: Any, labels: Labels, estimator: Make, vectors: npt.NDArray[np.floating]) -> Protocol:
    """What the study did: one split with seed 42, and clusters on one t-SNE map with seed 42.

    Args:
        inputs: what the classifier reads, n rows.
        labels: categories, shape (n,).
        estimator: makes the classifier.
        vectors: what the map is made of, shape (n, d).
    """
    training, test = train_test_split(np.arange(len(labels)), test_size=_TEST_SHARE, random_state=_SEED)
    predicted = estimator().fit(inputs[training], labels[training]).predict(inputs[test])
    said: dict[str, Any] = classification_report(labels[test], predicted, output_dict=True, zero_division=0)
    classes = np.unique(labels)
    clusters = KMeans(len(classes), n_init=10, random_state=_SEED).fit_predict(tsne(vectors, _SEED))
    return Protocol(
        accuracy=float((predicted == labels[test]).mean()),
        macro_f1=float(said["macro avg"]["f1-score"]),
        weighted_f1=float(said["weighted avg"]["f1-score"]),
        test_rows=len(test),
        report=tuple(
            CategoryReport(
                category=str(name),
                precision=said[name]["precision"],
                recall=said[name]["recall"],
                f1=said[name]["f1-score"],
                support=int(said[name]["support"]),
            )
            for name in classes
            if name in said
        ),
        confusion=_confusion(labels[test], predicted, classes),
        ari=float(adjusted_rand_score(labels, clusters)),
    )


def tsne(vectors: npt.NDArray[np.floating], seed: int) -> npt.NDArray[np.floating]:
    """A t-SNE map, shape (n, 2), as scikit-learn makes it; few products have fewer neighbours."""
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    points: npt.NDArray[np.floating] = TSNE(2, random_state=seed, perplexity=perplexity).fit_transform(vectors)
    return points


def validation(inputs: Any, labels: Labels, estimator: Make, settings: Settings, told: Told) -> Validation:
    """Repeated stratified cross-validation; the folds depend on the labels alone, so that models share them."""
    classes = np.unique(labels)
    predicted = np.empty((settings.repeats, len(labels)), dtype=labels.dtype)
    scores, f1 = [], []
    total = settings.repeats * settings.folds
    for repeat in range(settings.repeats):
        for training, test in folds(labels, settings.folds, repeat):
            predicted[repeat, test] = estimator().fit(inputs[training], labels[training]).predict(inputs[test])
            scores.append(float((predicted[repeat, test] == labels[test]).mean()))
            f1.append(float(f1_score(labels[test], predicted[repeat, test], average="macro")))
            told(len(scores) / total)
    return Validation(
        accuracy=mean_interval(scores, settings.folds),
        macro_f1=mean_interval(f1, settings.folds),
        scores=tuple(scores),
        predicted=tuple(int(place) for place in np.searchsorted(classes, predicted[0])),
        confusion=_confusion(labels, predicted[0], classes),
    )


def few_shot(inputs: Any, labels: Labels, estimator: Make, settings: Settings, told: Told) -> tuple[FewShot, ...]:
    """Accuracy on everything else after learning from a few products of each category, drawn at random."""
    least = min(np.unique(labels, return_counts=True)[1])
    numbers = [number for number in settings.few_shot if number < least]
    found = []
    for place, number in enumerate(numbers):
        scores = []
        for draw in range(settings.few_shot_draws):
            training = _draw(labels, number, draw)
            rest = np.setdiff1d(np.arange(len(labels)), training)
            model = estimator().fit(inputs[training], labels[training])
            scores.append(float((model.predict(inputs[rest]) == labels[rest]).mean()))
        found.append(FewShot(per_category=number, accuracy=draws_interval(scores)))
        told((place + 1) / len(numbers))
    return tuple(found)


def robustness(
    learned: Any, changed: dict[str, Any], labels: Labels, estimator: Make, settings: Settings, told: Told
) -> tuple[Robustness, ...]:
    """Cross-validated accuracy under each condition.

    Args:
        learned: whole descriptions, as the classifier reads them.
        changed: by condition. "typos" and "truncated" are read by the classifier that learned from whole descriptions;
            other conditions learn from texts of the same kind.
        labels: categories, shape (n,).
        estimator: makes the classifier.
        settings: of the folds.
        told: hears of the share done.
    """
    scores: dict[str, list[float]] = {name: [] for name in changed}
    for number, (training, test) in enumerate(folds(labels, settings.folds, 0), start=1):
        whole = estimator().fit(learned[training], labels[training])
        for name, inputs in changed.items():
            disturbed = name in {"description", "typos", "truncated"}
            model = whole if disturbed else estimator().fit(inputs[training], labels[training])
            scores[name].append(float((model.predict(inputs[test]) == labels[test]).mean()))
        told(number / settings.folds)
    return tuple(
        Robustness.model_validate({"condition": name, "accuracy": mean_interval(found, settings.folds)})
        for name, found in scores.items()
    )


def folds(labels: Labels, number: int, repeat: int) -> Iterator[tuple[Rows, Rows]]:
    """Training and test rows of the folds of a repeat.

    Raises:
        InvalidInput: a category has fewer products than there are folds.
    """
    least = min(np.unique(labels, return_counts=True)[1])
    if least < number:
        raise InvalidInput([Violation("folds", f"{number} folds need {number} products of each category, not {least}")])
    return iter(StratifiedKFold(number, shuffle=True, random_state=repeat).split(labels, labels))


def _draw(labels: Labels, number: int, seed: int) -> Rows:
    chance = np.random.default_rng(seed)
    drawn = [chance.choice(np.flatnonzero(labels == name), number, replace=False) for name in np.unique(labels)]
    return np.concatenate(drawn)


def _confusion(true: Labels, predicted: Labels, classes: Sequence[str] | Labels) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(n) for n in row) for row in confusion_matrix(true, predicted, labels=list(classes)))
