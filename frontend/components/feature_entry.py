"""An entry of the feature dictionary, for a person: what the feature is, where it comes from, what is known of it."""

from collections.abc import Iterator

from markupsafe import Markup

from frontend.charts.scale import scale_of
from frontend.clients.types import Feature, Role, Unit, Value
from frontend.components.feature_search import label_of
from frontend.components.navigation import address
from frontend.components.table_file import link_html
from frontend.components.values import value_text
from frontend.language import Language

# More categories than this are counted, not named: the distribution names them.
_FEW = 8
# Where the whole dictionary is, as a file.
DICTIONARY = "/dictionnaire.csv"


def entry_html(feature: Feature, client: str, value: Value, language: Language) -> str:
    """The entry as a card; ``client`` is empty for none, ``value`` the client's."""
    rows = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(term, text)
        for term, text in lines(feature, client, value, language)
    )
    card = Markup(
        '<section class="card" aria-labelledby="entry">'
        '<h2 id="entry">{}</h2><p class="soft name">{}</p><dl>{}</dl>{}</section>'
    )
    title = language.gettext("Dictionary of all features")
    file = link_html(address(DICTIONARY, {"lang": language.code}), "features", title, language)
    return str(card.format(label_of(feature, language), feature.name, rows, file))


def lines(feature: Feature, client: str, value: Value, language: Language) -> Iterator[tuple[str, str]]:
    """What is known of a feature: term and text."""
    _ = language.gettext
    if client:
        yield _("Client {client}").format(client=client), value_text(value, feature, language)
    yield _("Source"), source(feature, language)
    unit = unit_name(feature.unit, language)
    if unit:
        yield _("Unit"), unit
    if feature.median is not None:
        yield _("Median"), value_text(feature.median, feature, language)
    if not feature.categories and (known := range_text(feature, language)):
        yield _("Range"), known
    if feature.categories:
        names = [label.of(language.code) or name for name, label in feature.categories.items()]
        yield _("Categories"), ", ".join(names) if len(names) <= _FEW else range_text(feature, language)
    yield _("Without a value"), language.format.percent(feature.missing_rate)
    yield _("In a decision"), role_in_advice(feature, language)


def range_text(feature: Feature, language: Language) -> str:
    """The values that were seen: from the least to the greatest, or how many categories; empty where none was seen."""
    if feature.categories:
        count = len(feature.categories)
        return language.ngettext("{count} category", "{count} categories", count).format(count=count)
    if feature.minimum is None or feature.maximum is None:
        return ""
    scale = scale_of(feature, feature.minimum, feature.maximum, language)
    return scale.with_unit(scale.interval_text(feature.minimum, feature.maximum))


def source(feature: Feature, language: Language) -> str:
    """Where the values come from: table, column, and how several rows became one value."""
    _ = language.gettext
    aggregations = {
        "MIN": _("smallest value"),
        "MAX": _("largest value"),
        "MEAN": _("mean"),
        "SUM": _("sum"),
        "VAR": _("variance"),
        "NUNIQUE": _("number of different values"),
        "COUNT": _("number of rows"),
        "SHARE": _("share of rows"),
    }
    parts = [feature.source_table, feature.source_column, aggregations.get(feature.aggregation, "")]
    text = ", ".join(part for part in parts if part)
    if feature.role is Role.DERIVED:
        return _("computed from {columns}").format(columns=text) if text else _("computed")
    return text or "–"


def role_in_advice(feature: Feature, language: Language) -> str:
    """Whether advice may name the feature."""
    if feature.protected:
        return language.gettext("protected by law: explained, never given as advice")
    if feature.actionable:
        return language.gettext("the customer can change it")
    return language.gettext("the customer cannot change it")


def unit_name(unit: Unit, language: Language) -> str:
    """The unit of the values, empty where there is none."""
    _ = language.gettext
    return {
        Unit.CURRENCY: _("euros"),
        Unit.DAYS: _("days from the application on"),
        Unit.MONTHS: _("months"),
        Unit.YEARS: _("years"),
        Unit.COUNT: _("number"),
        Unit.SHARE: _("share"),
        Unit.FLAG: _("yes or no"),
        Unit.HOUR: _("hour of the day"),
        Unit.VARIANCE: _("variance"),
    }.get(unit, "")
