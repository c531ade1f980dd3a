"""A cohort in words: the name that charts give it, and its conditions one by one."""

from collections.abc import Iterator

from frontend.charts.plane_axis import scale_of_feature
from frontend.clients.explanations import Cohort, FeatureFilter
from frontend.clients.types import Decision, Feature, FeatureDictionary
from frontend.components.feature_search import label_of
from frontend.components.values import value_text
from frontend.components.wording import band_name
from frontend.language import Language


def cohort_name(cohort: Cohort, language: Language) -> str:
    """How charts call the clients; empty for all of them."""
    _ = language.gettext
    if cohort == Cohort():
        return ""
    if cohort.decision and not cohort.band and not cohort.filters:
        return _decision(cohort.decision, language)
    if cohort.band and not cohort.decision and not cohort.filters:
        return _("Clients of {band}").format(band=band_name(cohort.band, language))
    return _("These clients")


def condition_texts(
    cohort: Cohort, dictionary: FeatureDictionary | None, language: Language
) -> Iterator[tuple[str, str]]:
    """Key (see ``without``) and text of each condition."""
    if cohort.decision:
        yield "decision", _decision(cohort.decision, language)
    if cohort.band:
        yield "band", band_name(cohort.band, language)
    for k, condition in enumerate(cohort.filters):
        feature = dictionary.features.get(condition.feature) if dictionary else None
        yield str(k), _filter_text(condition, feature, language) if feature else condition.feature


def categories_text(categories: tuple[str, ...], feature: Feature, language: Language) -> str:
    """Categories as a person reads them: "Cash loan or Card"."""
    names = [value_text(one, feature, language) for one in categories]
    return language.gettext(" or ").join(names)


def _decision(decision: Decision, language: Language) -> str:
    _ = language.gettext
    return _("Accepted clients") if decision is Decision.ACCEPT else _("Refused clients")


def _filter_text(condition: FeatureFilter, feature: Feature, language: Language) -> str:
    _ = language.gettext
    label = label_of(feature, language)
    if condition.categories:
        return _("{name}: {values}").format(name=label, values=categories_text(condition.categories, feature, language))
    scale = scale_of_feature(feature, language)
    low, high = condition.minimum, condition.maximum
    if low is None and high is None:
        return _("{name}: any known value").format(name=label)
    if low is not None and high is not None:
        said = scale.interval_text(low, high)
    else:
        end = low if low is not None else high
        at_least = (low is not None) == (scale.factor > 0)
        said = (_("from {value} on") if at_least else _("up to {value}")).format(value=scale.text(end or 0.0))
    return _("{name}: {values}").format(name=label, values=scale.with_unit(said))
