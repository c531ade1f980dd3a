"""What Prometheus learns of the scores: their distribution and the decisions. A drift of either is worth a look."""

from bisect import bisect_left
from collections.abc import Iterable
from threading import Lock

import numpy as np
import numpy.typing as npt
from prometheus_client import Counter, Metric
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from pipeline.model.manifest import Decision
from pipeline.model.score import Score
from services.scoring.scorer import Scores

_EDGES = np.round(np.arange(0.05, 1.0, 0.05), 2)
_EDGE_LIST: list[float] = _EDGES.tolist()


class _ScoreHistogram(Collector):
    """A histogram that takes a whole block at once; prometheus_client's own takes one value at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts = np.zeros(len(_EDGES) + 1, dtype=np.int64)
        self._sum = 0.0

    def observe(self, probabilities: npt.NDArray[np.float64]) -> None:
        counts = np.bincount(np.searchsorted(_EDGES, probabilities), minlength=len(self._counts))
        with self._lock:
            self._counts += counts
            self._sum += float(probabilities.sum())

    def observe_one(self, probability: float) -> None:
        # A tenth of the time that numpy takes for a single value: this is on the way of every call.
        place = bisect_left(_EDGE_LIST, probability)
        with self._lock:
            self._counts[place] += 1
            self._sum += probability

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            cumulative, total = self._counts.cumsum().tolist(), self._sum
        family = HistogramMetricFamily(
            "clairscore_scoring_probability_of_repayment", "Probabilities of repayment that were answered."
        )
        bounds = [*(f"{edge:g}" for edge in _EDGES), "+Inf"]
        family.add_metric([], buckets=list(zip(bounds, cumulative, strict=True)), sum_value=total)
        yield family


_scores = _ScoreHistogram()
REGISTRY.register(_scores)
_decisions = Counter("clairscore_scoring_decisions", "Decisions that were proposed.", ["decision"])
_accepted, _refused = _decisions.labels(Decision.ACCEPT), _decisions.labels(Decision.REFUSE)


def observe_score(score: Score) -> None:
    """Counts one answered score."""
    _scores.observe_one(score.probability_of_repayment)
    (_accepted if score.decision is Decision.ACCEPT else _refused).inc()


def observe_scores(scores: Scores) -> None:
    """Counts a block of answered scores."""
    _scores.observe(scores.probability_of_repayment)
    accepted = int(np.count_nonzero(scores.accepted))
    _accepted.inc(accepted)
    _refused.inc(len(scores.accepted) - accepted)
