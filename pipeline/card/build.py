"""Computes a model card from what training has at hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.card.document import (
    Acceptance,
    Calibration,
    Data,
    Drifts,
    FeatureLabel,
    Importance,
    Inputs,
    Limit,
    LimitCode,
    ModelCard,
    Operation,
    Performance,
    ScoreDistribution,
)
from pipeline.evaluation import bands, calibration, discrimination
from pipeline.evaluation.drift import Alarm, drift
from pipeline.evaluation.fairness import Fairness, FourFifths, fairness
from pipeline.evaluation.ranking import RESAMPLES, bootstrap, rank
from pipeline.evaluation.recalibration import Choice
from pipeline.evaluation.sample import Floats, checked
from pipeline.evaluation.threshold import COST_RATIO, CostCurve, cost_curve, operating_point
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import Manifest
from pipeline.progress import Progress, silent

CUSTOMER_THRESHOLD = 0.52
_TOP_FEATURES = 15
_LISTED_DRIFTS = 12
_HISTOGRAM_BINS = 40
# Below so many defaults the intervals are wide: an AUC of 0.75 is known to about 0.03.
_FEW_DEFAULTS = 500
_SCORE = "score"


@dataclass(frozen=True, slots=True)
class Validation:
    """The out-of-fold sample, one row for each training client, arrays of shape (n,).

    ``probability`` of default is out of fold and calibrated out of fold (``Choice.out_of_fold``); ``uncalibrated`` is
    the same before calibration; ``folds`` numbers each client's fold; ``groups`` gives, by attribute (``gender``,
    ``age_band``, ``region_rating``), each client's group as text.
    """

    labels: npt.NDArray[Any]
    probability: Floats
    uncalibrated: Floats
    folds: npt.NDArray[np.integer[Any]]
    groups: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewClients:
    """Two tables to compare for drift: features by name (numbers, or categories as text), and the score of each client.

    ``reference`` are the training clients, whose scores are the validation's; ``current`` are today's clients.
    """

    reference: Mapping[str, npt.NDArray[Any]]
    current: Mapping[str, npt.NDArray[Any]]
    current_probability: Floats


def build_card(
    manifest: Manifest,
    dictionary: FeatureDictionary,
    validation: Validation,
    choice: Choice,
    importances: Mapping[str, float],
    *,
    new_clients: NewClients | None = None,
    absent_tables: Sequence[str] = (),
    cost_ratio: float = COST_RATIO,
    resamples: int = RESAMPLES,
    seed: int = 0,
    progress: Progress = silent,
) -> ModelCard:
    """Computes every figure of the card.

    Args:
        manifest: of the model that the card describes; its threshold and bands are the ones shown.
        dictionary: labels and protection of the features.
        validation: the out-of-fold sample.
        choice: how the probabilities were calibrated.
        importances: total gain of each model input, by its name; inputs without a split may be left out.
        new_clients: what to look for drift in; without it the card has no drift section.
        absent_tables: input tables that the features had to do without.
        cost_ratio: cost of a missed default in refused good clients.
        resamples: of every bootstrap.
        seed: of every bootstrap.
        progress: told how far the computation is.

    Raises:
        InvalidInput: labels, probabilities, folds or groups do not fit together, or hold one outcome only.
    """
    labels, probability = checked(validation.labels, validation.probability)
    progress("card", 0.0)
    performance = _performance(labels, probability, resamples, seed)
    progress("card", 0.3)
    cost = cost_curve(labels, probability, cost_ratio, number=resamples, seed=seed)
    acceptance = Acceptance(cost=cost, operations=tuple(_operations(labels, probability, manifest.threshold, cost)))
    banded = bands.observe(labels, probability, tuple(b.upper for b in manifest.bands[:-1]))
    progress("card", 0.5)
    groups = tuple(
        fairness(name, members, labels, probability, manifest.threshold, number=resamples, seed=seed)
        for name, members in validation.groups.items()
    )
    progress("card", 0.7)
    drifts = None if new_clients is None else _drifts(probability, new_clients)
    inputs = _inputs(manifest, dictionary, importances)
    origin = manifest.training_data.origin
    data = Data(
        rows=manifest.training_data.rows,
        default_rate=manifest.training_data.default_rate,
        synthetic=origin.synthetic,
        tables=origin.tables,
        absent_tables=tuple(absent_tables),
    )
    named = {f.feature for f in inputs.top} | set(inputs.protected)
    named |= {d.feature for d in drifts.listed} if drifts else set()
    card = ModelCard(
        version=manifest.version,
        created_at=manifest.created_at,
        feature_contract=manifest.feature_contract,
        data_sha256=manifest.training_data.sha256,
        data=data,
        inputs=inputs,
        performance=performance,
        calibration=_calibration(validation, choice),
        acceptance=acceptance,
        bands=banded,
        stability=discrimination.stability(labels, probability, validation.folds),
        fairness=groups,
        drift=drifts,
        limits=tuple(
            _limits(data=data, inputs=inputs, performance=performance, banded=banded, groups=groups, drifts=drifts)
        ),
        labels={f.name: FeatureLabel(fr=f.label_fr, en=f.label_en) for f in dictionary.features if f.name in named},
        libraries=dict(manifest.libraries),
        files=dict(manifest.files),
    )
    progress("card", 1.0)
    return card


def _performance(labels: npt.NDArray[Any], probability: Floats, resamples: int, seed: int) -> Performance:
    ranking = rank(labels, probability)
    figures = bootstrap(
        ranking,
        {
            "roc_auc": discrimination.roc_auc,
            "gini": discrimination.gini,
            "ks": discrimination.ks,
            "average_precision": discrimination.average_precision,
            "brier": calibration.brier_score,
        },
        number=resamples,
        seed=seed,
    )
    return Performance(
        clients=labels.size,
        defaults=int(labels.sum()),
        **figures,
        ks_at=discrimination.kolmogorov_smirnov(ranking),
        roc=discrimination.roc_curve(ranking),
        precision_recall=discrimination.precision_recall_curve(ranking),
        deciles=discrimination.deciles(ranking),
        distribution=_distribution(labels, probability),
    )


def _distribution(labels: npt.NDArray[Any], probability: Floats) -> ScoreDistribution:
    """Histogram from the lowest per mille up, in round steps; the few clients below are counted into the first bin."""
    repayment = 1 - probability
    lowest = np.floor(np.quantile(repayment, 0.001) * 20) / 20
    edges = np.linspace(lowest, 1, _HISTOGRAM_BINS + 1)
    shares = [
        np.histogram(repayment[members].clip(lowest, 1), edges)[0] / members.sum() for members in (~labels, labels)
    ]
    return ScoreDistribution(edges=tuple(edges), repaid=tuple(shares[0]), defaults=tuple(shares[1]))


def _calibration(validation: Validation, choice: Choice) -> Calibration:
    sample = (validation.labels, validation.probability)
    return Calibration(
        method=choice.method,
        log_loss=dict(choice.log_loss),
        brier=calibration.brier(*sample),
        expected_calibration_error=calibration.expected_calibration_error(*sample),
        reliability=calibration.reliability_curve(*sample),
        reliability_before=calibration.reliability_curve(validation.labels, validation.uncalibrated),
    )


def _operations(
    labels: npt.NDArray[Any], probability: Floats, threshold: float, cost: CostCurve
) -> Iterator[Operation]:
    """The threshold in use first, then those to compare with it, without repeating one."""
    roles = {"in_use": threshold, "customer": CUSTOMER_THRESHOLD, "cheapest": cost.optimal.value}
    seen: set[float] = set()
    for role, value in roles.items():
        if value not in seen:
            seen.add(value)
            yield Operation(
                role=role,
                point=operating_point(labels, probability, value, cost.cost_ratio),
                confusion=discrimination.confusion(labels, probability, value),
            )


def _inputs(manifest: Manifest, dictionary: FeatureDictionary, importances: Mapping[str, float]) -> Inputs:
    gains = dict.fromkeys((i.feature for i in manifest.inputs), 0.0)
    for model_input in manifest.inputs:
        gains[model_input.feature] += importances.get(model_input.name, 0.0)
    total = sum(gains.values()) or 1.0
    ranked = sorted(gains, key=lambda name: (-gains[name], name))
    entries = dictionary.by_name
    return Inputs(
        inputs=len(manifest.inputs),
        features=len(gains),
        top=tuple(
            Importance(
                feature=name,
                protected=entries[name].protected,
                share=gains[name] / total,
            )
            for name in ranked[:_TOP_FEATURES]
        ),
        protected=tuple(name for name in ranked if entries[name].protected),
    )


def _drifts(probability: Floats, new: NewClients) -> Drifts:
    features = drift(new.reference, new.current)
    (score,) = drift({_SCORE: 1 - probability}, {_SCORE: 1 - np.asarray(new.current_probability, dtype=np.float64)})
    alarms = [d for d in features if d.alarm is not Alarm.NONE]
    return Drifts(
        reference_clients=probability.size,
        current_clients=len(new.current_probability),
        compared=len(features),
        alarms=len(alarms),
        score=score,
        # Sorted by PSI, and an alarm needs a high one: a longer list holds every alarm.
        listed=tuple(d for i, d in enumerate(features) if i < _LISTED_DRIFTS or d.alarm is not Alarm.NONE),
    )


def _limits(
    *,
    data: Data,
    inputs: Inputs,
    performance: Performance,
    banded: bands.Bands,
    groups: Sequence[Fairness],
    drifts: Drifts | None,
) -> Iterator[Limit]:
    if data.synthetic:
        yield Limit(code=LimitCode.SYNTHETIC)
    yield Limit(code=LimitCode.ACCEPTED_ONLY)
    yield Limit(code=LimitCode.NOT_OUT_OF_TIME)
    if data.absent_tables:
        yield Limit(code=LimitCode.ABSENT_TABLES, names=data.absent_tables)
    if performance.defaults < _FEW_DEFAULTS:
        yield Limit(code=LimitCode.FEW_DEFAULTS)
    if inputs.protected:
        yield Limit(code=LimitCode.PROTECTED_INPUTS, names=inputs.protected)
    if not banded.monotone:
        yield Limit(code=LimitCode.BANDS_NOT_MONOTONE)
    everyone = [(f.attribute, g) for f in groups for g in f.groups]
    unequal = [f"{name}={g.name}" for name, g in everyone if g.four_fifths is FourFifths.NOT_MET]
    if unequal:
        yield Limit(code=LimitCode.FOUR_FIFTHS, names=tuple(unequal))
    biased = [f"{name}={g.name}" for name, g in everyone if not g.calibration_gap.low <= 0 <= g.calibration_gap.high]
    if biased:
        yield Limit(code=LimitCode.CALIBRATION_BY_GROUP, names=tuple(biased))
    drifted = [d.feature for d in drifts.listed if d.alarm is not Alarm.NONE] if drifts else []
    if drifts and drifts.score.alarm is not Alarm.NONE:
        drifted.insert(0, _SCORE)
    if drifted:
        yield Limit(code=LimitCode.DRIFT, names=tuple(drifted))
