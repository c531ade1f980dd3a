"""Draws columns from the measured parameters with one seeded generator.

Dependence between columns is a Gaussian copula: a column is read at a standard normal score, and the scores of
columns that belong together share parts (``blend``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.synthetic import parameters
from pipeline.synthetic.columns import Bools, Floats, Ints


@dataclass(frozen=True)
class Given:
    """The condition under which each row is drawn: ``names[codes[row]]``."""

    codes: Ints
    names: Sequence[str]

    def masks(self) -> list[tuple[str, Bools]]:
        """Returns the conditions that occur, each with its rows."""
        return [(self.names[value], self.codes == value) for value in np.unique(self.codes)]


class Sampler:
    """Draws the columns of one table; ``rows`` of them at a time."""

    def __init__(self, rng: np.random.Generator, table: str, rows: int) -> None:
        self.rng = rng
        self.table = table
        self.rows = rows

    def normal(self) -> Floats:
        """Standard normal scores."""
        return self.rng.standard_normal(self.rows)

    def uniform(self) -> Floats:
        """Uniform draws between 0 and 1."""
        return self.rng.random(self.rows)

    def blend(self, *parts: tuple[float, Floats]) -> Floats:
        """Standard normal scores that correlate with each (independent, standard normal) part by its weight."""
        own = 1.0 - sum(weight * weight for weight, _ in parts)
        score = math.sqrt(own) * self.normal()
        for weight, part in parts:
            score += weight * part
        return score

    def value(self, column: str, given: Given | None = None, score: Floats | None = None) -> Ints:
        """Draws a column of few values by its shares: category codes (-1: missing), or the integers themselves.

        ``score``: normal scores to read instead of a fresh draw; low ones give the lowest values or codes.
        """
        by_given = parameters.shares(self.table, column)
        drawn = np.zeros(self.rows, dtype=np.int64)
        uniform = self.uniform() if score is None else None
        for name, mask in _masks(given, self.rows):
            found = by_given[name]
            bounds = np.cumsum(found.shares)[:-1]
            if uniform is not None:
                position = np.searchsorted(bounds, uniform[mask], side="right")
            elif score is not None:
                scores = np.array([parameters.normal_score(float(bound)) for bound in bounds])
                position = np.searchsorted(scores, score[mask], side="right")
            drawn[mask] = found.values[position]
        return drawn

    def number(self, column: str, score: Floats, given: Given | None = None) -> Floats:
        """Reads a column's quantiles at normal scores."""
        by_given = parameters.quantiles(self.table, column)
        drawn = np.zeros(self.rows)
        for name, mask in _masks(given, self.rows):
            found = by_given[name]
            drawn[mask] = np.interp(score[mask], found.scores, found.values)
        return drawn

    def happens(self, share: float, score: Floats | None = None) -> Bools:
        """Draws an event of this share; with ``score``, low scores are those to which it happens."""
        if score is None:
            return self.uniform() < share
        return score < parameters.normal_score(share)

    def happens_shares(self, shares: Floats) -> Bools:
        """Draws an event with a share of its own in each row."""
        return self.uniform() < shares

    def happens_given(self, column: str, value: str, given: Given, score: Floats) -> Bools:
        """Draws whether a column takes a value (empty: is missing), by its measured share under each condition."""
        by_given = parameters.chance(self.table, column, value)
        drawn = np.zeros(self.rows, dtype=np.bool_)
        for name, mask in given.masks():
            drawn[mask] = score[mask] < parameters.normal_score(by_given[name])
        return drawn


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """Returns, for parents with so many children each, every child's parent and its position among its siblings."""
    parent = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return parent, np.arange(len(parent)) - first[parent]


def round_to(values: Floats, step: float | Floats) -> Floats:
    """Rounds to multiples of ``step``, and away the noise of binary fractions."""
    return np.round(np.round(values / step) * step, 3)


def missing_where(mask: Bools, values: NDArray[Any]) -> Floats:
    """The values as numbers, NaN where ``mask``."""
    return np.where(mask, np.nan, values)


def _masks(given: Given | None, rows: int) -> list[tuple[str, Bools]]:
    return [("", np.ones(rows, dtype=np.bool_))] if given is None else given.masks()
