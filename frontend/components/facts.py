"""The client's main facts, in groups: what an officer reads first, in human units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from frontend.clients.types import Client, Feature, FeatureDictionary, Value
from frontend.components.values import missing, value_text
from frontend.language import Language


@dataclass(frozen=True, slots=True)
class Fact:
    """A feature to show. Without ``label`` and ``text`` the dictionary's label and unit say how."""

    feature: str
    label: str = ""
    text: Callable[[float], str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under one heading."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Line:
    """A fact ready to be shown."""

    label: str
    text: str
    known: bool


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
                Fact("DAYS_BIRTH", _("Age"), fmt.age),
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
                Fact("DAYS_EMPLOYED", _("Time in the current job"), fmt.duration),
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
                Fact("BURO_DAYS_CREDIT_MIN", _("First loan"), ago),
            ),
        ),
    )


def lines(group: Group, client: Client, dictionary: FeatureDictionary, language: Language) -> list[Line]:
    """The facts of a group for one client; features that the dictionary doesn't know are left out."""
    known = ((fact, dictionary.features[fact.feature]) for fact in group.facts if fact.feature in dictionary.features)
    return [_line(fact, feature, client.value(fact.feature), language) for fact, feature in known]


def facts_html(client: Client, dictionary: FeatureDictionary, language: Language) -> str:
    """All groups as cards of description lists."""
    card = Markup('<section class="card" aria-labelledby="facts-{0}"><h2 id="facts-{0}">{1}</h2>{2}</section>')
    cards = Markup("").join(
        card.format(number, group.title, _list(lines(group, client, dictionary, language), language))
        for number, group in enumerate(groups(language))
    )
    return str(Markup('<div class="facts">{}</div>').format(cards))


def _list(facts: Sequence[Line], language: Language) -> Markup:
    if not any(line.known for line in facts):
        return Markup('<p class="soft">{}</p>').format(language.gettext("Nothing known."))
    row = Markup('<div><dt>{}</dt><dd class="{}">{}</dd></div>')
    rows = (row.format(line.label, "" if line.known else "soft", line.text) for line in facts)
    return Markup("<dl>{}</dl>").format(Markup("").join(rows))


def _line(fact: Fact, feature: Feature, value: Value, language: Language) -> Line:
    label = fact.label or feature.label.of(language.code) or feature.name
    if value is None:
        return Line(label, missing(language), known=False)
    if fact.text is not None and isinstance(value, float):
        return Line(label, fact.text(value), known=True)
    return Line(label, value_text(value, feature, language), known=True)
