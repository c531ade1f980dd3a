"""How far a publication's new clients are from those that the model learned from, by the bins of the model's card.

New are those whose outcome is not known. The card holds, for the score and for the features that had drifted most when
the model was trained, how the training clients are spread over the bins; without new clients in training it holds none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from prometheus_client import Gauge

from pipeline.evaluation.drift import BinKind, Drift, psi
from pipeline.features.store import TARGET
from pipeline.model.manifest import CARD
from services.explain.portfolio.parts import REPAYMENT, Condition, Parts, identifier

SCORE = "score"
_NEW = Condition(f"{identifier(TARGET)} IS NULL")

_psi = Gauge(
    "clairscore_explain_drift_psi",
    "Population stability index of the publication's new clients against the training clients.",
    ["feature"],
)
_expected = Gauge(
    "clairscore_explain_drift_expected_psi", "What sampling alone makes of it on average, without drift.", ["feature"]
)
_clients = Gauge("clairscore_explain_drift_clients", "New clients in the publication that is explained.")


@dataclass(frozen=True, slots=True)
class Reference:
    """How clients were spread over the bins of each feature when the model was trained, the score's first.

    ``clients`` are the training clients, ``new_clients`` those without an outcome at that time.
    """

    clients: int
    new_clients: int
    features: tuple[Drift, ...]

    @classmethod
    def load(cls, folder: Path) -> "Reference | None":
        """Reads it from a model folder, which is verified; None: there is none in it."""
        try:
            found = json.loads((folder / CARD).read_bytes())["drift"]
        except FileNotFoundError:
            return None
        if found is None:
            return None
        features = tuple(Drift.model_validate(one) for one in (found["score"], *found["listed"]))
        return cls(found["reference_clients"], found["current_clients"], features)


@dataclass(frozen=True, slots=True)
class Measured:
    """The drift of one feature: its PSI, and the PSI that samples of these sizes have on average without drift."""

    feature: str
    psi: float
    expected: float


def measure(reference: Reference, portfolio: Parts) -> tuple[int, tuple[Measured, ...]]:
    """How many new clients there are, and how far each feature has drifted; nothing where there are none."""
    columns = {one.feature: REPAYMENT if one.feature == SCORE else one.feature for one in reference.features}
    table = portfolio.table(list(dict.fromkeys(columns.values())), _NEW)
    if not table.num_rows:
        return 0, ()
    return table.num_rows, tuple(_measured(one, reference, table[columns[one.feature]]) for one in reference.features)


def tell(clients: int, found: Sequence[Measured]) -> None:
    """Lets Prometheus read it, in place of what was told before."""
    _clients.set(clients)
    _psi.clear()
    _expected.clear()
    for one in found:
        _psi.labels(one.feature).set(one.psi)
        _expected.labels(one.feature).set(one.expected)


def _measured(trained: Drift, reference: Reference, column: pa.ChunkedArray) -> Measured:
    before, then = (
        np.rint([getattr(share, side) * clients for share in trained.bins])
        for side, clients in (("reference", reference.clients), ("current", reference.new_clients))
    )
    # What has no bin of its own is with the rare, or else in the largest bin: the card put it there.
    after = np.bincount(_places(trained, int(np.argmax(before + then)), column), minlength=len(trained.bins))
    expected = (1 / before.sum() + 1 / after.sum()) * (len(trained.bins) - 1)
    return Measured(trained.feature, psi(before, after), float(expected))


def _places(trained: Drift, largest: int, column: pa.ChunkedArray) -> npt.NDArray[np.intp]:
    """The bin of each client, shape (clients,)."""
    bins = [share.bin for share in trained.bins]
    kinds = [one.kind for one in bins]
    rest = kinds.index(BinKind.RARE) if BinKind.RARE in kinds else largest
    missing = kinds.index(BinKind.MISSING) if BinKind.MISSING in kinds else rest
    if pa.types.is_string(column.type):
        place: dict[str | None, int] = {b.category: k for k, b in enumerate(bins) if b.kind is BinKind.CATEGORY}
        place[None] = missing
        return np.array([place.get(value, rest) for value in column.to_pylist()], dtype=np.intp)
    values = column.cast(pa.float64()).fill_null(np.nan).to_numpy()
    places = np.full(len(values), rest, dtype=np.intp)
    for k, one in enumerate(bins):
        if one.kind is BinKind.INTERVAL:
            low = -np.inf if one.lower is None else one.lower
            high = np.inf if one.upper is None else one.upper
            places[(low < values) & (values <= high)] = k
    places[np.isnan(values)] = missing
    return places
