"""An entry of the dictionary in words."""

import pytest
from support.dictionary import real_dictionary

from frontend.clients.types import Feature, Unit
from frontend.components import feature_entry
from frontend.language import NAMES, language

FR, EN = language("fr"), language("en")


@pytest.mark.parametrize("code", NAMES)
def test_every_entry_of_the_real_dictionary_has_a_description(code: str) -> None:
    for feature in real_dictionary().features.values():
        lines = dict(feature_entry.lines(feature, "", None, language(code)))
        assert lines[language(code).gettext("Source")] != "–", feature.name
        assert all(lines.values()), feature.name


def test_the_source_names_table_column_and_aggregation() -> None:
    feature = real_dictionary().features["ACTIVE_AMT_ANNUITY_MAX"]

    assert feature_entry.source(feature, FR) == f"{feature.source_table}, AMT_ANNUITY, plus grande valeur"


def test_a_protected_feature_is_never_called_changeable() -> None:
    protected = [f for f in real_dictionary().features.values() if f.protected]

    assert protected
    assert all("protected" in feature_entry.role_in_advice(feature, EN) for feature in protected)


def test_the_clients_value_comes_first() -> None:
    feature = real_dictionary().features["AMT_CREDIT"]
    lines = list(feature_entry.lines(feature, "100001", 500_000.0, EN))

    assert lines[0] == ("Client 100001", "€500,000")
    assert next(iter(feature_entry.lines(feature, "100001", None, EN)))[1] == "not provided"


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit is not Unit.NONE])
def test_every_unit_has_a_name(unit: Unit) -> None:
    assert feature_entry.unit_name(unit, FR)


def test_values_cannot_inject_html() -> None:
    feature = real_dictionary().features["OCCUPATION_TYPE"]

    assert isinstance(feature, Feature)
    assert "<script>" not in feature_entry.entry_html(feature, "<script>", "<script>", EN)
