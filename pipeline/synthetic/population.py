"""Who the clients are, beneath all columns: what is not observed, but drives application, histories and default."""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.columns import Floats, Ints

# Clients are made in blocks with streams of their own. Whole blocks are always drawn and cut at the end, so that a
# client is the same whatever the number of clients.
BLOCK = 2_000
FIRST_CLIENT = 100_001
_STREAMS = (
    "population",
    "application",
    "bureau",
    "bureau_balance",
    "previous_application",
    "POS_CASH_balance",
    "installments_payments",
    "credit_card_balance",
)


@dataclass(frozen=True)
class Clients:
    """A block of clients. The four traits are independent standard normal scores."""

    # Position in the portfolio, from 0.
    index: Ints
    # Means left after all obligations: drives external scores, debts, refusals.
    solvency: Floats
    # Pays on time: drives delays in every history; an application hardly shows it.
    discipline: Floats
    # Takes many credits: drives the number of bureau credits and applications.
    appetite: Floats
    # Earns much: drives income and the size of every credit.
    affluence: Floats

    @property
    def ids(self) -> Ints:
        """``SK_ID_CURR``."""
        return FIRST_CLIENT + self.index


def stream(seed: int, block: int, name: str) -> np.random.Generator:
    """The generator of one table in one block; no other table or block draws from it."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block, _STREAMS.index(name))))


def draw(seed: int, block: int) -> Clients:
    """Draws a block of clients."""
    rng = stream(seed, block, "population")
    return Clients(block * BLOCK + np.arange(BLOCK), *(rng.standard_normal(BLOCK) for _ in range(4)))
