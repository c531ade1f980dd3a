import pytest

from services.common.errors import InvalidInput
from services.explain.counterfactual.limits import Limit, by_feature


def test_limits_are_found_by_their_features(explainer):
    limits = [Limit("AMT_CREDIT", max_relative_change=0.1), Limit("NAME_CONTRACT_TYPE", fixed=True)]
    found = by_feature(limits, explainer.model.dictionary)
    assert found == {"AMT_CREDIT": limits[0], "NAME_CONTRACT_TYPE": limits[1]}


@pytest.mark.parametrize(
    ("limit", "field", "says"),
    [
        (Limit("AMT_CREDITS"), "feature", "not a feature"),
        (Limit("CODE_GENDER", fixed=True), "feature", "protected"),
        (Limit("EXT_SOURCE_2"), "feature", "nothing that a customer can change"),
        (Limit("PAYMENT_RATE"), "feature", "nothing that a customer can change"),
        (Limit("AMT_INCOME_TOTAL"), "feature", "already"),
        (Limit("AMT_CREDIT", minimum=2, maximum=1), "minimum", "must not be above the maximum"),
        (Limit("AMT_CREDIT", minimum=float("nan")), "minimum", "finite"),
        (Limit("AMT_CREDIT", maximum=float("inf")), "maximum", "finite"),
        (Limit("AMT_CREDIT", max_relative_change=1.5), "max_relative_change", "between 0 and 1"),
        (Limit("AMT_CREDIT", max_relative_change=float("nan")), "max_relative_change", "between 0 and 1"),
        (Limit("NAME_CONTRACT_TYPE", minimum=1), "minimum", "can only be fixed"),
    ],
)
def test_a_faulty_limit_is_named(explainer, limit, field, says):
    with pytest.raises(InvalidInput) as caught:
        by_feature([Limit("AMT_INCOME_TOTAL"), limit], explainer.model.dictionary)
    (violation,) = caught.value.violations
    assert violation.field == f"limits[1].{field}"
    assert says in violation.description


def test_every_faulty_limit_is_named_at_once(explainer):
    with pytest.raises(InvalidInput) as caught:
        by_feature([Limit("A"), Limit("B", minimum=1, maximum=0)], explainer.model.dictionary)
    assert [v.field for v in caught.value.violations] == ["limits[0].feature", "limits[1].feature", "limits[1].minimum"]
