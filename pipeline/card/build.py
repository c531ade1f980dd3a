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
    OutOfTime,
    Performance,
    ScoreDistribution,
)
from pipeline.evaluation import bands, calibration, discrimination
from pipeline.evaluation.drift import Alarm, drift
from pipeline.evaluation.fairness import Fairness, FourFifths, fairness
from pipeline.evaluation.proportion import wilson
from pipeline.evaluation.ranking import RESAMPLES, Statistic, bootstrap, rank
from pipeline.evaluation.recalibration import Choice
from pipeline.evaluation.result import Interval
from pipeline.evaluation.sample import Floats, checked
from pipeline.evaluation.threshold import COST_RATIO, CostCurve, cost_curve, operating_point
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model import scale
from pipeline.model.manifest import Manifest
from pipeline.progress import Progress, silent

CUSTOMER_THRESHOLD = 0.52
_TOP_FEATURES = 15
_LISTED_DRIFTS = 12
_HISTOGRAM_BINS = 40
# Below so many defaults the intervals are wide: an AUC of 0.75 is known to about 0.03.
_FEW_DEFAULTS = 500
_SCORE = "score"
_STEP = "Model card"
_DISCRIMINATION: Mapping[str, Statistic] = {
    "roc_auc": discrimination.roc_auc,
    "gini": discrimination.gini,
    "ks": discrimination.ks,
    "average_precision": discrimination.average_precision,
}


@dataclass(frozen=True, slots=True)
class Validation:
    """The out-of-fold sample, one row for each training client, arrays of shape (n,).

    ``probability`` of default is the expected default rate, out of fold and calibrated out of fold
    (``Choice.out_of_fold``); ``uncalibrated`` is the same before calibration; ``folds`` numbers each client's fold;
    ``groups`` gives, by attribute (``gender``, ``age_band``, ``region_rating``), each client's group as text.
    """

    labels: npt.NDArray[Any]
    probability: Floats
    uncalibrated: Floats
    folds: npt.NDArray[np.integer[Any]]
    groups: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewClients:
    """Two tables to compare for drift: features by name (numbers, or categories as text), and the score of each client.

    ``reference`` are training clients, or a sample of them; ``current`` are today's clients, and
    ``current_probability`` their expected default rates.
    """

    reference: Mapping[str, npt.NDArray[Any]]
    current: Mapping[str, npt.NDArray[Any]]
    current_probability: Floats


@dataclass(frozen=True, slots=True)
class Newest:
    """Clients who applied after all those that a model learned from: outcomes and expected default rates, shape (n,).

    ``trained_until`` is the date (ISO 8601) of the last application that the model learned from.
    """

    labels: npt.NDArray[Any]
    probability: Floats
    trained_until: str


def build_card(
    manifest: Manifest,
    dictionary: FeatureDictionary,
    validation: Validation,
    choice: Choice,
    importances: Mapping[str, float],
    *,
    new_clients: NewClients | None = None,
    newest: Newest | None = None,
    absent_tables: Sequence[str] = (),
    cost_ratio: float = COST_RATIO,
    resamples: int = RESAMPLES,
    seed: int = 0,
    progress: Progress = silent,
) -> ModelCard:
    """Computes every figure of the card.

    Threshold, bands and the distribution of scores are on the score's balanced scale; calibration, the Brier score and
    what is compared with a default rate are on the scale of real default rates.

    Args:
        manifest: of the model that the card describes; its threshold and bands are the ones shown.
        dictionary: labels and protection of the features.
        validation: the out-of-fold sample.
        choice: how the probabilities were calibrated.
        importances: total gain of each model input, by its name; inputs without a split may be left out.
        new_clients: what to look for drift in; without it the card has no drift section.
        newest: a validation out of time, if there was one.
        absent_tables: input tables that the features had to do without.
        cost_ratio: cost of a missed default in refused good clients.
        resamples: of every bootstrap.
        seed: of every bootstrap.
        progress: told how far the computation is.

    Raises:
        InvalidInput: labels, probabilities, folds or groups do not fit together, or hold one outcome only.
    """
    labels, probability = checked(validation.labels, validation.probability)
    prior = manifest.training_data.default_rate
    score = scale.balanced(probability, prior)
    progress(_STEP, 0.0)
    performance = _performance(labels, probability, score, resamples, seed)
    progress(_STEP, 0.3)
    cost = cost_curve(labels, score, cost_ratio, number=resamples, seed=seed)
    calibrated = 1 - scale.balanced(1 - cost.theoretical, prior)
    cost = cost.model_copy(update={"theoretical": calibrated})
    acceptance = Acceptance(cost=cost, operations=tuple(_operations(labels, score, manifest.threshold, cost)))
    banded = bands.observe(labels, score, tuple(b.upper for b in manifest.bands[:-1]))
    progress(_STEP, 0.5)
    # Groups are judged by default rates; the same clients are accepted on either scale.
    threshold = 1 - scale.real(1 - manifest.threshold, prior)
    groups = tuple(
        fairness(name, members, labels, probability, threshold, number=resamples, seed=seed)
        for name, members in validation.groups.items()
    )
    progress(_STEP, 0.7)
    drifts = None if new_clients is None else _drifts(score, new_clients, prior)
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
        out_of_time=None if newest is None else _out_of_time(newest, resamples, seed),
        fairness=groups,
        drift=drifts,
        limits=tuple(
            _limits(
                data=data,
                inputs=inputs,
                performance=performance,
                banded=banded,
                groups=groups,
                drifts=drifts,
                out_of_time=newest is not None,
            )
        ),
        labels={f.name: FeatureLabel(fr=f.label_fr, en=f.label_en) for f in dictionary.features if f.name in named},
        libraries=dict(manifest.libraries),
        files=dict(manifest.files),
    )
    progress(_STEP, 1.0)
    return card


def _performance(
    labels: npt.NDArray[Any], probability: Floats, score: Floats, resamples: int, seed: int
) -> Performance:
    ranking = rank(labels, score)
    figures = bootstrap(ranking, _DISCRIMINATION, number=resamples, seed=seed)
    return Performance(
        clients=labels.size,
        defaults=int(labels.sum()),
        **figures,
        **_brier(labels, probability, resamples, seed),
        ks_at=discrimination.kolmogorov_smirnov(ranking),
        roc=discrimination.roc_curve(ranking),
        precision_recall=discrimination.precision_recall_curve(ranking),
        deciles=discrimination.deciles(ranking),
        distribution=_distribution(labels, score),
    )


def _brier(labels: npt.NDArray[Any], probability: Floats, resamples: int, seed: int) -> dict[str, Interval]:
    statistic = {"brier": calibration.brier_score}
    return bootstrap(rank(labels, probability), statistic, number=resamples, seed=seed)


def _out_of_time(newest: Newest, resamples: int, seed: int) -> OutOfTime:
    labels, probability = checked(newest.labels, newest.probability)
    figures = bootstrap(rank(labels, probability), _DISCRIMINATION, number=resamples, seed=seed)
    return OutOfTime(
        trained_until=newest.trained_until,
        clients=labels.size,
        predicted=float(probability.mean()),
        default_rate=wilson(int(labels.sum()), labels.size),
        roc_auc=figures["roc_auc"],
        ks=figures["ks"],
        average_precision=figures["average_precision"],
        **_brier(labels, probability, resamples, seed),
    )


def _distribution(labels: npt.NDArray[Any], score: Floats) -> ScoreDistribution:
    """Histogram from the lowest per mille up, in round steps; the few clients below are counted into the first bin."""
    repayment = 1 - score
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


def _operations(labels: npt.NDArray[Any], score: Floats, threshold: float, cost: CostCurve) -> Iterator[Operation]:
    """The threshold in use first, then those to compare with it, without repeating one."""
    roles = {"in_use": threshold, "customer": CUSTOMER_THRESHOLD, "cheapest": cost.optimal.value}
    seen: set[float] = set()
    for role, value in roles.items():
        if value not in seen:
            seen.add(value)
            yield Operation(
                role=role,
                point=operating_point(labels, score, value, cost.cost_ratio),
                confusion=discrimination.confusion(labels, score, value),
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
        deselected=len(manifest.deselected_inputs),
        chosen_on=manifest.chosen_on_clients,
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


def _drifts(score: Floats, new: NewClients, prior: float) -> Drifts:
    features = drift(new.reference, new.current)
    current = scale.balanced(np.asarray(new.current_probability, dtype=np.float64), prior)
    (of_score,) = drift({_SCORE: 1 - score}, {_SCORE: 1 - current})
    alarms = [d for d in features if d.alarm is not Alarm.NONE]
    return Drifts(
        reference_clients=len(next(iter(new.reference.values()))),
        current_clients=len(new.current_probability),
        compared=len(features),
        alarms=len(alarms),
        score=of_score,
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
    out_of_time: bool,
) -> Iterator[Limit]:
    if data.synthetic:
        yield Limit(code=LimitCode.SYNTHETIC)
    yield Limit(code=LimitCode.ACCEPTED_ONLY)
    if not out_of_time:
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
