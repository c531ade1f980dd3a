"""What the form asks for, and what it does not accept."""

import pytest

from frontend.application.form import (
    FEATURES,
    REQUIRED,
    Fault,
    Step,
    asked,
    base_features,
    fault_of,
    faults,
    is_possible,
    missing,
    record,
    step_of,
)
from frontend.clients.types import FeatureDictionary, InputRange, Model
from frontend.components.application_fields import fault_text, fields
from frontend.language import language
from pipeline.model import limits

FR, EN = language("fr"), language("en")
ADULT = -18 * 365.25


def model(**inputs: InputRange) -> Model:
    return Model("v", "", 0.52, (), inputs=inputs)


def test_every_field_is_a_feature_and_belongs_to_one_step(dictionary: FeatureDictionary) -> None:
    names = [name for placed in FEATURES.values() for name in placed]
    assert set(names) <= set(base_features(dictionary))
    assert len(set(names)) == len(names)


def test_what_the_model_insists_on_is_required_and_asked_for() -> None:
    assert set(REQUIRED) == {*limits.REQUIRED, "AMT_ANNUITY"}
    assert all(step_of(name) is not Step.OUTSIDE for name in REQUIRED)


def test_a_protected_category_is_asked_for_only_when_the_model_uses_it(dictionary: FeatureDictionary) -> None:
    def names(known: Model | None) -> set[str]:
        return {one.name for one in asked(Step.PERSON, dictionary, known)}

    assert "CODE_GENDER" in names(model(CODE_GENDER=InputRange()))
    assert "CODE_GENDER" not in names(model())
    assert {"DAYS_BIRTH", "CNT_CHILDREN"} <= names(model())


def test_added_features_come_with_the_outside_information(dictionary: FeatureDictionary) -> None:
    def names(step: Step) -> list[str]:
        return [one.name for one in asked(step, dictionary, None, ("PREV_COUNT", "AMT_CREDIT"))]

    assert names(Step.OUTSIDE)[-1] == "PREV_COUNT"
    assert "PREV_COUNT" not in names(Step.LOAN)


def test_nothing_known_is_missing_never_zero(dictionary: FeatureDictionary) -> None:
    complete = record({"AMT_CREDIT": 5.0}, dictionary)
    assert set(complete) == set(base_features(dictionary))
    assert {name for name, value in complete.items() if value is not None} == {"AMT_CREDIT"}
    assert set(missing({"AMT_CREDIT": 5.0})) == set(REQUIRED) - {"AMT_CREDIT"}


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DAYS_BIRTH", -17 * 365.25, Fault(maximum=ADULT)),
        ("DAYS_BIRTH", -18.1 * 365.25, None),
        ("AMT_CREDIT", 0.0, Fault(minimum=1.0)),
        ("EXT_SOURCE_1", 1.5, Fault(maximum=1.0)),
        ("EXT_SOURCE_1", 0.5, None),
        ("NAME_INCOME_TYPE", "Working", None),
    ],
)
def test_a_value_has_the_limits_of_form_and_model(name: str, value: float | str, fault: Fault | None) -> None:
    assert fault_of(name, value, model(EXT_SOURCE_1=InputRange(0.0, 1.0), DAYS_BIRTH=InputRange(None, 0.0))) == fault


def test_a_fault_is_said_in_the_unit_in_which_it_is_typed(dictionary: FeatureDictionary) -> None:
    known = dictionary.features
    assert fault_text(Fault(maximum=ADULT), known["DAYS_BIRTH"], EN) == "Not possible: at least 18 years."
    assert fault_text(Fault(minimum=1.0), known["AMT_CREDIT"], EN) == "Not possible: at least 1 €."
    assert fault_text(Fault(maximum=1.0), known["EXT_SOURCE_1"], FR) == "Impossible\u00a0: au plus 1."


def test_fields_say_what_is_required_what_is_wrong_and_keep_what_was_typed(dictionary: FeatureDictionary) -> None:
    wrong = faults({"DAYS_BIRTH": -5.0}, {"CNT_CHILDREN": "two"}, None)
    shown = fields(asked(Step.PERSON, dictionary, None), {"DAYS_BIRTH": -5.0}, wrong, [], EN)
    by_name = {one.name: one for one in shown}
    age, children, gender = (by_name[name] for name in ("DAYS_BIRTH", "CNT_CHILDREN", "CODE_GENDER"))
    assert (age.required, age.mark, age.unit) == (True, "(required, protected by law)", "years")
    assert age.error == "Not possible: at least 18 years."
    assert (children.value, children.error) == ("two", "This is not a number.")
    assert gender.options[""] == "not provided"
    assert not gender.error
    insisting = fields(asked(Step.WORK, dictionary, None), {}, {}, ["AMT_INCOME_TOTAL"], EN)
    assert [one.name for one in insisting if one.error] == ["AMT_INCOME_TOTAL"]


def test_what_the_browser_kept_is_looked_at_again(dictionary: FeatureDictionary) -> None:
    known = dictionary.features
    assert is_possible("F", known["CODE_GENDER"])
    assert not is_possible("X", known["CODE_GENDER"])
    assert not is_possible(True, known["AMT_CREDIT"])
    assert not is_possible(0.5, known["CREDIT_TERM"])
