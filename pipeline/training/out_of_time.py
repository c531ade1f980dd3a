"""Validation out of time: learn from the oldest applications, score the newest.

The Home Credit layout holds no calendar dates, so they come in a file of their own.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipeline.features.store import ID
from pipeline.training.dataset import Dataset
from services.common.errors import InvalidInput, Violation

NEWEST = 0.2
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Split:
    """Which clients applied last, shape (n,), and the date (ISO 8601) of the last application before theirs."""

    newest: npt.NDArray[np.bool_]
    trained_until: str


def split(file: Path, data: Dataset, folds: int) -> Split:
    """Parts the newest fifth of the labelled clients from the others.

    Args:
        file: as ``read_dates`` takes it.
        data: the clients.
        folds: of the cross-validation among the older clients, which needs as many of each class.

    Raises:
        InvalidInput: as ``read_dates`` and ``newest``, or too few of a class on one side of the date.
    """
    dates = read_dates(file, data.ids)
    late = newest(dates, str(file))
    for rows, side, fewest in ((~late, "older", folds), (late, "newest", 1)):
        defaults = int(data.target[rows].sum())
        if min(defaults, int(rows.sum()) - defaults) < fewest:
            count = f"{defaults} defaults among the {int(rows.sum())} {side} clients"
            raise InvalidInput([Violation(str(file), f"leaves {count}; {fewest} of each class are needed")])
    return Split(late, str(dates[~late].max().astype("datetime64[D]")))


def read_dates(file: Path, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    """Reads the application date of each client, shape (n,).

    Args:
        file: CSV or Parquet with ``SK_ID_CURR`` and one column of dates (ISO 8601); other clients are ignored.
        ids: the clients.

    Raises:
        InvalidInput: not such a file, a client twice, or a client without a date.
    """
    table = _read(file)
    others = [name for name in table.column_names if name != ID]
    if ID not in table.column_names or len(others) != 1:
        raise InvalidInput(
            [Violation(str(file), f"must have the columns {ID} and one of dates, not {', '.join(table.column_names)}")]
        )
    field, column = f"{file}: {others[0]}", table[others[0]]
    if not pa.types.is_date(column.type) and not pa.types.is_timestamp(column.type):
        raise InvalidInput([Violation(field, f"must hold dates such as 2026-01-31, not {column.type}")])
    known = table[ID].cast(pa.int64())
    if len(pc.unique(known)) != len(known):
        raise InvalidInput([Violation(f"{file}: {ID}", "must name each client once")])
    dates = column.take(pc.index_in(pa.array(ids), value_set=known.combine_chunks()))
    if dates.null_count:
        without = ids[dates.is_null().to_numpy()]
        named = ", ".join(map(str, without[:_LISTED]))
        raise InvalidInput([Violation(field, f"is missing for {len(without)} labelled clients, such as {named}")])
    return np.asarray(dates.cast(pa.timestamp("s")).to_numpy(), dtype="datetime64[s]")


def newest(dates: npt.NDArray[np.datetime64], field: str) -> npt.NDArray[np.bool_]:
    """Which clients applied last, shape (n,): a fifth of them, applications of one date staying together.

    Raises:
        InvalidInput: every client applied on the same date; named as ``field``.
    """
    cut = np.quantile(dates.astype(np.int64), 1 - NEWEST, method="inverted_cdf")
    late = dates.astype(np.int64) > cut
    if not late.any():
        # So many of the last date that it is the quantile itself.
        late = dates.astype(np.int64) == cut
    if late.all():
        raise InvalidInput([Violation(field, "has one date for every client: nothing is older or newer")])
    return late


def _read(file: Path) -> pa.Table:
    try:
        return pq.read_table(file) if file.suffix.lower() == ".parquet" else pa_csv.read_csv(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput([Violation(str(file), "is not a readable CSV or Parquet file")]) from error
