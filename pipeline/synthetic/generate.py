"""Makes a synthetic portfolio of any size."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.progress import Progress, silent
from pipeline.synthetic import portfolio
from pipeline.synthetic.columns import Columns
from pipeline.synthetic.population import BLOCK, FIRST_CLIENT
from pipeline.synthetic.writing import TARGET, Writer, check_replaceable, replacing, write_marker
from services.common.errors import InvalidInput, Violation

# Every fifth client is new: without TARGET, in application_test.csv.
_TEST_EVERY = 5


@dataclass(frozen=True)
class Summary:
    """What was made."""

    # Rows by file name (``bureau.csv``).
    rows: Mapping[str, int]
    # Share of the clients of application_train.csv with TARGET 1; NaN if there are none.
    default_rate: float


def generate(out: Path, clients: int, seed: int, progress: Progress = silent) -> Summary:
    """Writes the eight files of the Home Credit layout, and ``synthetic.json``, which marks them as demonstration data.

    The same seed and the same versions of Python packages give the same bytes. A client is the same for any number
    of clients. Every fifth client goes to ``application_test.csv``. Memory does not depend on ``clients``.

    Args:
        out: the folder to write. An earlier synthetic portfolio there is replaced, when the new one is complete.
        clients: number of clients, train and test together.
        seed: seed of all random draws, 0 or more.
        progress: is told how far the work is.

    Raises:
        InvalidInput: ``clients`` or ``seed`` is out of range, or ``out`` holds something else.
    """
    violations = []
    if clients < 1:
        violations.append(Violation("clients", f"is {clients}; at least 1 client is needed"))
    if seed < 0:
        violations.append(Violation("seed", f"is {seed}; it must be 0 or more"))
    if violations:
        raise InvalidInput(violations)
    check_replaceable(out)
    defaults = 0
    with replacing(out) as folder:
        with Writer(folder) as writer:
            for block in range(-(-clients // BLOCK)):
                progress("generate", block * BLOCK / clients)
                defaults += _write_block(writer, portfolio.draw(seed, block), FIRST_CLIENT + clients)
        write_marker(folder, clients, seed)
    progress("generate", 1.0)
    train = writer.rows["application_train.csv"]
    return Summary(dict(writer.rows), defaults / train if train else float("nan"))


def _write_block(writer: Writer, tables: dict[str, Columns], end: int) -> int:
    """Appends the clients of a block whose identifier is below ``end``; returns how many of them defaulted."""
    application = tables.pop("application")
    clients = application["SK_ID_CURR"]
    test = (clients - FIRST_CLIENT) % _TEST_EVERY == _TEST_EVERY - 1
    writer.append("application_train.csv", application, ~test & (clients < end))
    writer.append("application_test.csv", application, test & (clients < end))
    bureau = tables["bureau"]
    last_credit = bureau["SK_ID_BUREAU"][bureau["SK_ID_CURR"] < end].max(initial=0)
    for name, columns in tables.items():
        # Bureau credits are numbered in the order of the clients.
        rows = columns["SK_ID_CURR"] < end if "SK_ID_CURR" in columns else columns["SK_ID_BUREAU"] <= last_credit
        writer.append(f"{name}.csv", columns, np.asarray(rows))
    return int(application[TARGET][~test & (clients < end)].sum())
