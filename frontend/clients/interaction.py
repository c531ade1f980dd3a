"""How two features act on the score together, as the explain service tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from clairscore.explain.v1 import explain_pb2


@dataclass(frozen=True, slots=True)
class InteractionAxis:
    """A feature's cells: one more of ``edges`` than cells for a number, a cell for each of ``categories``."""

    label: str
    edges: Sequence[float]
    categories: Sequence[str]

    @property
    def cells(self) -> int:
        """How many there are."""
        return len(self.categories) or max(0, len(self.edges) - 1)


@dataclass(frozen=True, slots=True)
class InteractionCell:
    """Mean interaction (log-odds of default) of the clients of a cell; None: none of them was looked at."""

    clients: int
    interaction: float | None
    default_rate: float | None


@dataclass(frozen=True, slots=True)
class Interaction:
    """Cells row after row of y; ``strength`` is the mean absolute interaction (log-odds) of the sampled clients."""

    x: InteractionAxis
    y: InteractionAxis
    cells: Sequence[InteractionCell]
    strength: float
    sampled: int


def to_interaction(message: explain_pb2.GetInteractionResponse) -> Interaction:
    """Reads the interaction of two features."""
    return Interaction(
        _to_axis(message.x),
        _to_axis(message.y),
        tuple(
            InteractionCell(
                one.clients,
                one.interaction if one.HasField("interaction") else None,
                one.default_rate if one.HasField("default_rate") else None,
            )
            for one in message.cells
        ),
        message.strength,
        message.sampled,
    )


def _to_axis(message: explain_pb2.Axis) -> InteractionAxis:
    return InteractionAxis(message.label, tuple(message.edges), tuple(message.categories))
