"""The client's main facts, in groups: what an officer reads first, in human units."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from frontend.clients.explanations import Contribution, Explanation
from frontend.clients.types import Client, Feature, FeatureDictionary, Value
from frontend.components.table_file import file_html
from frontend.components.values import missing, value_text
from frontend.language import Language


@dataclass(frozen=True, slots=True)
class Fact:
    """A feature to show. Without ``label`` and ``text`` the dictionary's label and unit say how.

    ``backwards``: counted back from the application, so that more on the page is less in the data.
    """

    feature: str
    label: str = ""
    text: Callable[[float], str] | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under one heading."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Line:
    """A fact ready to be shown; ``beside`` says where it lies in the portfolio, empty where that is not known."""

    feature: str
    label: str
    text: str
    known: bool
    beside: str = ""


def groups(language: Language) -> tuple[Group, ...]:
    """The groups of facts of a client. Times that the data counts in days before the application become durations."""
    _, fmt = language.gettext, language.format

    def instalments(count: float) -> str:
        return language.ngettext("about {count} annuity", "about {count} annuities", round(count)).format(
            count=fmt.integer(count)
        )

    def ago(days: float) -> str:
        return _("{duration} ago").format(duration=fmt.duration(days))

    def days_late(count: float) -> str:
        if round(count) <= 0:
            return _("none")
        return language.ngettext("{count} day", "{count} days", round(count)).format(count=fmt.integer(count))

    return (
        Group(
            _("Person"),
            (
                Fact("DAYS_BIRTH", _("Age"), fmt.age, backwards=True),
                Fact("NAME_FAMILY_STATUS"),
                Fact("CNT_CHILDREN"),
                Fact("NAME_HOUSING_TYPE"),
                Fact("NAME_EDUCATION_TYPE"),
            ),
        ),
        Group(
            _("Work"),
            (
                Fact("AMT_INCOME_TOTAL"),
                Fact("NAME_INCOME_TYPE"),
                Fact("OCCUPATION_TYPE"),
                Fact("ORGANIZATION_TYPE"),
                Fact("DAYS_EMPLOYED", _("Time in the current job"), fmt.duration, backwards=True),
            ),
        ),
        Group(
            _("Credit asked for"),
            (
                Fact("NAME_CONTRACT_TYPE"),
                Fact("AMT_CREDIT"),
                Fact("AMT_ANNUITY"),
                Fact("CREDIT_TERM", _("Term, without interest"), instalments),
                Fact("AMT_GOODS_PRICE"),
            ),
        ),
        Group(
            _("History at other lenders"),
            (
                Fact("BURO_COUNT", _("Loans known")),
                Fact("ACTIVE_COUNT", _("Open loans")),
                Fact("ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", _("Still to be repaid")),
                Fact("BURO_CREDIT_DAY_OVERDUE_MAX", _("Longest delay of payment"), days_late),
                Fact("BURO_DAYS_CREDIT_MIN", _("First loan"), ago, backwards=True),
            ),
        ),
    )


def lines(
    group: Group, client: Client, dictionary: FeatureDictionary, explanation: Explanation | None, language: Language
) -> list[Line]:
    """The facts of a group for one client; features that the dictionary doesn't know are left out."""
    known = ((fact, dictionary.features[fact.feature]) for fact in group.facts if fact.feature in dictionary.features)
    return [
        _line(
            fact, feature, client.value(fact.feature), explanation.of(fact.feature) if explanation else None, language
        )
        for fact, feature in known
    ]


def facts_html(
    client: Client, dictionary: FeatureDictionary, explanation: Explanation | None, language: Language
) -> str:
    """All groups as cards of description lists; with an explanation, each number beside the portfolio's."""
    card = Markup('<section class="card" aria-labelledby="facts-{0}"><h2 id="facts-{0}">{1}</h2>{2}</section>')
    cards = Markup("").join(
        card.format(number, group.title, _list(lines(group, client, dictionary, explanation, language), language))
        for number, group in enumerate(groups(language))
    )
    return str(Markup('<div class="facts">{}</div>{}').format(cards, _file(client, dictionary, explanation, language)))


def _file(client: Client, dictionary: FeatureDictionary, explanation: Explanation | None, language: Language) -> Markup:
    """The facts as the data has them: days with their sign, categories by their own names."""

    def rows() -> Iterator[Sequence[str | float | None]]:
        for group in groups(language):
            for line in lines(group, client, dictionary, explanation, language):
                feature = dictionary.features[line.feature]
                place = explanation.of(line.feature) if explanation else None
                yield (
                    line.feature,
                    line.label,
                    client.value(line.feature),
                    feature.unit.value,
                    place.portfolio_median if place else None,
                    place.portfolio_percentile if place else None,
                )

    header = ("feature", "label", "value", "unit", "portfolio_median", "portfolio_percentile")
    return file_html(f"client-{client.sk_id_curr}", language.gettext("The client's data"), header, rows(), language)


def _list(facts: Sequence[Line], language: Language) -> Markup:
    if not any(line.known for line in facts):
        return Markup('<p class="soft">{}</p>').format(language.gettext("Nothing known."))
    row = Markup('<div><dt>{}</dt><dd class="{}">{}</dd>{}</div>')
    beside = Markup('<dd class="beside">{}</dd>')
    rows = (
        row.format(
            line.label,
            "" if line.known else "soft",
            line.text,
            beside.format(line.beside) if line.beside else "",
        )
        for line in facts
    )
    return Markup("<dl>{}</dl>").format(Markup("").join(rows))


def _line(fact: Fact, feature: Feature, value: Value, place: Contribution | None, language: Language) -> Line:
    label = fact.label or feature.label.of(language.code) or feature.name
    if value is None:
        return Line(feature.name, label, missing(language), known=False)
    text = _text(fact, feature, value, language)
    beside = _beside(fact, feature, text, place, language) if place else ""
    return Line(feature.name, label, text, known=True, beside=beside)


def _text(fact: Fact, feature: Feature, value: Value, language: Language) -> str:
    if fact.text is not None and isinstance(value, float):
        return fact.text(value)
    return value_text(value, feature, language)


def _beside(fact: Fact, feature: Feature, text: str, place: Contribution, language: Language) -> str:
    """The portfolio's median, and how many clients have less; empty where the portfolio is not known yet."""
    _ = language.gettext
    if place.portfolio_median is None or place.portfolio_percentile is None:
        return ""
    median = _text(fact, feature, place.portfolio_median, language)
    if median == text:
        # With many equal values (no child, no delay) a percentile would mean nothing.
        return _("same as the median")
    below = 1 - place.portfolio_percentile if fact.backwards else place.portfolio_percentile
    return _("median: {median}; more than {share} of the clients").format(
        median=median, share=language.format.percent(below, 0)
    )
