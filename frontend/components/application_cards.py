"""What is known of an application, to be read; and the list of those that were stored."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from frontend.application.form import FEATURES, Step, base_features, extra, titles
from frontend.application.template import HEADER, unit
from frontend.clients.applications import ApplicationSummary
from frontend.clients.types import Feature, FeatureDictionary, Unit, Value
from frontend.components.chart_card import failure_text
from frontend.components.feature_search import label_of
from frontend.components.navigation import address
from frontend.components.reasons import message_html
from frontend.components.table_file import file_html
from frontend.components.values import value_text
from frontend.components.wording import decision_name
from frontend.editing import edit_text, edit_unit
from frontend.language import Language
from frontend.remote import Failed, Ready, Remote

PATH = "/demande"
_CARD = Markup('<section class="card" aria-labelledby="{id}"><h2 id="{id}">{title}</h2>{content}</section>')
_GROUP = Markup("<div><h3>{title}</h3><dl>{rows}</dl></div>")
_ROW = Markup("<div><dt>{label}</dt><dd>{text}</dd></div>")
_ITEM = Markup(
    '<li><a href="{link}"{current}>{name}</a><span class="soft">{detail}</span>'
    '<span class="{tone}"><span aria-hidden="true">{sign}</span> {proposal}</span></li>'
)


def values_html(values: Mapping[str, Value], dictionary: FeatureDictionary, language: Language) -> str:
    """The card of all known values, by step."""
    _ = language.gettext
    known = base_features(dictionary)
    named = titles(language)
    groups = []
    for step in Step:
        names = [*FEATURES[step], *(extra(values) if step is Step.OUTSIDE else ())]
        rows = [
            _ROW.format(
                label=label_of(known[name], language), text=given_text(name, values[name], dictionary, language)
            )
            for name in names
            if name in values and name in known
        ]
        if rows:
            groups.append(_GROUP.format(title=named[step], rows=Markup("").join(rows)))
    content = Markup('<div class="groups">{}</div>').format(Markup("").join(groups)) if groups else ""
    note = _("Everything else is not known, and counts as missing.")
    file = _values_file(values, known, language) if groups else ""
    content = Markup("{}{}{}").format(content, message_html(note), file)
    return str(_CARD.format(id="values", title=_("Information given"), content=content))


def _values_file(values: Mapping[str, Value], known: Mapping[str, Feature], language: Language) -> Markup:
    """The values as the file from which a person is imported."""
    rows = [
        (name, value, unit(known[name], language), label_of(known[name], language), " | ".join(known[name].categories))
        for name, value in values.items()
        if name in known
    ]
    return file_html("application", language.gettext("Information given"), HEADER, rows, language)


def given_text(name: str, value: Value, dictionary: FeatureDictionary, language: Language) -> str:
    """A value in the unit in which it is typed: an age in years, not a date of birth."""
    feature = dictionary.features[name]
    typed = edit_unit(feature, language)
    if feature.unit is Unit.DAYS and typed.factor < 0 and isinstance(value, int | float):
        return f"{edit_text(value, feature, language)} {typed.suffix}"
    return value_text(value, feature, language)


def recent_html(recent: Remote[Sequence[ApplicationSummary]], current: str, client: str, language: Language) -> str:
    """The card of the applications that were stored last; ``current`` is open, ``client`` is carried along."""
    _ = language.gettext
    match recent:
        case Ready(value=found) if found:
            items = Markup("").join(_item(one, current, client, language) for one in found)
            content = Markup("<ul>{}</ul>{}").format(items, _recent_file(found, language))
        case Ready():
            content = message_html(_("None yet."))
        case Failed(error=error):
            content = message_html(failure_text(error, language)[0])
        case _:
            content = message_html(_("Being read…"))
    return str(_CARD.format(id="recent", title=_("Recent applications"), content=content))


def _recent_file(found: Sequence[ApplicationSummary], language: Language) -> Markup:
    header = ("application", "reference", "stored_at", "income", "credit", "probability_of_repayment", "decision")
    rows = [
        (
            one.identifier,
            one.reference,
            one.stored_at,
            one.income,
            one.credit,
            one.score.probability_of_repayment,
            one.score.decision.value,
        )
        for one in found
    ]
    return file_html("applications", language.gettext("Recent applications"), header, rows, language)


def application_name(reference: str, stored_at: str, language: Language) -> str:
    """What an application is called: its reference, or its day."""
    return reference or language.gettext("Application of {day}").format(day=language.format.date(stored_at))


def _item(one: ApplicationSummary, current: str, client: str, language: Language) -> Markup:
    parameters = {"application": one.identifier, "client": client, "lang": language.code}
    amount = language.format.currency(one.credit) if one.credit is not None else ""
    percent = language.format.percent(one.score.probability_of_repayment)
    accepted = one.score.decision.value == "accept"
    return _ITEM.format(
        link=address(PATH, parameters),
        current=Markup(' aria-current="page"') if one.identifier == current else "",
        name=application_name(one.reference, one.stored_at, language),
        detail=" · ".join(text for text in (language.format.date(one.stored_at), amount, percent) if text),
        tone="favourable" if accepted else "unfavourable",
        sign="✓" if accepted else "✕",
        proposal=decision_name(one.score.decision, language),
    )
