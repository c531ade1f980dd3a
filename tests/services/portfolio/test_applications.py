"""Applications under a dictionary that has changed since they were stored."""

from datetime import UTC, datetime

from pipeline.features import describe
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import Band, Decision
from services.portfolio.applications import read
from services.portfolio.domain import Application, StoredScore

SCORE = StoredScore(0.3, 0.7, Band.LOW, Decision.ACCEPT, "v1")


def _application(**record):
    return Application("id", "", record, SCORE, datetime(2026, 5, 1, tzinfo=UTC))


def test_today_nothing_is_obsolete_not_even_what_may_not_be_changed():
    application = _application(AMT_CREDIT=71_000.5, CODE_GENDER="F", EXT_SOURCE_1=0.4, AMT_ANNUITY=None)
    assert read(application, describe.unobserved()) == application


def test_what_a_new_dictionary_does_not_accept_is_named_and_kept():
    incomes = describe.unobserved().by_name["NAME_INCOME_TYPE"].categories
    fewer = {"categories": tuple(c for c in incomes if c.value != "Working")}
    dictionary = FeatureDictionary(
        features=tuple(
            f.model_copy(update=fewer) if f.name == "NAME_INCOME_TYPE" else f
            for f in describe.unobserved().features
            if f.name not in ("FLAG_EMAIL", "FLAG_PHONE")
        )
    )
    application = _application(NAME_INCOME_TYPE="Working", FLAG_EMAIL=1.0, FLAG_PHONE=None, AMT_CREDIT=1.0)
    found = read(application, dictionary)
    assert found.obsolete == ("FLAG_EMAIL", "NAME_INCOME_TYPE")
    assert found.record == application.record
