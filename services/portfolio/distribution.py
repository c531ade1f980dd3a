"""How the values of a feature are distributed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Histogram:
    """Equal-width bins: bin k counts ``edges[k] <= value < edges[k + 1]``, the last one including its upper edge.

    Edges run from the lowest to the highest value. When those are equal, or so near that floating point cannot tell
    the bins' edges apart, there is one bin. Without values everything is empty, and ``mean`` is None.
    ``percentiles`` are the 1st to the 99th, linearly interpolated.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    mean: float | None
    percentiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """A feature over all ``clients``, of whom ``missing`` have no value.

    ``shape`` is a histogram, or the number of clients by category, in the dictionary's order.
    """

    clients: int
    missing: int
    shape: Histogram | dict[str, int]


def histogram(values: npt.NDArray[np.float64], bins: int) -> Histogram:
    """Describes finite values, shape (n,), by at most ``bins`` bins."""
    if not len(values):
        return Histogram((), (), None, ())
    edges = np.linspace(values.min(), values.max(), bins + 1)
    if (np.diff(edges) > 0).all():
        counts, edges = np.histogram(values, bins, (edges[0], edges[-1]))
    else:
        counts, edges = np.array([len(values)]), edges[[0, -1]]
    return Histogram(
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        mean=float(values.mean()),
        percentiles=tuple(np.percentile(values, np.arange(1, 100)).tolist()),
    )
