"""Aggregates against pandas on random rows, and the rules for missing values by hand."""

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.aggregate import aggregate
from pipeline.features.family import Computed, Family, Measure, Nested, Subset, Wording, number_column
from pipeline.features.ratio import ratio
from pipeline.tables.layout import Unit, layout

MEASURES = (
    Measure("AMT_ANNUITY", ("MIN", "MAX", "MEAN", "SUM", "VAR", "NUNIQUE"), Wording.FEMININE),
    Measure("RATIO", ("MEAN",), Wording.MASCULINE),
    Measure("MONTHS", ("SUM", "MEAN"), Wording.MASCULINE),
)

FAMILY = Family(
    table="bureau",
    dated_by="DAYS_CREDIT",
    subsets=(
        Subset("ALL", "crédits", "loans", editable=False, measures=MEASURES),
        Subset(
            "OPEN",
            "crédits en cours",
            "open loans",
            editable=True,
            measures=MEASURES,
            where=lambda credit: credit.CREDIT_ACTIVE == "Active",
        ),
    ),
    computed=(
        Computed(
            number_column("bureau", "RATIO", Unit.SHARE, "Rapport", "Ratio"), ("AMT_ANNUITY", "AMT_CREDIT_SUM"), ratio
        ),
    ),
    nested=Nested(
        "bureau_balance",
        "SK_ID_BUREAU",
        (
            Computed(
                number_column("bureau_balance", "MONTHS", Unit.COUNT, "Mois", "Months"),
                ("MONTHS_BALANCE",),
                lambda month: month.count(),
            ),
        ),
    ),
)
SCHEMA = {
    "SK_ID_CURR": "int64",
    "SK_ID_BUREAU": "int64",
    "AMT_ANNUITY": "float64",
    "AMT_CREDIT_SUM": "float64",
    "CREDIT_ACTIVE": "string",
    "CREDIT_CURRENCY": "string",
    "CREDIT_TYPE": "string",
}


def aggregated(*rows, months=()):
    """Aggregates rows of (client, annuity, credit, status), numbered from 0, and months of (row, month)."""
    numbered = [(row[0], number, *row[1:], None, None) for number, row in enumerate(rows)]
    tables = {
        "bureau": ibis.memtable(numbered, schema=SCHEMA),
        "bureau_balance": ibis.memtable(list(months), schema={"SK_ID_BUREAU": "int64", "MONTHS_BALANCE": "float64"}),
    }
    return aggregate(tables, FAMILY).execute().set_index("SK_ID_CURR").sort_index()


def test_statistics_of_values():
    one = aggregated((1, 10.0, 100.0, "Active"), (1, 30.0, 100.0, "Closed")).loc[1]
    assert one.ALL_AMT_ANNUITY_MIN == 10
    assert one.ALL_AMT_ANNUITY_MAX == 30
    assert one.ALL_AMT_ANNUITY_MEAN == 20
    assert one.ALL_AMT_ANNUITY_SUM == 40
    assert one.ALL_AMT_ANNUITY_VAR == 200
    assert one.ALL_AMT_ANNUITY_NUNIQUE == 2
    assert one.ALL_COUNT == 2
    assert one.ALL_CREDIT_ACTIVE_Active_MEAN == 0.5


def test_a_subset_holds_the_rows_of_its_category():
    one = aggregated((1, 10.0, 100.0, "Active"), (1, 30.0, 100.0, "Closed"), (1, 50.0, 100.0, None)).loc[1]
    assert one.OPEN_AMT_ANNUITY_MAX == 10
    assert one.OPEN_AMT_ANNUITY_SUM == 10
    assert one.OPEN_COUNT == 1


def test_the_variance_of_one_row_is_missing():
    assert np.isnan(aggregated((1, 10.0, 1.0, "Active")).loc[1].ALL_AMT_ANNUITY_VAR)


def test_a_client_without_rows_of_a_subset_has_no_aggregate_but_a_count():
    one = aggregated((1, 10.0, 1.0, "Closed")).loc[1]
    assert one.OPEN_COUNT == 0
    assert one[["OPEN_AMT_ANNUITY_MIN", "OPEN_AMT_ANNUITY_MEAN", "OPEN_AMT_ANNUITY_SUM"]].isna().all()


def test_rows_without_values_sum_to_zero():
    one = aggregated((1, None, 1.0, "Active")).loc[1]
    assert one.OPEN_AMT_ANNUITY_SUM == 0
    assert np.isnan(one.OPEN_AMT_ANNUITY_MEAN)


def test_a_row_without_category_counts_in_the_denominator_of_shares():
    one = aggregated((1, 1.0, 1.0, "Active"), (1, 1.0, 1.0, None)).loc[1]
    assert one.ALL_CREDIT_ACTIVE_Active_MEAN == 0.5
    assert one.ALL_CREDIT_ACTIVE_Closed_MEAN == 0


def test_a_ratio_to_zero_is_missing():
    assert np.isnan(aggregated((1, 10.0, 0.0, "Active")).loc[1].ALL_RATIO_MEAN)


def test_nested_rows_are_aggregated_per_row_first():
    rows = ((1, 1.0, 1.0, "Active"), (1, 1.0, 1.0, "Closed"), (1, 1.0, 1.0, "Closed"), (2, 1.0, 1.0, "Active"))
    found = aggregated(*rows, months=[(0, -1), (0, -2), (0, -3), (1, -1), (7, -1)])
    # The third credit of client 1 has no statement: it counts in no mean. Credit 7 is nobody's.
    assert (found.loc[1].ALL_MONTHS_SUM, found.loc[1].ALL_MONTHS_MEAN, found.loc[1].OPEN_MONTHS_MEAN) == (4, 2, 3)
    assert found.loc[1].ALL_COUNT == 3
    assert found.loc[2].ALL_MONTHS_SUM == 0
    assert np.isnan(found.loc[2].ALL_MONTHS_MEAN)


def test_the_features_do_not_depend_on_the_data():
    one = aggregated((1, 1.0, 1.0, "Active"))
    other = aggregated((1, 1.0, 1.0, "Sold"))
    assert list(one.columns) == list(other.columns) == [a.name for a in FAMILY.aggregates]
    for category in layout()["bureau"].columns["CREDIT_ACTIVE"].categories:
        assert f"ALL_CREDIT_ACTIVE_{category.value.replace(' ', '_')}_MEAN" in one.columns


def test_two_features_of_the_same_name_are_refused():
    twice = replace(FAMILY, subsets=(FAMILY.subsets[0], FAMILY.subsets[0]))
    with pytest.raises(ValueError, match="ALL_AMT_ANNUITY_MIN"):
        _ = twice.aggregates


values = st.one_of(st.none(), st.floats(-1e9, 1e9, allow_subnormal=False))
rows = st.tuples(st.integers(1, 3), values, values, st.sampled_from(["Active", "Closed", None]))


@settings(max_examples=25, deadline=None)
@given(st.lists(rows, min_size=1, max_size=12))
def test_statistics_equal_those_of_pandas(made):
    ours = aggregated(*made)
    frame = pd.DataFrame([row[:2] for row in made], columns=["client", "annuity"]).astype({"annuity": "float64"})
    theirs = frame.groupby("client").annuity.agg(["min", "max", "mean", "sum", "var", "nunique"])
    for name in theirs:
        # Cancelling values of 1e9 leave an error of 1e-16 of their size, squared in a variance.
        np.testing.assert_allclose(
            ours[f"ALL_AMT_ANNUITY_{name.upper()}"], theirs[name], rtol=1e-9, atol=1e3 if name == "var" else 1e-6
        )
