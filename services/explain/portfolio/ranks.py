"""Where a value lies among the portfolio's values: quantiles and ranks of every column, computed once and kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from pipeline.features.dictionary import FeatureDictionary, Kind
from pipeline.features.store import TARGET
from services.explain.ensemble import Floats
from services.explain.portfolio.parts import EVERYBODY, Condition, Parts, Step, contribution_of, identifier, no_step

# Quantiles of a column, equally spaced from the lowest to the highest value.
QUANTILES = 1001
# A column with at most so many different values is kept whole: its ranks are exact.
_DISTINCT = 4096
# Columns in memory at once: 300,000 clients by 16 numbers are 38 MB.
_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class _Steps:
    """The distribution function at some of its values: shares of the known values below and up to each."""

    values: Floats
    below: Floats
    up_to: Floats

    @classmethod
    def of(cls, ordered: Floats) -> Self:
        """Takes all known values in rising order."""
        values = np.unique(ordered)
        if len(values) > _DISTINCT:
            # Whatever more than one client in a thousand has is among them.
            values = np.unique(ordered[np.linspace(0, len(ordered) - 1, QUANTILES).astype(np.intp)])
        count = max(1, len(ordered))
        return cls(
            values, np.searchsorted(ordered, values) / count, np.searchsorted(ordered, values, side="right") / count
        )

    def rank(self, value: float) -> float:
        """Share of the values below, ties counting half; between two kept values by a straight line."""
        # The method: numpy's function of that name takes twice as long for a single value.
        after = int(self.values.searchsorted(value))
        if after < len(self.values) and self.values[after] == value:
            return float(self.below[after] + self.up_to[after]) / 2
        if after == 0:
            return 0.0
        if after == len(self.values):
            return 1.0
        low, high = self.values[after - 1], self.values[after]
        start, end = self.up_to[after - 1], self.below[after]
        return float(start + (end - start) * (value - low) / (high - low))


class Ranks:
    """Distributions of the portfolio's features and contributions, by name.

    Of features the dictionary's: numbers have ranks and quantiles, categories have shares and default rates.
    """

    def __init__(
        self,
        numbers: dict[str, tuple[Floats, _Steps]],
        categories: dict[str, dict[str, tuple[float, float | None]]],
        importance: "Importance",
    ) -> None:
        self._numbers = numbers
        self._categories = categories
        self.whole = importance
        self._mean_absolute = dict(zip(importance.features, importance.mean_absolute.tolist(), strict=True))

    @classmethod
    def build(cls, parts: Parts, dictionary: FeatureDictionary, features: Sequence[str], step: Step = no_step) -> Self:
        """Goes through all columns of all parts; ``features`` are the model's. Takes a second for 10,000 clients."""
        numbers = [f.name for f in dictionary.features if f.kind is Kind.NUMBER]
        columns = [*numbers, *map(contribution_of, features)]
        found: dict[str, tuple[Floats, _Steps]] = {}
        for start in range(0, len(columns), _COLUMNS):
            step()
            names = columns[start : start + _COLUMNS]
            table = parts.table(names)
            for name in names:
                ordered = np.sort(table[name].drop_null().to_numpy().astype(np.float64))
                quantiles = np.quantile(ordered, np.linspace(0, 1, QUANTILES)) if len(ordered) else np.empty(0)
                found[name] = quantiles, _Steps.of(ordered)
        categories = {f.name: _categories(parts, f.name) for f in dictionary.features if f.kind is Kind.CATEGORY}
        return cls(found, categories, Importance.of(parts, features))

    def percentile(self, feature: str, value: float) -> float | None:
        """Share of the clients with a value who lie below this one, ties counting half, in 0..1; None: nobody has one.

        Exact where the feature has at most 4096 different values, or where the value is one that more than a client in
        a thousand has; elsewhere within 0.001.
        """
        return self._rank(feature, value)

    def contribution_percentile(self, feature: str, contribution: float) -> float:
        """Share of the clients whose contribution of a feature of the model lies below, ties counting half, in 0..1."""
        # Kept contributions are float32: of a client of the portfolio, its own is a tie.
        return self._rank(contribution_of(feature), float(np.float32(contribution))) or 0.0

    def quantiles(self, feature: str) -> Floats:
        """The 0, 0.001, … 1 quantiles of the known values, shape (1001,), interpolated; empty: nobody has one."""
        return self._numbers[feature][0]

    def median(self, feature: str) -> float | None:
        """The median of the known values; None: nobody has one."""
        quantiles = self.quantiles(feature)
        return float(quantiles[QUANTILES // 2]) if len(quantiles) else None

    def range(self, feature: str) -> tuple[float, float] | None:
        """The lowest and the highest value; None: nobody has one."""
        quantiles = self.quantiles(feature)
        return (float(quantiles[0]), float(quantiles[-1])) if len(quantiles) else None

    def categories(self, feature: str) -> dict[str, float]:
        """Shares (0..1) of the clients with a value, by category; only those that some client has."""
        return {category: share for category, (share, _) in self._categories[feature].items()}

    def default_rates(self, feature: str) -> dict[str, float | None]:
        """Observed default rates (0..1) by category; None where no outcome is known."""
        return {category: rate for category, (_, rate) in self._categories[feature].items()}

    def importance(self, feature: str) -> float:
        """Mean absolute contribution of a feature of the model, log-odds."""
        mean: float = self._mean_absolute[feature]
        return mean

    def _rank(self, column: str, value: float) -> float | None:
        steps = self._numbers[column][1]
        return steps.rank(value) if len(steps.values) else None

    def save(self, file: Path) -> None:
        """Writes everything into one file."""
        quantiles, steps = zip(*self._numbers.values(), strict=True)
        rest = {
            "columns": list(self._numbers),
            "quantiles": [len(q) for q in quantiles],
            "steps": [len(s.values) for s in steps],
            "categories": self._categories,
            "features": self.whole.features,
        }
        np.savez(
            file,
            quantiles=np.concatenate(quantiles),
            values=np.concatenate([s.values for s in steps]),
            below=np.concatenate([s.below for s in steps]),
            up_to=np.concatenate([s.up_to for s in steps]),
            mean_absolute=self.whole.mean_absolute,
            mean=self.whole.mean,
            rest=np.array(json.dumps(rest)),
        )

    @classmethod
    def load(cls, file: Path) -> Self:
        """Reads what ``save`` wrote."""
        with np.load(file, allow_pickle=False) as kept:
            rest = json.loads(str(kept["rest"]))
            quantiles = _split(kept["quantiles"], rest["quantiles"])
            steps = map(_Steps, *(_split(kept[name], rest["steps"]) for name in ("values", "below", "up_to")))
            numbers = dict(zip(rest["columns"], zip(quantiles, steps, strict=True), strict=True))
            return cls(
                numbers, rest["categories"], Importance(tuple(rest["features"]), kept["mean_absolute"], kept["mean"])
            )


@dataclass(frozen=True, slots=True)
class Importance:
    """Mean absolute and mean contributions (log-odds) of the model's features over some clients, shapes (features,)."""

    features: tuple[str, ...]
    mean_absolute: Floats
    mean: Floats

    @classmethod
    def of(cls, parts: Parts, features: Sequence[str], condition: Condition = EVERYBODY) -> Self:
        """Reads every contribution of the clients that satisfy a condition, of whom there must be some."""
        columns = [identifier(contribution_of(name)) for name in features]
        ((*means,),) = parts.rows(", ".join(f"avg(abs({c})), avg({c})" for c in columns), condition)
        return cls(tuple(features), np.array(means[::2], dtype=np.float64), np.array(means[1::2], dtype=np.float64))


def _categories(parts: Parts, feature: str) -> dict[str, tuple[float, float | None]]:
    column = identifier(feature)
    known = Condition(f"{column} IS NOT NULL")
    rows = parts.rows(f"{column}, count(*), avg({TARGET})", known, "GROUP BY 1 ORDER BY 1")
    total = sum(count for _, count, _ in rows)
    return {category: (count / total, rate) for category, count, rate in rows}


def _split(values: Floats, lengths: Sequence[int]) -> list[Floats]:
    return np.split(values, np.cumsum(lengths)[:-1])
