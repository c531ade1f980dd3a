"""Scenarios under a dictionary that has changed since they were saved."""

from datetime import UTC, datetime

from pipeline.features import describe
from pipeline.features.dictionary import Feature, FeatureDictionary
from services.portfolio.domain import Scenario
from services.portfolio.scenarios import read

CHANGES = {"AMT_CREDIT": 71_000.5, "NAME_INCOME_TYPE": "Working", "AMT_ANNUITY": None, "FLAG_EMAIL": 1.0}


def _dictionary(**changes):
    """Today's dictionary with some features changed; None takes one away."""
    changed = {
        name: None if change is None else describe.unobserved().by_name[name].model_copy(update=change)
        for name, change in changes.items()
    }
    features = (changed.get(f.name, f) for f in describe.unobserved().features)
    return FeatureDictionary(features=tuple(f for f in features if isinstance(f, Feature)))


def _scenario():
    return Scenario("id", 100_001, "name", CHANGES, datetime(2026, 5, 1, tzinfo=UTC))


def test_today_nothing_is_obsolete():
    assert read(_scenario(), _dictionary()) == _scenario()


def test_what_a_new_dictionary_does_not_accept_is_named_and_kept():
    incomes = describe.unobserved().by_name["NAME_INCOME_TYPE"].categories
    dictionary = _dictionary(
        FLAG_EMAIL=None,
        AMT_ANNUITY={"editable": False, "actionable": False, "direction": None, "step": None},
        NAME_INCOME_TYPE={"categories": tuple(c for c in incomes if c.value != "Working")},
    )
    found = read(_scenario(), dictionary)
    assert found.obsolete == ("AMT_ANNUITY", "FLAG_EMAIL", "NAME_INCOME_TYPE")
    assert found.overrides == CHANGES
