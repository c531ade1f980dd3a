"""The feature dictionary is searched by label and by name."""

import pytest
from support.dictionary import real_dictionary

from frontend.components.feature_search import FeatureSearch, matches
from frontend.language import language

FR, EN = language("fr"), language("en")


@pytest.mark.parametrize("query", ["AMT_CREDIT", "amt_credit", "montant du credit", "Crédit montant"])
def test_case_accents_and_order_do_not_matter(query: str) -> None:
    assert "AMT_CREDIT" in [feature.name for feature in matches(query, real_dictionary(), FR)]


def test_what_begins_with_the_query_comes_first() -> None:
    names = [feature.name for feature in matches("amt_credit", real_dictionary(), EN)]

    assert names[0] == "AMT_CREDIT"
    assert any(not name.startswith("AMT_CREDIT") for name in names)


def test_an_empty_query_gives_the_whole_dictionary_in_its_order() -> None:
    dictionary = real_dictionary()

    assert [feature.name for feature in matches("", dictionary, FR)] == list(dictionary.features)


def test_the_list_is_cut_and_says_so() -> None:
    search = FeatureSearch(EN)
    search.show_matches("", real_dictionary())

    assert len(search.results["options"]) == 60
    assert search.results["message"] == f"60 of {len(real_dictionary().features)} features"
    search.show_matches("no such thing", real_dictionary())
    assert search.results["options"] == []
    assert "no such thing" in search.results["message"]
