"""A sample of a cohort's contributions and values, for a beeswarm."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.features.dictionary import FeatureDictionary, Kind
from services.explain.portfolio.parts import contribution_of
from services.explain.portfolio.ranks import Ranks
from services.explain.portfolio.store import ExplainedPortfolio, Selection

Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Swarm:
    """One feature of the drawn clients, shapes (clients,), in the same order for every feature.

    ``contributions`` in log-odds of default. ``ranks`` are the places of the values among the portfolio's, 0..1; of a
    category, the place of its default rate among the categories' (its share of the feature's categories below, ties
    counting half); NaN where the value is missing or no outcome of the category is known.
    """

    feature: str
    contributions: Floats32
    ranks: Floats32


def swarms(
    portfolio: ExplainedPortfolio, dictionary: FeatureDictionary, selection: Selection, features: int, clients: int
) -> tuple[Swarm, ...]:
    """The most important features of the cohort, for at most so many of its clients."""
    importance = portfolio.importance(selection)
    order = np.argsort(-importance.mean_absolute, kind="stable")[:features]
    names = [importance.features[k] for k in order]
    columns = [*names, *map(contribution_of, names)]
    table = portfolio.read(selection, columns, sample=clients)
    return tuple(
        Swarm(
            name,
            table[contribution_of(name)].to_numpy().astype(np.float32, copy=False),
            _ranks(portfolio.ranks, name, table[name], dictionary.by_name[name].kind),
        )
        for name in names
    )


def _ranks(ranks: Ranks, feature: str, values: pa.ChunkedArray, kind: Kind) -> Floats32:
    places = _places(ranks.default_rates(feature)) if kind is Kind.CATEGORY else None
    known = (None if value is None else _rank(ranks, feature, value, places) for value in values.to_pylist())
    return np.array([np.nan if rank is None else rank for rank in known], np.float32)


def _rank(ranks: Ranks, feature: str, value: float | str, places: dict[str, float] | None) -> float | None:
    if places is not None:
        return places.get(str(value))
    return ranks.percentile(feature, float(value))


def _places(rates: dict[str, float | None]) -> dict[str, float]:
    known = {category: rate for category, rate in rates.items() if rate is not None}
    ordered: Sequence[float] = sorted(known.values())
    below, up_to = (np.searchsorted(ordered, list(known.values()), side=side) for side in ("left", "right"))
    return dict(zip(known, ((below + up_to) / 2 / max(1, len(ordered))).tolist(), strict=True))
