"""Clients that the model explains alike: nearest by contributions, accepted and refused apart.

Up to 50,000 clients every distance is computed. Above, an inverted file (Sivic, Zisserman 2003; faiss ``IndexIVFFlat``)
looks at the clients in the 16 nearest of √n cells only.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import faiss
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.features.store import ID
from pipeline.model.manifest import Decision
from services.explain.ensemble import Floats
from services.explain.portfolio.parts import (
    DECISION,
    EVERYBODY,
    REPAYMENT,
    Condition,
    Parts,
    Step,
    contribution_of,
    no_step,
)

EXACT_UP_TO = 50_000
# Of an approximate search: cells looked at, and clients a cell that the cells are placed by.
_PROBES = 16
_TRAINING_ROWS = 40
# How near a client is to the others: the mean distance to so many, kept for a sample of clients.
_NEAREST = 5
_SAMPLE = 2000
_BLOCK_ROWS = 16_384


class Neighbour(NamedTuple):
    """A client of the portfolio; ``distance`` is the Euclidean one of the contributions, log-odds."""

    sk_id_curr: int
    probability_of_repayment: float
    distance: float


class _Side:
    """The accepted or the refused clients: an index of their contributions, and who they are, by place."""

    def __init__(self, index: Any, ids: npt.NDArray[np.int64], repayment: Floats) -> None:
        self._index = index
        self._ids = ids
        self._repayment = repayment

    @classmethod
    def build(cls, parts: Parts, features: Sequence[str], decision: Decision, step: Step) -> Self:
        of = Condition(f"{DECISION} = ?", (decision.value,))
        columns = [contribution_of(name) for name in features]
        ((clients,),) = parts.rows("count(*)", of)
        index: Any = faiss.IndexFlatL2(len(columns))
        if clients > EXACT_UP_TO:
            cells = int(np.sqrt(clients))
            index = faiss.IndexIVFFlat(index, len(columns), cells)
            index.nprobe = _PROBES
            index.train(_matrix(parts.sample(columns, of, cells * _TRAINING_ROWS), columns))
        ids, repayment = [np.empty(0, np.int64)], [np.empty(0)]
        for block in parts.blocks([ID, REPAYMENT, *columns], of, _BLOCK_ROWS):
            step()
            index.add(_matrix(block, columns))
            ids.append(block[ID].to_numpy())
            repayment.append(block[REPAYMENT].to_numpy())
        return cls(index, np.concatenate(ids), np.concatenate(repayment))

    @property
    def approximate(self) -> bool:
        return not isinstance(self._index, faiss.IndexFlat)

    def nearest(self, contributions: Floats, k: int, exclude: int) -> list[Neighbour]:
        # One more than asked for: one may be left out.
        squares, places = self._index.search(np.asarray(contributions, np.float32)[None], k + 1)
        found = [
            Neighbour(int(self._ids[place]), float(self._repayment[place]), float(np.sqrt(max(square, 0.0))))
            for square, place in zip(squares[0], places[0], strict=True)
            if place >= 0 and self._ids[place] != exclude
        ]
        return found[:k]

    def save(self, folder: Path, decision: Decision) -> None:
        faiss.write_index(self._index, str(_index_file(folder, decision)))
        np.savez(_clients_file(folder, decision), ids=self._ids, repayment=self._repayment)

    @classmethod
    def load(cls, folder: Path, decision: Decision) -> Self:
        with np.load(_clients_file(folder, decision), allow_pickle=False) as kept:
            return cls(faiss.read_index(str(_index_file(folder, decision))), kept["ids"], kept["repayment"])


class Neighbours:
    """Nearest clients of a portfolio. Safe to call from several threads at once."""

    def __init__(self, sides: dict[Decision, _Side], usual: Floats) -> None:
        self._sides = sides
        # Rising: how far clients of a sample are from their own nearest ones.
        self._usual = usual

    @classmethod
    def build(cls, parts: Parts, features: Sequence[str], step: Step = no_step) -> Self:
        """Reads every contribution of all parts; ``features`` are the model's."""
        sides = {decision: _Side.build(parts, features, decision, step) for decision in Decision}
        found = cls(sides, np.empty(0))
        columns = [contribution_of(name) for name in features]
        sample = parts.sample([ID, *columns], EVERYBODY, _SAMPLE)
        own = zip(_matrix(sample, columns), sample[ID].to_pylist(), strict=True)
        usual = []
        for contributions, sk_id_curr in own:
            step()
            usual.append(found._remoteness(contributions, sk_id_curr))
        found._usual = np.sort(usual)
        return found

    @property
    def approximate(self) -> bool:
        """Whether a nearest client may be missed."""
        return any(side.approximate for side in self._sides.values())

    def nearest(self, contributions: Floats, k: int, accepted: bool | None = None, exclude: int = 0) -> list[Neighbour]:
        """Returns the ``k`` clients, or all if there are fewer, whose contributions are nearest, the nearest first.

        Args:
            contributions: shape (features,), log-odds, in the model's order.
            k: how many clients.
            accepted: only accepted ones, only refused ones, or None for all.
            exclude: identifier of a client who is left out; 0 for nobody.
        """
        wanted = {None: list(Decision), True: [Decision.ACCEPT], False: [Decision.REFUSE]}[accepted]
        found = [n for decision in wanted for n in self._sides[decision].nearest(contributions, k, exclude)]
        return sorted(found, key=lambda n: (n.distance, n.sk_id_curr))[:k]

    def plausibility(self, contributions: Floats, exclude: int = 0) -> float:
        """Share (0..1) of the clients who are further from their own five nearest than these contributions are.

        Far from all real clients it is 0; in their midst it is near 1. By a sample of 2000 clients.

        Args:
            contributions: shape (features,), log-odds.
            exclude: identifier of a client who is left out; 0 for nobody.
        """
        if not len(self._usual):
            return 0.0
        nearer = np.searchsorted(self._usual, self._remoteness(contributions, exclude), side="right")
        return 1 - float(nearer) / len(self._usual)

    def save(self, folder: Path) -> None:
        """Writes its files into a folder."""
        for decision, side in self._sides.items():
            side.save(folder, decision)
        np.save(folder / "neighbours.npy", self._usual)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads what ``save`` wrote."""
        sides = {decision: _Side.load(folder, decision) for decision in Decision}
        return cls(sides, np.load(folder / "neighbours.npy"))

    def _remoteness(self, contributions: Floats, exclude: int) -> float:
        """Mean distance to the nearest clients; infinite where there are none."""
        found = [neighbour.distance for neighbour in self.nearest(contributions, _NEAREST, exclude=exclude)]
        return float(np.mean(found)) if found else float("inf")


def _matrix(clients: pa.Table | pa.RecordBatch, columns: Sequence[str]) -> npt.NDArray[np.float32]:
    return np.column_stack([clients[name].to_numpy() for name in columns])


def _index_file(folder: Path, decision: Decision) -> Path:
    return folder / f"neighbours-{decision.value}.faiss"


def _clients_file(folder: Path, decision: Decision) -> Path:
    return folder / f"neighbours-{decision.value}.npz"
