"""Intervals of a number's values that hold equally many clients, as far as equal values allow."""

import numpy as np
import numpy.typing as npt

from services.explain.ensemble import Floats

Places = npt.NDArray[np.intp]

# Where a client without a value lies.
NOWHERE = -1


def bin_edges(values: Floats, most: int, fewest_clients: int = 1) -> Floats:
    """Edges of at most that many bins of equally many values each: bin k is ``edges[k] <= value < edges[k + 1]``.

    The last bin includes the maximum, its upper edge. Every other edge is a value that occurs. Equal values share a
    bin; where one value fills more than its part, the others are divided among the bins that are left, so that a tail
    beside a frequent value is not lost.

    Args:
        values: shape (n,), in any order; NaN (missing) counts nowhere.
        most: bins at most; at least 1.
        fewest_clients: values that a bin should hold: no more bins than so many fit in, and only the last one may hold
            fewer, where it is beside a frequent value.

    Returns:
        Rising edges, one more than bins; without any known value none. The last bin is the point [maximum, maximum]
        where the maximum is a bin of its own.
    """
    distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if not len(distinct):
        return np.empty(0)
    until = np.cumsum(counts)
    most = min(most, int(until[-1]) // fewest_clients)
    starts, done = [0], 0
    for left in range(most, 1, -1):
        wanted = done + max((until[-1] - done) / left, fewest_clients)
        last = int(np.searchsorted(until, wanted))
        # The value that passes the mark belongs to the next bin if without it the count is nearer to the mark.
        if starts[-1] < last < len(until) and wanted - until[last - 1] < until[last] - wanted:
            last -= 1
            if until[last] - done < fewest_clients:
                last += 1
        if last + 1 >= len(distinct):
            break
        starts.append(last + 1)
        done = int(until[last])
    return np.append(distinct[starts], distinct[-1])


def bin_of(edges: Floats, values: Floats) -> Places:
    """The bin of each value, shape (n,); ``NOWHERE`` if it is NaN. Values beyond the edges are in the outer bins."""
    if not len(edges):
        return np.full(len(values), NOWHERE, np.intp)
    return np.where(np.isnan(values), NOWHERE, np.searchsorted(edges[1:-1], values, side="right"))
