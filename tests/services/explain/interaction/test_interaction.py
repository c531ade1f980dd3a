"""Two features over cohorts of an explained portfolio, against the clients themselves."""

from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.explanations import explain_portfolio

from pipeline.features.dictionary import Kind
from pipeline.model.manifest import Decision
from services.common.errors import InvalidInput, NotFound
from services.explain.interaction import interaction as module
from services.explain.interaction.interaction import Interactions
from services.explain.portfolio.cohort import Cohort

X, Y = "EXT_SOURCE_3", "EXT_SOURCE_2"
ABSENT = "EXT_SOURCE_1"


@pytest.fixture(scope="module")
def portfolio(explainer, model_folder, tmp_path_factory):
    """Clients of whom one feature is always missing."""
    file = tmp_path_factory.mktemp("features") / "features.parquet"
    table = pq.read_table(model_folder.parent / "features.parquet")
    column = pa.nulls(len(table), pa.float64())
    table = table.set_column(table.column_names.index(ABSENT), table.schema.field(ABSENT), column)
    pq.write_table(table, file)
    return explain_portfolio(explainer, file, tmp_path_factory.mktemp("of interactions") / "explained")


@pytest.fixture(scope="module")
def everybody(portfolio):
    return portfolio.select(Cohort())


@pytest.fixture(scope="module")
def interactions(explainer):
    return Interactions(explainer)


@pytest.fixture(scope="module")
def pair(explainer, interactions, matrix):
    """Two numbers that act together in this model."""
    inputs = {i.feature: k for k, i in enumerate(explainer.manifest.inputs) if i.category is None}
    importance = np.abs(explainer.contributions(matrix)).mean(axis=0)
    strongest = [f.name for f in (explainer.features[k] for k in np.argsort(-importance)[:20]) if f.name in inputs]
    return next(
        (x, y)
        for x, y in combinations(strongest, 2)
        if interactions._values.of_pair(matrix, [inputs[x]], [inputs[y]]).any() and ABSENT not in {x, y}
    )


def _inside(edges, k, values):
    last = k == len(edges) - 2
    return (values >= edges[k]) & ((values < edges[k + 1]) | last & (values <= edges[k + 1]))


def test_cells_of_two_numbers(explainer, interactions, portfolio, everybody, pair):
    answer = interactions.of(portfolio, everybody, *pair, cells=3)
    table = portfolio.read(everybody, ["TARGET", "probability_of_repayment", *explainer.model.encoder.features])
    matrix = explainer.model.encoder.table(table)
    names = [i.feature for i in explainer.manifest.inputs]
    expected = interactions._values.of_pair(matrix, *([names.index(name)] for name in pair))
    x, y, repayment = (table[name].to_numpy() for name in (*pair, "probability_of_repayment"))
    outcomes = table["TARGET"].cast(pa.float64()).to_numpy()
    assert answer.clients == answer.sampled == len(table)
    assert answer.strength == pytest.approx(np.abs(expected).mean())
    assert answer.strength > 0
    assert (answer.x.cells, answer.y.cells, len(answer.cells)) == (3, 3, 9)
    for k, cell in enumerate(answer.cells):
        inside = _inside(answer.x.edges, k % 3, x) & _inside(answer.y.edges, k // 3, y)
        assert cell.clients == inside.sum() > 0
        assert cell.interaction == pytest.approx(expected[inside].mean())
        assert cell.probability_of_repayment == pytest.approx(repayment[inside].mean())
        assert cell.default_rate == pytest.approx(np.nanmean(outcomes[inside]))


def test_a_category_has_a_row_for_each_of_its_values(explainer, interactions, portfolio, everybody):
    category = next(f for f in explainer.features if f.kind is Kind.CATEGORY)
    answer = interactions.of(portfolio, everybody, X, category.name, cells=4)
    assert answer.y.cells == len(category.categories)
    assert len(answer.cells) == 4 * len(category.categories)
    table = portfolio.read(everybody, [X, category.name])
    known = [x is not None and y is not None for x, y in zip(*(c.to_pylist() for c in table.columns), strict=True)]
    assert sum(cell.clients for cell in answer.cells) == sum(known)
    swapped = interactions.of(portfolio, everybody, category.name, X, cells=4)
    assert swapped.strength == pytest.approx(answer.strength)


def test_cells_are_the_portfolios_whatever_the_cohort(interactions, portfolio, everybody):
    cohort = portfolio.select(Cohort(decision=Decision.REFUSE))
    whole, part = (interactions.of(portfolio, s, X, Y, cells=5) for s in (everybody, cohort))
    np.testing.assert_array_equal(part.x.edges, whole.x.edges)
    assert part.clients == part.sampled == cohort.clients < whole.clients
    for one, all_of in zip(part.cells, whole.cells, strict=True):
        assert one.clients <= all_of.clients
        if not one.clients:
            assert one == module.Cell(0, None, None, None)


def test_a_large_cohort_is_sampled_and_always_alike(interactions, portfolio, everybody, monkeypatch):
    monkeypatch.setattr(module, "SAMPLED_CLIENTS", 60)
    first, second = (interactions.of(portfolio, everybody, X, Y, cells=8) for _ in range(2))
    assert first.sampled == 60
    assert first.clients == 400
    assert first.cells == second.cells
    assert any(cell.clients and cell.interaction is None for cell in first.cells)


def test_a_feature_that_nobody_has_leaves_no_cells(interactions, portfolio, everybody):
    answer = interactions.of(portfolio, everybody, X, ABSENT, cells=5)
    assert answer.y.cells == 0
    assert answer.cells == ()
    assert answer.sampled == 400


@pytest.mark.parametrize(("x", "y", "named"), [("NOTHING", X, "NOTHING"), (X, "NOTHING", "NOTHING")])
def test_an_unknown_feature_is_not_found(interactions, portfolio, everybody, x, y, named):
    with pytest.raises(NotFound) as error:
        interactions.of(portfolio, everybody, x, y, cells=5)
    assert error.value.details == {"feature": named}


def test_a_feature_does_not_interact_with_itself(interactions, portfolio, everybody):
    with pytest.raises(InvalidInput) as error:
        interactions.of(portfolio, everybody, X, X, cells=5)
    assert [v.field for v in error.value.violations] == ["feature_y"]
