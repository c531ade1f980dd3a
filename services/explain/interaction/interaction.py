"""How two features act together over a cohort: what the model makes of them, and what really happened."""

from dataclasses import dataclass

import numpy as np

from pipeline.features.dictionary import Feature
from pipeline.features.store import TARGET
from services.common.errors import InvalidInput, Violation
from services.explain.columns import feature_of, outcomes_of, values_of
from services.explain.ensemble import Floats
from services.explain.explainer import Explainer
from services.explain.interaction.grid import Axis, Grid
from services.explain.interaction.values import InteractionValues
from services.explain.portfolio.cohort import Cohort
from services.explain.portfolio.parts import REPAYMENT
from services.explain.portfolio.store import ExplainedPortfolio, Selection

# Clients whose interactions are computed: a quarter of a second for the features that the most trees share, of 800.
SAMPLED_CLIENTS = 2_000


@dataclass(frozen=True, slots=True)
class Cell:
    """Clients of the cohort whose two values lie in one cell; None where there is nobody to tell from."""

    clients: int
    # Mean SHAP interaction value of the sampled ones, both halves, log-odds of default.
    interaction: float | None
    # Observed share of defaults among those with a known outcome, 0..1.
    default_rate: float | None
    # Their mean, 0..1.
    probability_of_repayment: float | None


@dataclass(frozen=True, slots=True)
class Interaction:
    """A pair of features over a cohort."""

    # Of the cohort.
    clients: int
    x: Axis
    y: Axis
    # Row after row of y, each from the first cell of x to the last.
    cells: tuple[Cell, ...]
    # Mean absolute interaction of the sampled clients, whether they have both values or not, log-odds.
    strength: float
    sampled: int


class Interactions:
    """Answers for one model. Safe to call from several threads at once."""

    def __init__(self, explainer: Explainer) -> None:
        """Prepares the model's paths; takes some seconds."""
        self._explainer = explainer
        inputs = explainer.manifest.inputs
        self._values = InteractionValues(explainer.ensemble, len(inputs))
        self._inputs: dict[str, list[int]] = {}
        for k, model_input in enumerate(inputs):
            self._inputs.setdefault(model_input.feature, []).append(k)

    def of(self, portfolio: ExplainedPortfolio, selection: Selection, x: str, y: str, *, cells: int) -> Interaction:
        """Computes how two features act together; the same cohort gives the same answer.

        The interaction is of a sample of ``SAMPLED_CLIENTS``, everything else of all clients of the cohort.

        Args:
            portfolio: explained by this model.
            selection: the cohort's clients.
            x: a feature.
            y: another one.
            cells: cells a side at most, at least 1, of the portfolio's quantiles; a category has one for each category.

        Raises:
            NotFound: the model has no such feature.
            InvalidInput: both are the same.
        """
        features = [feature_of(self._explainer, name) for name in (x, y)]
        if x == y:
            raise InvalidInput([Violation("feature_y", "is the same feature as feature_x; choose another one")])
        everybody = portfolio.read(portfolio.select(Cohort()), [x, y])
        grid = Grid(*(Axis.of(feature, values_of(everybody, feature), cells) for feature in features))
        cohort = portfolio.read(selection, [x, y, TARGET, REPAYMENT])
        cell = grid.cell_of(*(values_of(cohort, feature) for feature in features))
        interaction, mean_interaction = self._sampled(portfolio, selection, grid, features)
        rate = grid.mean(cell, outcomes_of(cohort))
        repayment = grid.mean(cell, cohort[REPAYMENT].to_numpy())
        return Interaction(
            clients=selection.clients,
            x=grid.x,
            y=grid.y,
            cells=tuple(
                Cell(int(clients), *map(_known, rest))
                for clients, *rest in zip(grid.count(cell), mean_interaction, rate, repayment, strict=True)
            ),
            strength=float(np.abs(interaction).mean()),
            sampled=len(interaction),
        )

    def _sampled(
        self, portfolio: ExplainedPortfolio, selection: Selection, grid: Grid, features: list[Feature]
    ) -> tuple[Floats, Floats]:
        """The interaction of each drawn client, and the mean of each cell."""
        encoder = self._explainer.model.encoder
        table = portfolio.read(selection, encoder.features, sample=SAMPLED_CLIENTS)
        x, y = features
        interaction = self._values.of_pair(encoder.table(table), self._inputs[x.name], self._inputs[y.name])
        cell = grid.cell_of(values_of(table, x), values_of(table, y))
        return interaction, grid.mean(cell, interaction)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
