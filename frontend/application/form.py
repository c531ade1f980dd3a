"""What is asked of a person who is not in the portfolio, in which order, and what cannot be left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from frontend.clients.types import Feature, FeatureDictionary, InputRange, Model, Role, Value
from frontend.language import Language

# A score without these would answer a question that nobody asked. The model itself insists on the amount of the credit
# (no loan without it), the income (no affordability without it) and the age (no loan to minors). Of a client of the
# portfolio the annuity may be missing; of a loan that is being asked for it is known, and without it neither the term
# nor the weight of the instalments in the income can be told. Everything else may be unknown: the model has learned
# from clients who lack it.
REQUIRED = ("AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH", "AMT_INCOME_TOTAL")

_ADULT_YEARS = 18
_DAYS_PER_YEAR = 365.25
# What is narrower here than what the model accepts: a loan and its instalments are something, and the person is of age.
_NARROWER = {
    "AMT_CREDIT": InputRange(minimum=1.0),
    "AMT_ANNUITY": InputRange(minimum=1.0),
    "DAYS_BIRTH": InputRange(maximum=-_ADULT_YEARS * _DAYS_PER_YEAR),
}


class Step(StrEnum):
    """The steps of the form, in their order."""

    LOAN = "loan"
    PERSON = "person"
    WORK = "work"
    HOME = "home"
    OUTSIDE = "outside"
    REVIEW = "review"


FEATURES: Mapping[Step, Sequence[str]] = {
    Step.LOAN: ("NAME_CONTRACT_TYPE", "AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE"),
    Step.PERSON: (
        "DAYS_BIRTH",
        "CODE_GENDER",
        "NAME_EDUCATION_TYPE",
        "NAME_FAMILY_STATUS",
        "CNT_CHILDREN",
        "CNT_FAM_MEMBERS",
        "DAYS_ID_PUBLISH",
        "DAYS_LAST_PHONE_CHANGE",
    ),
    Step.WORK: (
        "AMT_INCOME_TOTAL",
        "NAME_INCOME_TYPE",
        "DAYS_EMPLOYED",
        "OCCUPATION_TYPE",
        "ORGANIZATION_TYPE",
        "REG_CITY_NOT_WORK_CITY",
    ),
    Step.HOME: (
        "NAME_HOUSING_TYPE",
        "FLAG_OWN_REALTY",
        "FLAG_OWN_CAR",
        "OWN_CAR_AGE",
        "DAYS_REGISTRATION",
        "REGION_RATING_CLIENT",
    ),
    # What other lenders and the credit bureau say. Of whom nothing is known, nothing is written: an empty field is a
    # missing value, never a zero.
    Step.OUTSIDE: (
        "EXT_SOURCE_1",
        "EXT_SOURCE_2",
        "EXT_SOURCE_3",
        "BURO_COUNT",
        "ACTIVE_COUNT",
        "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM",
        "BURO_CREDIT_DAY_OVERDUE_MAX",
        "AMT_REQ_CREDIT_BUREAU_QRT",
        "AMT_REQ_CREDIT_BUREAU_YEAR",
    ),
    Step.REVIEW: (),
}
_PLACED = frozenset(name for names in FEATURES.values() for name in names)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot be taken: its text is no number, or it lies beyond an accepted limit."""

    unreadable: str = ""
    minimum: float | None = None
    maximum: float | None = None


def titles(language: Language) -> dict[Step, str]:
    """The names of the steps."""
    _ = language.gettext
    return {
        Step.LOAN: _("The loan"),
        Step.PERSON: _("The person"),
        Step.WORK: _("Income and work"),
        Step.HOME: _("Housing"),
        Step.OUTSIDE: _("Outside information"),
        Step.REVIEW: _("Check and score"),
    }


def base_features(dictionary: FeatureDictionary) -> dict[str, Feature]:
    """The features that an application consists of; derived ones follow from them."""
    return {name: feature for name, feature in dictionary.features.items() if feature.role is not Role.DERIVED}


def asked(step: Step, dictionary: FeatureDictionary, model: Model | None, added: Sequence[str] = ()) -> list[Feature]:
    """The features that a step asks for; ``added`` ones, which no step has, belong to the outside information.

    A protected category (gender, family status) is asked for only when the model uses it. Protected numbers go into
    derived features as well, so they are always asked for.
    """
    known = base_features(dictionary)
    names = [*FEATURES[step], *(name for name in added if step is Step.OUTSIDE and name not in _PLACED)]
    found = [known[name] for name in names if name in known]
    return [one for one in found if not (one.protected and one.categories and model and one.name not in model.inputs)]


def step_of(feature: str) -> Step:
    """The step that asks for a feature."""
    return next((step for step, names in FEATURES.items() if feature in names), Step.OUTSIDE)


def extra(values: Mapping[str, Value]) -> list[str]:
    """Those features that no step asks for by itself."""
    return [name for name in values if name not in _PLACED]


def fault_of(name: str, value: Value, model: Model | None) -> Fault | None:
    """What is wrong with a readable value; None: nothing."""
    if not isinstance(value, int | float):
        return None
    ranges = [_NARROWER.get(name), model.inputs.get(name) if model else None]
    lows = [one.minimum for one in ranges if one and one.minimum is not None]
    highs = [one.maximum for one in ranges if one and one.maximum is not None]
    if lows and value < max(lows):
        return Fault(minimum=max(lows))
    if highs and value > min(highs):
        return Fault(maximum=min(highs))
    return None


def faults(values: Mapping[str, Value], texts: Mapping[str, str], model: Model | None) -> dict[str, Fault]:
    """What is wrong, by feature: ``texts`` are those that mean no value."""
    found = {name: Fault(unreadable=text) for name, text in texts.items()}
    for name, value in values.items():
        fault = fault_of(name, value, model)
        if fault is not None and name not in found:
            found[name] = fault
    return found


def missing(values: Mapping[str, Value]) -> list[str]:
    """Required features that have no value yet."""
    return [name for name in REQUIRED if values.get(name) is None]


def record(values: Mapping[str, Value], dictionary: FeatureDictionary) -> dict[str, Value]:
    """The complete record that is scored: every base feature, None where nothing is known."""
    return {name: values.get(name) for name in base_features(dictionary)}


def is_possible(value: object, feature: Feature) -> bool:
    """Whether a stored value can be one of this feature."""
    if feature.role is Role.DERIVED or value is None:
        return False
    if feature.categories:
        return isinstance(value, str) and value in feature.categories
    return isinstance(value, int | float) and not isinstance(value, bool)
